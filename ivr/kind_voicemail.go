package ivr

import "time"

// voicemail lets a caller whom nobody can serve leave a message, where the queue
// takes any. Whom we cannot call back keys in a number first, or says it in the
// message. He hears that he is recorded; whoever hangs up then has not agreed,
// and whoever hangs up after he has spoken has left his message.
type voicemail struct{ then string }

// messagePause is the silence that ends a message.
const messagePause = 4 * time.Second

// pageSpeak is the page of voicemail on which the caller speaks, beside those of
// askNumber.
const pageSpeak = "speak"

func readVoicemail(f *fields) kind { return &voicemail{then: f.next("then")} }

func (k *voicemail) enter(t *talk) string {
	if t.Message <= 0 {
		return k.then
	}
	if t.Page == "" {
		t.Page = k.begin(t)
	}
	switch t.Page {
	case pageKeyIn:
		t.say(Prompt{Name: "number_or_say"})
		return t.listen(&Listen{Max: 16, Finish: "#", Wait: 6 * time.Second, Gap: keyGap})
	case pageCheck:
		t.say(Prompt{Name: "number_is", Digits: t.State.Phone}, Prompt{Name: "press_right", Key: "1"}, Prompt{Name: "press_other_number", Key: "2"})
		return t.listen(&Listen{Max: 1, Wait: 8 * time.Second})
	}
	t.say(Prompt{Name: "leave_message"})
	t.out.Record = &Record{Finish: "#", Max: t.Message, Pause: messagePause}
	return ""
}

// begin is the first page: whom we can call back speaks at once.
func (k *voicemail) begin(t *talk) string {
	if conditions["callable"](t) {
		t.State.Phone = "" // the caller's own
		return pageSpeak
	}
	if t.State.Phone != "" { // he has keyed in one before
		return pageCheck
	}
	return pageKeyIn
}

func (k *voicemail) hear(t *talk, e Event) (string, bool) {
	switch t.Page {
	case pageKeyIn:
		return k.number(t, e)
	case pageCheck:
		return k.right(t, e)
	}
	switch e.Kind {
	case Recorded:
		t.out.Book = &Book{Do: LeaveMessage, Text: e.Text, Phone: t.State.Phone}
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

// number takes the number of a caller whom we cannot call back. He may say
// nothing: then it is for the message.
func (k *voicemail) number(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Number && e.Text != "":
		t.State.Phone, t.Page = e.Text, pageCheck
	case e.Kind == Heard && digits(e.Text, 3, 16):
		t.out.Book = &Book{Do: Check, Phone: e.Text}
		return "", true
	case e.Kind == Silence:
		t.Page = pageSpeak
	case e.Kind == Heard, e.Kind == Refused:
		t.sorry = "number_refused"
		return "", false
	default:
		return "", false
	}
	return t.Node, true
}

// right takes the answer whether a number was understood.
func (k *voicemail) right(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Heard && e.Text == "1":
		t.Page = pageSpeak
	case e.Kind == Heard && e.Text == "2":
		t.Page, t.State.Phone = pageKeyIn, ""
	default:
		return "", false
	}
	return t.Node, true
}

// TakesMessage reports whether a node lets callers leave a message.
func (m *Menu) TakesMessage(node string) bool {
	_, ok := m.nodes[node].(*voicemail)
	return ok
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
