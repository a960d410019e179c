package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// jump is the kind "goto": it goes one way or another, by what is known.
type jump struct {
	when      func(*talk) bool // nil for always
	about     string           // the name of the condition; "" for always
	then, not string
}

// conditions lists what a menu may ask about. It is a closed set: a menu is
// not a program.
var conditions = map[string]func(*talk) bool{
	"callable":    func(t *talk) bool { return t.Caller.Callable && t.Caller.Phone != "" },
	"ask_consent": func(t *talk) bool { return t.MayAsk },
	"ask_survey":  func(t *talk) bool { return t.MaySurvey },
	"closed":      func(t *talk) bool { return !t.Open },
	"has_booking": func(t *talk) bool { return !t.Booking.IsZero() },
	"idle":        func(t *talk) bool { return t.Idle > 0 },
	"may_wait":    func(t *talk) bool { return t.MayWait },
	"known":       func(t *talk) bool { return t.Caller.Known },
	"open":        func(t *talk) bool { return t.Open },
	"vip":         func(t *talk) bool { return t.Caller.VIP },
	"withheld":    func(t *talk) bool { return t.Caller.Phone == "" },
}

// measured lists the conditions that have something behind them.
var measured = map[string]func(f *fields, n *yaml.Node, arg string) func(*talk) bool{
	"attempt_over": (*fields).attemptOver,
	"language":     (*fields).language,
	"wait_over":    (*fields).waitOver,
}

func readGoto(f *fields) kind {
	k := &jump{then: f.next("then")}
	f.shape("if", shape{"anyOf": []shape{
		{"enum": slices.Sorted(maps.Keys(conditions))},
		{"type": "string", "pattern": "^(language [a-z]{2,3}|attempt_over [0-9]+|wait_over [0-9hms.]+)$"},
	}})
	n := f.get("if")
	if n == nil {
		f.shape("else", refShape)
		if n := f.get("else"); n != nil {
			f.fail(n, "else: without if:", "add if: or take else: out")
		}
		return k
	}
	if text, ok := f.scalar(n, "if"); ok {
		k.when = f.condition(n, text)
		k.about, _, _ = strings.Cut(text, " ")
	}
	k.not = f.next("else")
	return k
}

// condition reads what must be so.
func (f *fields) condition(n *yaml.Node, text string) func(*talk) bool {
	name, arg, _ := strings.Cut(text, " ")
	if read, ok := measured[name]; ok {
		return read(f, n, strings.TrimSpace(arg))
	}
	if when, ok := conditions[text]; ok {
		return when
	}
	names := append(slices.Sorted(maps.Keys(conditions)), slices.Sorted(maps.Keys(measured))...)
	f.fail(n, fmt.Sprintf("if: does not know %q", text), cmp.Or(f.meant(name, names), "one of "+strings.Join(names, ", ")))
	return nil
}

// attemptOver: we call for more than the n-th time.
func (f *fields) attemptOver(n *yaml.Node, arg string) func(*talk) bool {
	most, err := strconv.Atoi(arg)
	if err != nil || most < 1 || most > 99 {
		f.fail(n, fmt.Sprintf("attempt_over takes a number from 1 to 99, not %q", arg), "write it like attempt_over 2")
	}
	return func(t *talk) bool { return t.brief().Attempt > most }
}

// language: the talk is held in it.
func (f *fields) language(n *yaml.Node, arg string) func(*talk) bool {
	if !slices.Contains(f.menu.languages, arg) {
		f.fail(n, fmt.Sprintf("the menu does not speak %q", arg), "it speaks "+strings.Join(f.menu.languages, ", "))
	}
	return func(t *talk) bool { return t.Lang == arg }
}

// waitOver: a person takes longer than that, at most, as far as anybody knows.
func (f *fields) waitOver(n *yaml.Node, arg string) func(*talk) bool {
	most, err := time.ParseDuration(arg)
	if err != nil || most < time.Second || most > 24*time.Hour {
		f.fail(n, fmt.Sprintf("wait_over takes a time span, not %q", arg), "write it like wait_over 5m")
	}
	return func(t *talk) bool { return t.Bound > most }
}

func (k *jump) enter(t *talk) string {
	if k.when == nil || k.when(t) {
		return k.then
	}
	return k.not
}

func (k *jump) hear(*talk, Event) (string, bool) { return "", false }
