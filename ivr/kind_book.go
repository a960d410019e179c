package ivr

import "time"

// book makes, moves, keeps or cancels the promise to call.
type book struct {
	do      Do
	done    string // the prompt that says it is done
	then    string
	taken   string // when somebody else has the time
	refused string // when the number may not be called
}

// actions lists what a book node can do, and what it says then.
var actions = map[string]struct {
	do   Do
	done string
}{
	"confirm": {Confirm, "booked"},
	"move":    {Confirm, "moved"},
	"keep":    {Keep, "kept"},
	"cancel":  {Cancel, "cancelled"},
	"place":   {Place, "placed"},
}

func readBook(f *fields) kind {
	action := f.word("action", "confirm", "move", "keep", "cancel", "place")
	k := &book{do: actions[action].do, done: actions[action].done, then: f.next("then")}
	if k.promises() {
		k.taken, k.refused = f.next("taken"), f.next("refused")
	}
	return k
}

// promises reports whether the book makes a promise that was not there.
func (k *book) promises() bool { return k.do == Confirm || k.do == Place }

func (k *book) enter(t *talk) string {
	t.out.Book = &Book{Do: k.do}
	if k.promises() {
		t.out.Book.Phone = t.State.Phone
	}
	return ""
}

func (k *book) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Booked && k.do != Cancel:
		t.say(t.timed(k.done, e.At))
		return k.then, true
	case e.Kind == Cancelled && k.do == Cancel:
		t.say(Prompt{Name: k.done})
		return k.then, true
	case e.Kind == Taken && k.do == Place:
		return k.taken, true
	case e.Kind == Taken && k.do == Confirm:
		t.say(Prompt{Name: "taken"})
		t.Slots, t.Held = without(t.Slots, t.Held), time.Time{}
		return k.taken, true
	case e.Kind == Refused && k.promises():
		t.say(Prompt{Name: "number_refused"})
		return k.refused, true
	}
	return "", false
}
