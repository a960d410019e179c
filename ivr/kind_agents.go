package ivr

import (
	"slices"
	"time"
)

// signIn asks an agent for the PIN, unless it is known who calls.
type signIn struct {
	say  []sentence
	then string
}

func readSignIn(f *fields) kind { return &signIn{say: f.says("say"), then: f.choice()} }

func (k *signIn) enter(t *talk) string {
	t.greet(k.say, []sentence{})
	if t.SignedIn {
		return k.then
	}
	t.say(Prompt{Name: "ask_pin"})
	return t.listen(&Listen{Max: 12, Finish: "#", Wait: 8 * time.Second, Gap: 3 * time.Second})
}

func (k *signIn) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Heard && digits(e.Text, 1, 12):
		t.out.Book = &Book{Do: SignIn, Text: e.Text}
		return "", true
	case e.Kind == Done:
		return k.then, true
	case e.Kind == Refused:
		t.sorry = "wrong_pin"
	}
	return "", false
}

// duty makes an agent available, or not.
type duty struct {
	set, then, not string
}

// duties lists what an agent can say he does, and what he hears then.
var duties = map[string]string{"available": "you_available", "break": "you_break", "offline": "you_offline"}

func readDuty(f *fields) kind {
	return &duty{set: f.word("set", "available", "break", "offline"), then: f.next("then"), not: f.next("else")}
}

func (k *duty) enter(t *talk) string {
	t.out.Book = &Book{Do: Duty, Text: k.set}
	return ""
}

func (k *duty) hear(t *talk, e Event) (string, bool) {
	switch e.Kind {
	case Done:
		t.say(Prompt{Name: duties[k.set]})
		return k.then, true
	case Refused:
		return k.not, true
	default:
		return "", false
	}
}

// agenda reads out the callbacks that an agent has to make today, one by one.
// Which one was read out is remembered by its ID: key 1 means what was heard.
type agenda struct{ then string }

// The keys of the agenda.
const (
	keyCall = "1"
	keyNext = "2"
)

func readAgenda(f *fields) kind { return &agenda{then: f.choice()} }

func (k *agenda) enter(t *talk) string {
	i := slices.IndexFunc(t.Agenda, func(d Due) bool { return d.ID == t.Page })
	if t.Page == "" && len(t.Agenda) > 0 {
		i = 0
	}
	if i < 0 {
		t.say(Prompt{Name: "agenda_none"})
		return k.then
	}
	due := t.Agenda[i]
	t.Page = due.ID
	t.say(t.timed("agenda_at", due.At))
	if due.Name != "" {
		t.say(Prompt{Name: "brief_name", Text: due.Name})
	}
	if due.Topic != "" {
		t.say(Prompt{Name: "brief_topic", Text: due.Topic})
	}
	t.say(Prompt{Name: "press_call", Key: keyCall}, Prompt{Name: "press_next", Key: keyNext})
	return t.listen(&Listen{Max: 1, Wait: 6 * time.Second})
}

func (k *agenda) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Heard && e.Text == keyCall:
		t.out.Book = &Book{Do: Take, Text: t.Page}
		return "", true
	case e.Kind == Refused:
		t.say(Prompt{Name: "call_not_now"})
		return k.next(t), true
	case e.Kind == Heard && e.Text == keyNext:
		return k.next(t), true
	}
	return "", false
}

// next turns to the callback after the one that was read out. What is no longer
// on the list has nothing after it but its end.
func (k *agenda) next(t *talk) string {
	i := slices.IndexFunc(t.Agenda, func(d Due) bool { return d.ID == t.Page })
	if i < 0 || i+1 >= len(t.Agenda) {
		t.Page = ""
		t.say(Prompt{Name: "agenda_none"})
		return k.then
	}
	t.Page = t.Agenda[i+1].ID
	return t.Node
}

// hears returns the keys of the agenda.
func (k *agenda) hears() map[string]string { return map[string]string{keyCall: "", keyNext: ""} }
