package ivr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// jump is the kind "goto": it goes one way or another, by what is known.
type jump struct {
	when      func(*talk) bool // nil for always
	then, not string
}

// conditions lists what a menu may ask about. It is a closed set: a menu is
// not a program.
var conditions = map[string]func(*talk) bool{
	"callable":    func(t *talk) bool { return t.Caller.Callable && t.Caller.Phone != "" },
	"ask_consent": func(t *talk) bool { return t.MayAsk },
	"closed":      func(t *talk) bool { return !t.Open },
	"has_booking": func(t *talk) bool { return !t.Booking.IsZero() },
	"idle":        func(t *talk) bool { return t.Idle > 0 },
	"known":       func(t *talk) bool { return t.Caller.Known },
	"open":        func(t *talk) bool { return t.Open },
	"withheld":    func(t *talk) bool { return t.Caller.Phone == "" },
}

func readGoto(f *fields) kind {
	k := &jump{then: f.next("then")}
	f.shape("if", shape{"enum": slices.Sorted(maps.Keys(conditions))})
	n := f.get("if")
	if n == nil {
		f.shape("else", refShape)
		if n := f.get("else"); n != nil {
			f.fail(n, "else: without if:", "add if: or take else: out")
		}
		return k
	}
	name, ok := f.scalar(n, "if")
	k.when = conditions[name]
	if ok && k.when == nil {
		f.fail(n, fmt.Sprintf("if: does not know %q", name), "one of "+strings.Join(slices.Sorted(maps.Keys(conditions)), ", "))
	}
	k.not = f.next("else")
	return k
}

func (k *jump) enter(t *talk) string {
	if k.when == nil || k.when(t) {
		return k.then
	}
	return k.not
}

func (k *jump) hear(*talk, Event) (string, bool) { return "", false }
