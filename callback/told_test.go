package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// told is what a party was told when he joined the line.
func (w *world) told(p *party) callback.Told {
	w.Helper()
	var told callback.Told
	w.view(func(tx callback.Tx) (err error) {
		told, err = tx.Told(p.talk)
		return err
	})
	return told
}

// A bound holds for who waits as long as it says, and not for who waits a second
// longer. The error is how far the mean of the estimate was from the truth.
func TestBoundHolds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		waits func(callback.Told) time.Duration
		held  int
		far   string
	}{
		{"as long as the bound", func(told callback.Told) time.Duration { return told.Bound }, 1, figures.Less},
		{"a second longer", func(told callback.Told) time.Duration { return told.Bound + time.Second }, 0, figures.Less},
		{"ten seconds less than the mean", func(told callback.Told) time.Duration { return told.Mean - 10*time.Second }, 1, figures.Over},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t)
			p := w.calls(aino).presses("0").hears("wait_most")
			told, before := w.told(p), w.counts()
			if told.Bound <= told.Mean {
				t.Fatalf("told %+v", told)
			}
			waits := tt.waits(told)
			w.pass(waits)
			w.frees("bo")
			w.rings(0)
			w.party(p.called(true).connect().Talk).presses("1")
			after := w.counts()
			if n := after[figures.Told].N - before[figures.Told].N; n != 1 {
				t.Errorf("%d count as told, want 1", n)
			}
			if n := after[figures.Held].N - before[figures.Held].N; n != tt.held {
				t.Errorf("told %s and waited %s: %d held, want %d", told.Bound, waits, n, tt.held)
			}
			if off := after[tt.far].Time - before[tt.far].Time; off != (waits - told.Mean).Abs() {
				t.Errorf("told %s on average and waited %s: off by %s", told.Mean, waits, off)
			}
		})
	}
}

// How a wait ended is counted once, by what came of it, with how long it was.
func TestEndsOfWaits(t *testing.T) {
	t.Parallel()
	const home = 5 * time.Hour // until the team goes home
	for _, tt := range []struct {
		name string
		end  func(*world, *party)
		how  string
		wait time.Duration
	}{
		{"he takes a callback", func(_ *world, p *party) {
			p.presses("1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
		}, figures.Deferred, 40 * time.Second},
		{"he hangs up", func(_ *world, p *party) { p.event(ivr.Event{Kind: ivr.Gone}) }, figures.Abandoned, 40 * time.Second},
		{"the team goes home", func(w *world, p *party) {
			w.at("17:00")
			p.event(ivr.Event{Kind: ivr.Silence}).hears("goodbye")
		}, figures.Unserved, home},
		{"an agent takes it", func(w *world, p *party) {
			w.frees("bo")
			w.rings(0)
			w.party(p.called(true).connect().Talk).presses("1")
		}, figures.Answered, 40 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t)
			if tt.how == figures.Unserved {
				w.Menus["main"] = parses(t, lineOrBye)
			}
			before := w.counts()
			p := w.calls(aino)
			if tt.how != figures.Unserved {
				p.presses("0")
			}
			p.hears("next_in_line")
			w.pass(40 * time.Second)
			tt.end(w, p)
			after := w.counts()
			for _, how := range []string{figures.Answered, figures.Abandoned, figures.Deferred, figures.Unserved} {
				n, waited := after[how].N-before[how].N, after[how].Time-before[how].Time
				if how == tt.how && (n != 1 || waited != tt.wait) || how != tt.how && n != 0 {
					t.Errorf("%s is counted %d times, with %s", how, n, waited)
				}
			}
		})
	}
}

// lineOrBye is a menu that ends the call of who waits when the team goes home.
const lineOrBye = `
for: caller
languages: [en]
start: line
stuck: person
nodes:
  line: {do: wait, then: person, closed: bye}
  person: {do: connect, to: agents, then: bye, busy: line}
  bye: {do: end, say: goodbye}
`

// Only keys count as keys. Who asks for nobody hears the menu to the end of
// the call.
func TestEffortOfWhoBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls(aino)
	w.pass(7 * time.Second)
	p.event(ivr.Event{Kind: ivr.Silence})
	w.pass(8 * time.Second)
	p.presses("1", "1", "1").hears("booked")
	if e := w.counts().Report(figures.Usual).Effort; e.Menu != 15 || e.Hold != 0 || e.Keys != 3 {
		t.Errorf("the effort is %+v, want 15 s of menu, no wait and 3 keys", e)
	}
}
