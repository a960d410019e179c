package ivr

import "time"

// askNumber settles which number is to be called. The caller's own is read
// back; when it is withheld, or may not be called, or is not the right one,
// another is keyed in, asked of the desk, and read back.
type askNumber struct {
	say  []sentence
	then string
}

// The pages of askNumber, beside "" for the caller's own number.
const (
	pageKeyIn = "key"
	pageCheck = "check" // State.Phone is read back
)

func readAskNumber(f *fields) kind {
	return &askNumber{say: f.says("say"), then: f.choice()}
}

func (k *askNumber) enter(t *talk) string {
	if !t.seen {
		t.sayAll(k.say)
	}
	if t.Page == "" && !conditions["callable"](t) {
		t.Page = pageKeyIn
	}
	number := t.Caller.Phone
	switch t.Page {
	case pageKeyIn:
		t.say(Prompt{Name: "key_number"})
		return t.listen(&Listen{Max: 16, Finish: "#", Wait: 10 * time.Second, Gap: keyGap})
	case pageCheck:
		number = t.State.Phone
	}
	t.say(Prompt{Name: "number_is", Digits: number}, Prompt{Name: "press_right", Key: "1"}, Prompt{Name: "press_other_number", Key: "2"})
	return t.listen(&Listen{Max: 1, Wait: 8 * time.Second})
}

func (k *askNumber) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Number && e.Text != "" && t.Page == pageKeyIn:
		t.State.Phone, t.Page = e.Text, pageCheck
		return t.Node, true
	case e.Kind == Refused && t.Page == pageKeyIn:
		t.sorry = "number_refused"
		return "", false
	case e.Kind != Heard:
		return "", false
	case t.Page == pageKeyIn:
		return k.keyed(t, e.Text)
	case e.Text == "1" && t.Page == "":
		t.State.Phone = "" // the caller's own
		return k.then, true
	case e.Text == "1":
		return k.then, true
	case e.Text == "2":
		t.Page = pageKeyIn
		return t.Node, true
	}
	return "", false
}

func (k *askNumber) keyed(t *talk, number string) (string, bool) {
	if !digits(number, 3, 16) {
		t.sorry = "number_refused"
		return "", false
	}
	t.out.Book = &Book{Do: Check, Phone: number}
	return "", true
}

// hears returns the keys for the right number, and for another.
func (k *askNumber) hears() map[string]string { return map[string]string{"1": "", "2": ""} }
