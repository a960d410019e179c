package ivr

import "time"

// record has somebody speak what callers hear: the number of a prompt, the
// words after a tone, and then he hears them, and keeps them or not.
type record struct{ then string }

// The keys when a take was heard. Leaving is a key of all of the menu.
const (
	keyTake  = "1"
	keyAgain = "2"
)

// scriptDigits is the most digits that the number of a prompt has.
const scriptDigits = 6

// takes is how a take is made: it ends with #, or with a silence.
var takes = Record{Finish: "#", Max: 60 * time.Second, Pause: 4 * time.Second}

func readRecord(f *fields) kind { return &record{then: f.choice()} }

func (k *record) enter(t *talk) string {
	switch {
	case !t.MayRecord:
		t.say(Prompt{Name: "record_no"})
		return k.then
	case t.Script == "":
		t.say(Prompt{Name: "ask_prompt"})
		return t.listen(&Listen{Max: scriptDigits, Finish: "#", Wait: 8 * time.Second, Gap: 3 * time.Second})
	case t.Take == "":
		return k.speak(t)
	}
	t.say(Prompt{Name: "take_is"}, Prompt{Take: t.Take, Lang: t.Prompted.Lang},
		Prompt{Name: "press_keep_take", Key: keyTake}, Prompt{Name: "press_record", Key: keyAgain}, Prompt{Name: "press_leave", Key: "*"})
	return t.listen(&Listen{Max: 1, Wait: 8 * time.Second})
}

// speak says what callers hear now, and takes down what is said instead. A
// prompt that nobody says any more cannot be said anew.
func (k *record) speak(t *talk) string {
	if t.Prompted == nil {
		t.Script = ""
		t.say(Prompt{Name: "prompt_unknown"})
		return k.then
	}
	t.say(Prompt{Name: "prompt_is"}, *t.Prompted, Prompt{Name: "speak_now"})
	t.out.Record = &takes
	return ""
}

func (k *record) hear(t *talk, e Event) (string, bool) {
	switch {
	case t.Script == "", e.Text == t.Script:
		return k.chosen(t, e)
	case t.Take == "":
		return k.spoken(t, e)
	case e.Kind == Heard && e.Text == keyTake:
		t.out.Book = &Book{Do: KeepTake, Text: t.Take}
		return "", true
	case e.Kind == Done:
		t.say(Prompt{Name: "take_kept"})
		t.Script, t.Take = "", ""
		return t.Node, true
	case e.Kind == Refused:
		t.say(Prompt{Name: "take_lost"})
		t.Take = ""
		return t.Node, true
	case e.Kind == Heard && e.Text == keyAgain:
		t.Take = ""
		return t.Node, true
	}
	return "", false
}

// chosen takes the number of a prompt. The desk knows whether there is one, and
// answers with that number.
func (k *record) chosen(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Heard && digits(e.Text, 1, scriptDigits):
		t.Script = e.Text
		t.out.Book = &Book{Do: FindPrompt, Text: e.Text}
		return "", true
	case e.Kind == Done:
		return t.Node, true
	case e.Kind == Refused:
		t.Script, t.sorry = "", "prompt_unknown"
	}
	return "", false
}

// judged is what is said of a take that cannot be used, by the desk's reason.
var judged = map[string]string{TakeQuiet: "take_quiet", TakeLoud: "take_loud", TakeShort: "take_short"}

// spoken takes what was said; the desk hears whether it can be used.
func (k *record) spoken(t *talk, e Event) (string, bool) {
	switch e.Kind {
	case Recorded:
		t.out.Book = &Book{Do: JudgeTake, Text: e.Text}
		return "", true
	case Done:
		t.Take = e.Text
		return t.Node, true
	case Refused:
		name, ok := judged[e.Text]
		if !ok {
			name = "take_lost"
		}
		t.say(Prompt{Name: name})
		return t.Node, true
	default: // nothing was said
		t.sorry = "take_short"
	}
	return "", false
}

// hears returns the keys after a take.
func (k *record) hears() map[string]string { return map[string]string{keyTake: "", keyAgain: ""} }
