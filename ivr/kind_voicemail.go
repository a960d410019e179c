package ivr

import "time"

// voicemail lets a caller whom nobody can serve leave a message, where the queue
// takes any. He hears first that he is recorded; whoever hangs up then has not
// agreed, and whoever hangs up after he has spoken has left his message.
type voicemail struct{ then string }

// messagePause is the silence that ends a message.
const messagePause = 4 * time.Second

func readVoicemail(f *fields) kind { return &voicemail{then: f.next("then")} }

func (k *voicemail) enter(t *talk) string {
	if t.Message <= 0 {
		return k.then
	}
	t.say(Prompt{Name: "leave_message"})
	t.out.Record = &Record{Finish: "#", Max: t.Message, Pause: messagePause}
	return ""
}

func (k *voicemail) hear(t *talk, e Event) (string, bool) {
	switch e.Kind {
	case Recorded:
		t.out.Book = &Book{Do: LeaveMessage, Text: e.Text}
		return "", true
	case Done:
		t.say(Prompt{Name: "message_kept"})
	case Silence:
		t.say(Prompt{Name: "message_none"})
	case Refused:
		sorry := "take_lost"
		if e.Text == TakeQuiet {
			sorry = "message_none"
		}
		t.say(Prompt{Name: sorry})
	default:
		return "", false
	}
	return k.then, true
}

// TakesMessages reports whether callers may come to leave a message.
func (m *Menu) TakesMessages() bool {
	for _, k := range m.nodes {
		if _, ok := k.(*voicemail); ok {
			return true
		}
	}
	return false
}
