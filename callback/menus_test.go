package callback_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// simple is a menu with one question, whose node has a name of its own.
func simple(t *testing.T, node, words string) *ivr.Menu {
	t.Helper()
	src := fmt.Sprintf(`start: %[1]s
stuck: ring
nodes:
  %[1]s: {do: menu, say: {en: %[2]q}, keys: {1: {label: {en: "more"}, to: more}}}
  more: {do: say, say: {en: "more of %[2]s"}, then: ring}
  ring: {do: connect, to: agents, then: bye, busy: bye}
  bye: {do: end}
`, node, words)
	m, err := ivr.Parse("main.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// use puts another main menu before the desk.
func (w *world) use(main *ivr.Menu, trial callback.Trial) {
	w.Helper()
	s := callback.MenuSet{Menus: maps.Clone(w.Live().Menus)}
	s.Menus["main"] = main
	if trial.Menu != nil {
		s.Trials = map[string]callback.Trial{"main": trial}
	}
	if err := w.Use(w.Context(), s, "shell:anna"); err != nil {
		w.Fatal(err)
	}
}

// A talk goes on in the version it began with, also in the next process.
func TestTalkKeepsItsVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v1, v2 := simple(t, "first", "one"), simple(t, "second", "two")
	w.use(v1, callback.Trial{})
	before, across := w.calls(aino).hears("one"), w.calls(eero).hears("one")
	w.use(v2, callback.Trial{})
	before.presses("1").hears("more of one")
	w.calls(aino).hears("two").presses("1").hears("more of two")

	next := w.restart(t)
	next.use(v2, callback.Trial{})
	across.w = next
	across.presses("1").hears("more of one")
	if got := next.journalled("menu.live", "main"); got != 2 {
		t.Errorf("the journal has %d changes of main, want 2", got)
	}
}

// A version that nobody has any more is no reason to lose a caller.
func TestVersionThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Menus["main"] = simple(t, "first", "one") // never written down
	caller := w.calls(aino).hears("one")
	next := w.restart(t)
	next.use(simple(t, "second", "two"), callback.Trial{})
	caller.w = next
	if caller.presses("1"); caller.turn.Connect == nil {
		t.Errorf("got %+v, want an agent: the menu has no node of that name", caller.turn)
	}
}

// A survey that left with one version is answered in that version.
func TestSurveyKeepsItsVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.speaks(aino)
	asked := w.Live().Menus["survey"].Version()
	w.pass(w.Survey.Delay.Duration())
	w.wantTexts("csat")
	other, err := ivr.Parse("survey.yaml", []byte("for: text\nstart: other\nstuck: bye\nnodes:\n"+
		"  other: {do: ask, say: nps, save: nps, answers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], stop: bye, then: bye}\n  bye: {do: end}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := callback.MenuSet{Menus: maps.Clone(w.Live().Menus)}
	if err := w.Use(t.Context(), s, "start"); err != nil {
		t.Fatal(err)
	}
	s = callback.MenuSet{Menus: maps.Clone(s.Menus)}
	s.Menus["survey"] = other
	if err := w.Use(t.Context(), s, "file"); err != nil {
		t.Fatal(err)
	}
	next := w.restart(t)
	if err := next.Use(t.Context(), s, "start"); err != nil {
		t.Fatal(err)
	}
	if !next.reply(aino, "r1", "4") {
		t.Error("nobody expected the answer")
	}
	if got := next.figures(); got.Scores["csat"][4] != 1 {
		t.Errorf("counted %+v, want csat 4 as version %s asks it", got.Scores, asked)
	}
}

// The same caller meets the same version, and about the share meets the trial.
func TestTrial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, draft := simple(t, "first", "one"), simple(t, "second", "two")
	w.use(old, callback.Trial{Menu: draft, Share: 30})
	hears := func(p callback.Phone) string { return said(w.calls(p).turn) }
	on := 0
	const callers = 200
	for n := range callers {
		p := callback.Phone(fmt.Sprintf("+35840%07d", n))
		first := hears(p)
		if strings.Contains(first, "two") {
			on++
		}
		if n%10 == 0 && hears(p) != first {
			t.Errorf("%s meets both versions", p)
		}
	}
	if on < callers*15/100 || on > callers*45/100 {
		t.Errorf("%d of %d callers are on trial, want about 30%%", on, callers)
	}
	w.use(draft, callback.Trial{})
	if got := hears(aino); !strings.Contains(got, "two") {
		t.Errorf("heard %q after the trial was promoted", got)
	}
	for kind, want := range map[string]int{"menu.live": 2, "menu.trial": 1, "menu.promoted": 1} {
		if got := w.journalled(kind, "main"); got != want {
			t.Errorf("%s: %d lines in the journal, want %d", kind, got, want)
		}
	}
}

// What callers do is counted when they are gone, by version and node.
func TestTallies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(simple(t, "first", "one"), callback.Trial{})
	version := w.Live().Menus["main"].Version()
	a := w.calls(aino)
	w.pass(4e9)
	a.presses("7")
	w.pass(2e9)
	a.event(ivr.Event{Kind: ivr.Silence})
	w.pass(1e9)
	a.event(ivr.Event{Kind: ivr.Gone})
	w.calls(eero).presses("1").event(ivr.Event{Kind: ivr.Spoke})
	var all []walk.Tally
	w.view(func(tx callback.Tx) (err error) {
		all, err = tx.Tallies(walk.Filter{Menu: "main", Version: version})
		return err
	})
	got := map[string]int{}
	for _, c := range all {
		got[c.Node+" "+c.Way] += c.N
		if c.Node == "first" && c.Way == walk.WayIn && c.Time.Seconds() != 7 {
			t.Errorf("callers were at first for %s, want 7s", c.Time)
		}
	}
	for what, want := range map[string]int{
		" in": 2, " end gone": 1, " end person": 1, "first in": 2, "first wrong": 1, "first silence": 1, "first gone": 1,
		" took 18": 1, "first took 18": 1, "first key 1": 1, "first > more": 1, "more > ring": 1, "ring in": 1, "ring spoke": 1,
	} {
		if got[what] != want {
			t.Errorf("%q: counted %d, want %d", what, got[what], want)
		}
	}
	if about := walk.Took(18); about < 6*time.Second || about > 8*time.Second {
		t.Errorf("class 18 is about %s, want about 7s", about)
	}
	if t.Failed() {
		t.Log(got)
	}
}

// Of what people key in, single keys alone are kept beside what the menu saves.
func TestWalkKeepsNoNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls("").presses("1", "1")
	p.event(ivr.Event{Kind: ivr.Heard, Text: "0401234567"})
	w.view(func(tx callback.Tx) error {
		k, err := tx.Talk(p.talk)
		many := 0
		for _, s := range k.Walk {
			if len(s.Text) > len("in_flight") {
				t.Errorf("the walk has %+v", s)
			}
			if s.Text == walk.Many {
				many++
			}
		}
		if many != 1 || k.Version == "" {
			t.Errorf("got version %q and walk %+v, want many keys once", k.Version, k.Walk)
		}
		return err
	})
}
