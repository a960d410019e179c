package dispatch

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What rapid draws is the same in every run, so that what fails fails for everybody;
// -rapid.seed=0 draws anew.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	m.Run()
}

// A team serves by a rule whoever waits for it, as a model: who came is known by
// number, and so is every agent.
type team struct {
	t     *rapid.T
	rule  Rule
	now   time.Time
	live  []Person
	due   []Person
	idle  []int
	kept  map[int]string // agents who are kept for a customer
	talks map[int]string // and who talk, with whom
	dials []string       // customers who are called without an agent
	came  int
	done  map[string]int
}

func newTeam(t *rapid.T) *team {
	tm := &team{t: t, rule: Default(), now: noon, kept: map[int]string{}, talks: map[int]string{}, done: map[string]int{}}
	tm.rule.Policy = rapid.SampledFrom([]Policy{Deadline, FIFO}).Draw(t, "policy")
	tm.rule.Spare = rapid.IntRange(0, 3).Draw(t, "spare")
	for a := range rapid.IntRange(1, 6).Draw(t, "agents") {
		tm.idle = append(tm.idle, a)
	}
	return tm
}

func (tm *team) name() string {
	tm.came++
	return fmt.Sprint(tm.came)
}

func (tm *team) calls() { tm.live = append(tm.live, Person{ID: tm.name(), Since: tm.now}) }

// promised lets a promise fall due, behind those that end no later.
func (tm *team) promised() {
	p := Person{ID: tm.name(), Since: tm.now, By: tm.now.Add(time.Duration(rapid.IntRange(1, 60).Draw(tm.t, "window")) * time.Minute)}
	p.Kept = rapid.Bool().Draw(tm.t, "place kept")
	at := slices.IndexFunc(tm.due, func(o Person) bool { return o.By.After(p.By) })
	if at < 0 {
		at = len(tm.due)
	}
	tm.due = slices.Insert(tm.due, at, p)
}

// serve does what the rule says for as long as it chooses somebody.
func (tm *team) serve() {
	for {
		v := View{Now: tm.now, Live: tm.live, Due: tm.due, Idle: len(tm.idle), Dials: len(tm.dials)}
		c, ok := tm.rule.Next(v)
		if !ok {
			return
		}
		if !c.Person.Called && len(tm.idle) <= len(tm.dials) {
			tm.t.Fatalf("serves one more with %d agents free, and %d calls out", len(tm.idle), len(tm.dials))
		}
		switch {
		case c.Live:
			tm.live = tm.takes(tm.live, c.Person)
			tm.talk(c.Person.ID)
		case c.Reserve:
			tm.due = tm.takes(tm.due, c.Person)
			tm.kept[tm.agent()] = c.Person.ID
		default:
			tm.due = tm.takes(tm.due, c.Person)
			tm.dials = append(tm.dials, c.Person.ID)
		}
	}
}

// takes takes somebody out of a list, in which nobody may be before him.
func (tm *team) takes(from []Person, p Person) []Person {
	for _, o := range from {
		switch {
		case o.ID == p.ID:
		case o.By.Before(p.By):
			tm.t.Fatalf("promise %s ends at %s and goes before %s, which ends at %s", p.ID, p.By, o.ID, o.By)
		case p.By.IsZero() && !p.Called && o.Since.Before(p.Since):
			tm.t.Fatalf("caller %s goes before %s, who came sooner", p.ID, o.ID)
		case o.Called && !p.Called:
			tm.t.Fatalf("%s goes before %s, whom we have called", p.ID, o.ID)
		}
	}
	left := slices.DeleteFunc(slices.Clone(from), func(o Person) bool { return o.ID == p.ID })
	if len(left) != len(from)-1 {
		tm.t.Fatalf("%s is served, and waits %d times", p.ID, len(from)-len(left))
	}
	return left
}

// agent takes a free agent, who must have nothing else to do.
func (tm *team) agent() int {
	a := tm.idle[0]
	tm.idle = tm.idle[1:]
	if tm.kept[a] != "" || tm.talks[a] != "" {
		tm.t.Fatalf("agent %d is taken twice", a)
	}
	return a
}

func (tm *team) talk(who string) { tm.talks[tm.agent()] = who }

// over ends a call, once.
func (tm *team) over(who string) {
	if tm.done[who]++; tm.done[who] > 1 {
		tm.t.Fatalf("%s is served twice", who)
	}
}

// parts ends the talk of the first agent who has one.
func (tm *team) parts() {
	for a := range 6 {
		if who := tm.talks[a]; who != "" {
			delete(tm.talks, a)
			tm.idle = append(tm.idle, a)
			tm.over(who)
			return
		}
	}
}

// answers has a customer take the call for whom an agent is kept, or miss it.
func (tm *team) answers() {
	takes := rapid.Bool().Draw(tm.t, "takes")
	for a := range 6 {
		if who := tm.kept[a]; who != "" {
			delete(tm.kept, a)
			if takes {
				tm.talks[a] = who
				return
			}
			tm.idle = append(tm.idle, a)
			tm.over(who)
			return
		}
	}
}

// presses has a customer press the key for whom no agent is kept: he speaks with
// one who is free, or waits before everybody else.
func (tm *team) presses() {
	if len(tm.dials) == 0 {
		return
	}
	who := tm.dials[0]
	tm.dials = tm.dials[1:]
	if len(tm.idle) > 0 {
		tm.talk(who)
		return
	}
	tm.live = append(tm.live, Person{ID: who, Since: tm.now, Called: true})
	slices.SortStableFunc(tm.live, CalledFirst)
}

// leaves has an agent leave who is free, whoever counts on him, unless he is the
// last.
func (tm *team) leaves() {
	if n := len(tm.idle); n > 0 && n+len(tm.kept)+len(tm.talks) > 1 {
		tm.idle = tm.idle[1:]
	}
}

// TestEverybodyIsServedOnce lets callers and customers do whatever they like.
// Nobody is lost or served twice, no agent has two calls, promises go in the order
// of their ends, callers in the order of their coming, and no call is made that no
// agent could take.
func TestEverybodyIsServedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tm := newTeam(t)
		acts := []func(){tm.calls, tm.promised, tm.promised, tm.parts, tm.parts, tm.answers, tm.presses, tm.leaves}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			tm.now = tm.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "seconds")) * time.Second)
			rapid.SampledFrom(acts).Draw(t, "act")()
			tm.serve()
			inHand := len(tm.live) + len(tm.due) + len(tm.kept) + len(tm.talks) + len(tm.dials) + len(tm.done)
			if inHand != tm.came {
				t.Fatalf("%d came, and %d are known", tm.came, inHand)
			}
		}
		for range 4 * tm.came {
			tm.parts()
			tm.answers()
			tm.presses()
			tm.serve()
		}
		if len(tm.done) != tm.came {
			t.Fatalf("%d of %d were served; %d wait on the line, %d for their calls", len(tm.done), tm.came, len(tm.live), len(tm.due))
		}
	})
}

// TestAmongIsFair holds that for an agent of several queues the choice is that of
// one of them, that no promise which would break sooner is passed over, and that
// the order in which queues are written decides nothing.
func TestAmongIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var views []View
		var rule Rule
		for n := range rapid.IntRange(1, 5).Draw(t, "queues") {
			r, v := drawn(t)
			for i := range v.Live {
				v.Live[i].ID = fmt.Sprint(n, "live", i)
			}
			for i := range v.Due {
				v.Due[i].ID = fmt.Sprint(n, "due", i)
			}
			rule, views = r, append(views, v)
		}
		c, at := rule.Among(views)
		if at < 0 {
			for _, v := range views {
				if _, ok := rule.Next(v); ok {
					t.Fatal("somebody can be served, and nobody is chosen")
				}
			}
			return
		}
		if own, ok := rule.Next(views[at]); !ok || own != c {
			t.Fatalf("chose %v, and the queue itself %v, %v", c, own, ok)
		}
		for _, v := range views {
			o, ok := rule.Next(v)
			if ok && rule.Policy == Deadline && !o.Live && rule.near(v) && (c.Live || c.Person.By.After(o.Person.By)) {
				t.Fatalf("%v goes before %v, whose promise would break", c, o)
			}
		}
		slices.Reverse(views)
		back, _ := rule.Among(views)
		if !back.Person.Since.Equal(c.Person.Since) && !back.Person.By.Equal(c.Person.By) {
			t.Fatalf("chose %v, and %v of the same queues the other way round", c, back)
		}
	})
}
