package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func after(minutes float64) time.Time {
	return noon.Add(time.Duration(minutes * float64(time.Minute)))
}

func TestNext(t *testing.T) {
	t.Parallel()
	live := func(since float64) Person { return Person{ID: "live", Since: after(since)} }
	due := func(since, by float64) Person { return Person{ID: "due", Since: after(since), By: after(by)} }
	kept := func(since, by float64) Person {
		return Person{ID: "due", Since: after(since), By: after(by), Kept: true}
	}
	fifo := Default()
	fifo.Policy = FIFO
	adaptive := Default()
	adaptive.Spare = Adaptive
	for _, tt := range []struct {
		name string
		rule Rule
		view View
		want string
	}{
		{"nobody waits", Default(), View{Idle: 3}, "nobody"},
		{"nobody is free", Default(), View{Live: []Person{live(-1)}}, "nobody"},
		{"only a caller", Default(), View{Live: []Person{live(-1)}, Idle: 1}, "live"},
		{"only a promise", Default(), View{Due: []Person{due(0, 15)}, Idle: 1}, "due, kept agent"},
		{"a promise that can wait lets callers pass", Default(), View{Live: []Person{live(-1)}, Due: []Person{due(-2, 13)}, Idle: 1}, "live"},
		{"a promise that would break goes first", Default(), View{Live: []Person{live(-30)}, Due: []Person{due(-11, 4)}, Idle: 1}, "due, kept agent"},
		{"many promises go earlier", Default(), View{Live: []Person{live(-1)}, Due: slices.Repeat([]Person{due(0, 14)}, 20), Idle: 1}, "due, kept agent"},
		{"a promise long past its time goes before who came later", Default(), View{Live: []Person{live(-1)}, Due: []Person{due(-6, 9)}, Idle: 1}, "due, kept agent"},
		{"not before who came earlier", Default(), View{Live: []Person{live(-7)}, Due: []Person{due(-6, 9)}, Idle: 1}, "live"},
		{"whose place was kept has it at once", Default(), View{Live: []Person{live(-1)}, Due: []Person{kept(-2, 30)}, Idle: 1}, "due, kept agent"},
		{"in order of coming", fifo, View{Live: []Person{live(-30)}, Due: []Person{due(-11, 4)}, Idle: 1}, "live"},
		{"no agent is kept while many are idle", adaptive, View{Due: []Person{due(0, 15)}, Idle: 2}, "due"},
		{"one is kept when few are idle", adaptive, View{Due: []Person{due(0, 15)}, Idle: 1}, "due, kept agent"},
		{"calls that are out count", adaptive, View{Due: []Person{due(0, 15)}, Idle: 3, Dials: 2}, "due, kept agent"},
		{"no more calls than agents", adaptive, View{Due: []Person{due(0, 1)}, Idle: 2, Dials: 2}, "nobody"},
		{"a promise goes first from eight and a half minutes before its end", Default(), View{Live: []Person{live(-30)}, Due: []Person{due(-1, 8.49)}, Idle: 1}, "due, kept agent"},
		{"and not before", Default(), View{Live: []Person{live(-30)}, Due: []Person{due(-1, 8.51)}, Idle: 1}, "live"},
		{"half a minute earlier for each that is due", Default(), View{Live: []Person{live(-30)}, Due: slices.Repeat([]Person{due(-1, 9.99)}, 4), Idle: 1}, "due, kept agent"},
		{"and not more", Default(), View{Live: []Person{live(-30)}, Due: slices.Repeat([]Person{due(-1, 10.01)}, 4), Idle: 1}, "live"},
		{"a promise may be five minutes past its time", Default(), View{Live: []Person{live(-1)}, Due: []Person{due(-4.99, 20)}, Idle: 1}, "live"},
		{"and not longer", Default(), View{Live: []Person{live(-1)}, Due: []Person{due(-5.01, 20)}, Idle: 1}, "due, kept agent"},
		{"whom we have called has the agent who is left for a call", Default(), View{Live: []Person{{ID: "called", Since: noon, Called: true}}, Idle: 1, Dials: 1}, "called"},
		{"who is on the line goes before who came in the same instant", Default(), View{Live: []Person{live(-2)}, Due: []Person{kept(-2, 30)}, Idle: 1}, "live"},
		{"and goes before a promise that would break", Default(), View{Live: []Person{{ID: "called", Since: noon, Called: true}}, Due: []Person{due(-12, 1)}, Idle: 1}, "called"},
		{"but not without an agent", Default(), View{Live: []Person{{ID: "called", Since: noon, Called: true}}}, "nobody"},
		{"callers leave the agent of a call that is out", adaptive, View{Live: []Person{live(-9)}, Idle: 1, Dials: 1}, "nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.view.Now = noon
			if got := words(tt.rule.Next(tt.view)); got != tt.want {
				t.Errorf("next is %s, want %s", got, tt.want)
			}
		})
	}
}

func words(c Choice, ok bool) string {
	switch {
	case !ok:
		return "nobody"
	case c.Reserve:
		return c.Person.ID + ", kept agent"
	}
	return c.Person.ID
}

func TestAmong(t *testing.T) {
	t.Parallel()
	views := []View{
		{Now: noon, Idle: 1, Live: []Person{{ID: "early", Since: after(-20)}}},
		{Now: noon, Idle: 1, Due: []Person{{ID: "soon", Since: after(-12), By: after(3)}}},
		{Now: noon, Idle: 1, Due: []Person{{ID: "sooner", Since: after(-13), By: after(2)}}},
		{Now: noon, Idle: 0, Due: []Person{{ID: "not mine", Since: after(-14), By: after(1)}}},
	}
	for _, want := range []string{"sooner", "soon", "early", ""} {
		c, at := Default().Among(views)
		if c.Person.ID != want {
			t.Fatalf("chose %q, want %q", c.Person.ID, want)
		}
		if at >= 0 {
			views[at] = View{Now: noon}
		}
	}
}

// TestAmongRanks holds who goes first of several queues whose first ones differ in
// everything that counts.
func TestAmongRanks(t *testing.T) {
	t.Parallel()
	fifo := Default()
	fifo.Policy = FIFO
	one := func(p Person) View {
		if p.By.IsZero() {
			return View{Now: noon, Idle: 1, Live: []Person{p}}
		}
		return View{Now: noon, Idle: 1, Due: []Person{p}}
	}
	called := Person{ID: "called", Since: after(0), Called: true}
	before := Person{ID: "called before", Since: after(-5), Called: true}
	early := Person{ID: "early", Since: after(-40)}
	long := Person{ID: "long window", Since: after(-30), By: after(3)}
	short := Person{ID: "short window", Since: after(-5), By: after(2)}
	far := Person{ID: "far", Since: after(-35), By: after(30)}
	for _, tt := range []struct {
		name string
		rule Rule
		all  []Person
		want string
	}{
		{"whom we have called before a promise that would break", Default(), []Person{short, called}, "called"},
		{"of two whom we have called, who was promised it first", Default(), []Person{called, before}, "called before"},
		{"a promise that would break before who came first", Default(), []Person{early, long}, "long window"},
		{"of those, the one that ends first, whenever it was due", Default(), []Person{long, short}, "short window"},
		{"one that can wait only in its turn", Default(), []Person{far, early}, "early"},
		{"and in its turn before who came later", Default(), []Person{far, {ID: "late", Since: after(-34)}}, "far"},
		{"in the order of coming, nothing is urgent", fifo, []Person{early, long, short}, "early"},
	} {
		var views, back []View
		for _, p := range tt.all {
			views, back = append(views, one(p)), slices.Insert(back, 0, one(p))
		}
		for _, v := range [][]View{views, back} {
			if c, _ := tt.rule.Among(v); c.Person.ID != tt.want {
				t.Errorf("%s: chose %q, want %q", tt.name, c.Person.ID, tt.want)
			}
		}
	}
}

// Whom we have called go before who called us, and keep their order.
func TestCalledFirst(t *testing.T) {
	t.Parallel()
	line := []Person{{ID: "a"}, {ID: "B", Called: true}, {ID: "c"}, {ID: "D", Called: true}}
	slices.SortStableFunc(line, CalledFirst)
	got := ""
	for _, p := range line {
		got += p.ID
	}
	if got != "BDac" {
		t.Errorf("served in the order %s", got)
	}
}

// drawn draws a queue at one instant.
func drawn(t *rapid.T) (Rule, View) {
	moment := rapid.Custom(func(t *rapid.T) time.Time { return after(float64(rapid.IntRange(-90, 90).Draw(t, "minute"))) })
	person := rapid.Custom(func(t *rapid.T) Person {
		since := moment.Draw(t, "since")
		return Person{ID: fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "id")), Since: since, By: since.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "window")) * time.Minute), Kept: rapid.Bool().Draw(t, "kept")}
	})
	v := View{
		Now: noon, Live: rapid.SliceOfN(person, 0, 20).Draw(t, "live"), Due: rapid.SliceOfN(person, 0, 20).Draw(t, "due"),
		Idle: rapid.IntRange(0, 5).Draw(t, "idle"), Dials: rapid.IntRange(0, 5).Draw(t, "dials"),
	}
	slices.SortStableFunc(v.Live, func(a, b Person) int { return a.Since.Compare(b.Since) })
	slices.SortStableFunc(v.Due, func(a, b Person) int { return a.By.Compare(b.By) })
	r := Default()
	r.Policy = rapid.SampledFrom([]Policy{Deadline, FIFO}).Draw(t, "policy")
	r.Spare = rapid.IntRange(0, 3).Draw(t, "spare")
	return r, v
}

// TestRule holds what is true of every decision.
func TestRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, v := drawn(t)
		c, ok := r.Next(v)
		waiting, free := len(v.Live)+len(v.Due) > 0, v.Idle > v.Dials
		if ok != (waiting && free) {
			t.Fatalf("chose: %v; somebody waits: %v, somebody is free: %v", ok, waiting, free)
		}
		if !ok {
			return
		}
		if c.Live && c.Person != v.Live[0] || !c.Live && c.Person != v.Due[0] {
			t.Fatalf("chose %v, who is not the first of his list", c.Person)
		}
		if c.Live && c.Reserve {
			t.Fatal("an agent is kept for a caller on the line")
		}
		if c.Live && r.Policy == Deadline && len(v.Due) > 0 && v.Due[0].By.Sub(v.Now) < r.Near {
			t.Fatalf("a caller goes before a promise that ends in %s", v.Due[0].By.Sub(v.Now))
		}
		if !c.Live && len(v.Live) > 0 && r.Policy == FIFO && v.Live[0].Since.Before(c.Person.Since) {
			t.Fatal("who came later goes first")
		}
		if !c.Live && !c.Reserve && v.Idle-v.Dials < r.Spare {
			t.Fatal("a call leaves without an agent although few are idle")
		}
	})
}

// TestPatience holds that a promise which goes first does so from then on: no
// decision is taken back because time went by.
func TestPatience(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, v := drawn(t)
		before, ok := r.Next(v)
		if !ok || before.Live {
			return
		}
		v.Now = v.Now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "later")) * time.Second)
		if now, _ := r.Next(v); now.Person != before.Person {
			t.Fatal("a promise went first, and later did not")
		}
	})
}

// TestDials holds that whoever follows the rule never has more calls out than
// agents who could take them, whatever happens in between.
func TestDials(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Default()
		r.Spare = rapid.IntRange(0, 3).Draw(t, "spare")
		idle, dials, reserved, busy := rapid.IntRange(1, 5).Draw(t, "agents"), 0, 0, 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			v := View{Now: noon, Idle: idle, Dials: dials}
			v.Live = make([]Person, rapid.IntRange(0, 2).Draw(t, "live"))
			v.Due = make([]Person, rapid.IntRange(0, 2).Draw(t, "due"))
			c, ok := r.Next(v)
			switch {
			case ok && c.Live:
				idle, busy = idle-1, busy+1
			case ok && c.Reserve:
				idle, reserved = idle-1, reserved+1
			case ok:
				dials++
			case dials > 0 && rapid.Bool().Draw(t, "answered"):
				dials, idle, busy = dials-1, idle-1, busy+1
			case dials > 0:
				dials--
			case reserved > 0:
				reserved, idle = reserved-1, idle+1
			case busy > 0:
				busy, idle = busy-1, idle+1
			}
			if dials > idle {
				t.Fatalf("%d calls are out, and %d agents are free", dials, idle)
			}
		}
	})
}

// The largest floor there is: 50 queues with 1,000 agents, 10,000 callers on
// the line and 100,000 promises that are due.
func floor() []View {
	views := make([]View, 50)
	for q := range views {
		v := View{Now: noon, Idle: 20}
		for i := range 200 {
			v.Live = append(v.Live, Person{ID: "live", Since: after(float64(-i * (q + 1) % 97))})
		}
		for i := range 2000 {
			by := after(float64(i*(q+1)%331 - 10))
			v.Due = append(v.Due, Person{ID: "due", Since: by.Add(-15 * time.Minute), By: by})
		}
		slices.SortFunc(v.Live, func(a, b Person) int { return a.Since.Compare(b.Since) })
		slices.SortFunc(v.Due, func(a, b Person) int { return cmp.Compare(a.By.UnixMilli(), b.By.UnixMilli()) })
		views[q] = v
	}
	return views
}

func TestDecisionAllocatesNothing(t *testing.T) {
	views, r := floor(), Default()
	if n := testing.AllocsPerRun(100, func() { r.Among(views) }); n != 0 {
		t.Errorf("a decision allocates %v times", n)
	}
}

// BenchmarkAmong takes one decision for an agent who works for all 50 queues.
func BenchmarkAmong(b *testing.B) {
	views, r := floor(), Default()
	b.ReportAllocs()
	for b.Loop() {
		r.Among(views)
	}
}
