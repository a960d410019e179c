package callback_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

// A promise that nobody will be free to keep is corrected at least five minutes
// before it breaks, once, with a new time; one that will be kept is not.
func TestCorrectsInTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		agent func(*world, string)
		want  int
	}{
		{"everybody is away", func(w *world, a string) {
			if err := w.SetAgent(w.Context(), a, callback.Offline); err != nil {
				w.Fatal(err)
			}
		}, 1},
		{"everybody talks, and will be free", (*world).takesOver, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := w.books(aino)
			w.texts()
			tt.agent(w, "anna")
			tt.agent(w, "bo")
			w.at("12:15")
			told := 0
			for w.now.Before(c.At.Add(10 * time.Minute)) {
				if err := w.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				told += len(w.texts())
				w.pass(20 * time.Second)
			}
			if told != tt.want {
				t.Errorf("%d texts before the promise breaks, want %d", told, tt.want)
			}
			got := w.state(c.ID, callback.BookedState)
			if moved := got.Until.After(c.Until.Add(10 * time.Minute)); moved != (tt.want == 1) {
				t.Errorf("the promise ends at %s, before at %s", got.Until, c.Until)
			}
		})
	}
}

// A promise is corrected when those who are served before it need too long, by
// what is known of how long calls take; and not when agents will be free in time.
func TestCorrectionFollowsTheForecast(t *testing.T) {
	t.Parallel()
	late := []string{"text_late Mon 12:39"}
	some := func(n int, sooner time.Duration) func(*world, callback.Callback) {
		return func(w *world, c callback.Callback) {
			w.now = c.At.Add(-sooner)
			w.planted(n)
		}
	}
	twelve := func(sooner time.Duration) func(*world, callback.Callback) { return some(12, sooner) }
	for _, tt := range []struct {
		name   string
		others func(*world, callback.Callback)
		want   []string
	}{
		{"nobody goes before it", func(*world, callback.Callback) {}, nil},
		{"one goes before it", some(1, time.Minute), nil},
		{"three go before it", some(3, time.Minute), late},
		{"twelve go before it", twelve(time.Minute), late},
		{"though an agent is free", func(w *world, c callback.Callback) { twelve(time.Minute)(w, c); w.frees("bo") }, late},
		{"twelve go after it", twelve(-time.Minute), nil},
		{"twelve end sooner, and are not due", func(w *world, c callback.Callback) { twelve(time.Minute)(w, c); w.putOff(20 * time.Minute) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t) // everybody talks
			c := w.books(aino)
			w.texts()
			tt.others(w, c)
			w.now = c.Until.Add(-6 * time.Minute)
			w.sweep()
			w.wantTexts(tt.want...)
		})
	}
}

// putOff has those who were planted called so much later, of which they know nothing.
func (w *world) putOff(by time.Duration) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		all, err := tx.FindCallbacks(callback.Filter{States: []callback.State{callback.BookedState}})
		for _, c := range all {
			if strings.HasPrefix(c.ID, "planted") {
				c.DueAt = c.DueAt.Add(by)
				err = errors.Join(err, tx.MoveCallback(c, c.State))
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// Whoever is free can call at once, however long calls last.
func TestNothingIsForeseenWhileSomebodyIsFree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		free []string
		want []string
	}{{nil, []string{"text_late Mon 12:39"}}, {[]string{"bo"}, nil}} {
		w := lined(t)
		c := w.books(aino)
		w.texts()
		long := callback.Measure{Queue: "billing", Since: w.now, Count: figures.Count{Name: figures.Talking, N: 1, Time: time.Hour}}
		if err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.Measure(long) }); err != nil {
			t.Fatal(err)
		}
		w.now = c.Until.Add(-6 * time.Minute)
		for _, agent := range tt.free {
			w.frees(agent)
		}
		w.sweep()
		w.wantTexts(tt.want...)
	}
}

// Who was called in vain does not know when we try again: nothing is put off for him
// before it has passed.
func TestNothingIsForeseenForWhoExpectsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.now = c.At
	w.places(0)
	w.texts()
	again := w.state(c.ID, callback.RetryWait)
	w.offline()
	w.now = again.Until.Add(-6 * time.Minute)
	w.sweep()
	if got := w.state(c.ID, callback.RetryWait); !got.Until.Equal(again.Until) {
		t.Errorf("put off from %s to %s", again.Until, got.Until)
	}
	w.wantTexts()
}

// home has all agents gone, whatever they did.
func (w *world) home() {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		all, err := tx.Statuses()
		for _, s := range all {
			s.State, s.Since = callback.Offline, w.now
			err = errors.Join(err, tx.PutStatus(s))
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// placed lets a caller in line have his place kept.
func (w *world) placed(from callback.Phone) callback.Callback {
	w.Helper()
	w.calls(from).presses("0", "1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	w.texts()
	return w.open(from)
}

// Whose place in line is kept was told a time as the latest. He hears of another
// at least five minutes before that one, and before the other in turn.
func TestKeptPlaceIsCorrectedInTime(t *testing.T) {
	t.Parallel()
	w := lined(t)
	c := w.placed(aino)
	if left := c.At.Sub(w.now); left < 6*time.Minute {
		t.Fatalf("he is called within %s: too soon to be told anything else", left)
	}
	w.home()
	latest, pauses := c.At, []time.Duration{15 * time.Minute, 30 * time.Minute}
	for _, pause := range pauses {
		for w.now.Before(latest.Add(-5 * time.Minute)) {
			w.sweep()
			if all := w.texts(); len(all) > 0 {
				latest = w.now.Add(pause)
				if want := "text_late " + latest.In(helsinki(t)).Format("Mon 15:04"); len(all) != 1 || !strings.HasPrefix(all[0], want) {
					t.Errorf("told %q, want %q", all, want)
				}
				break
			}
			w.pass(20 * time.Second)
		}
	}
	if n := w.journalled("promise.broken", ""); n != len(pauses) {
		t.Errorf("%d times he was told another time before it was too late, want %d", n, len(pauses))
	}
}

// The promise to whom a place is kept is broken at the time that he was told.
func TestKeptPlaceIsLateFromThen(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Duration{figures.Kept: 0, figures.Late: time.Second} {
		w := lined(t)
		c := w.placed(aino)
		w.now = c.At.Add(late)
		w.frees("bo")
		w.spokeFor(w.ring(), time.Minute)
		if n := w.counts()[name].N; n != 1 {
			t.Errorf("called %s after the time that he was told as the latest: %s is counted %d times", late, name, n)
		}
	}
}

// When nobody is called, and nothing was foreseen, he is told at that time.
func TestKeptPlaceIsToldAtItsEnd(t *testing.T) {
	t.Parallel()
	w := lined(t)
	c := w.placed(aino)
	w.now = c.At.Add(-time.Second)
	w.sweep()
	w.wantTexts()
	w.now = c.At.Add(time.Second)
	w.sweep()
	w.wantTexts("text_late " + w.now.Add(15*time.Minute).In(helsinki(t)).Format("Mon 15:04"))
}

// A customer whose telephone cannot be rung, for the carrier fails or nothing leaves,
// knows of nothing but what was promised: he hears of another time five minutes before
// that breaks, once, and the tries go on.
func TestCorrectsWhatCannotBeDialled(t *testing.T) {
	t.Parallel()
	for _, how := range []ivr.Outcome{ivr.Carrier, ivr.Unsent} {
		for _, order := range []callback.Order{callback.AgentFirst, callback.CustomerFirst} {
			t.Run(string(how)+"/"+string(order), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(c *callback.Config) {
					q := c.Queues["billing"]
					q.Dialing = order
					c.Queues["billing"] = q
				})
				c := w.books(aino)
				w.texts()
				var told []string
				tries, left := 0, time.Duration(0)
				for w.now = c.At; w.now.Before(c.Until); w.pass(5 * time.Second) {
					for _, r := range w.anyRings() {
						tries++
						w.fails(r, how)
					}
					w.sweep()
					for _, text := range w.texts() {
						told, left = append(told, text), c.Until.Sub(w.now)
					}
				}
				if len(told) != 1 || !strings.HasPrefix(told[0], "text_late Mon 12:") || left < 5*time.Minute {
					t.Errorf("told %q, %s before the promise breaks", told, left)
				}
				if n := w.journalled("promise.broken", ""); n != 1 || tries < 4 {
					t.Errorf("after %d tries it is broken %d times", tries, n)
				}
			})
		}
	}
}

// anyRings claims whatever is due.
func (w *world) anyRings() []callback.Ring {
	w.Helper()
	all, err := w.Claim(w.Context(), 10)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// fails has the call to a customer come to nothing, after his agent if that one is
// rung first.
func (w *world) fails(r callback.Ring, how ivr.Outcome) {
	w.Helper()
	missed := ivr.Event{Kind: ivr.NoAnswer, Text: string(how)}
	if r.Addr == string(aino) {
		(&party{w: w, talk: r.Talk}).event(missed)
		return
	}
	agent, _ := w.dials(r)
	agent.event(missed).event(ivr.Event{Kind: ivr.Gone})
}

// Who asked to be called in fifteen minutes was promised that, and hears of another
// time before it breaks.
func TestCorrectsWhatWasAskedOnThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.texts()
	w.now = c.At
	agent, dial := w.dials(w.ring())
	w.party(dial.Talk).presses("2")
	agent.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Later)}).event(ivr.Event{Kind: ivr.Gone})
	breaks := w.state(c.ID, callback.RetryWait).Until
	w.offline()
	var told []time.Duration
	for ; w.now.Before(breaks); w.pass(10 * time.Second) {
		w.sweep()
		for range w.texts() {
			told = append(told, breaks.Sub(w.now))
		}
	}
	if len(told) != 1 || told[0] < 5*time.Minute || told[0] > 6*time.Minute {
		t.Errorf("told %s before the promise breaks", told)
	}
}

// A place in line that is kept costs a sweep nothing but for the minute in which its
// caller could be told another time: thousands may be kept.
func TestNothingIsForeseenInVain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		left  time.Duration // of the promise
		queue string
		looks bool
	}{
		{7 * time.Minute, "billing", false},
		{5*time.Minute + 30*time.Second, "billing", true},
		{5*time.Minute + 30*time.Second, "closed down", false},
		{2 * time.Minute, "billing", false},
	} {
		t.Run(tt.left.String()+", "+tt.queue, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			at, came := w.now.Add(tt.left), w.now.Add(-time.Minute)
			c := callback.Callback{
				ID: "kept", Queue: tt.queue, Phone: aino, Lang: "en", State: callback.BookedState, Zone: "Europe/Helsinki", At: at,
				Place: came, DueAt: w.now, Until: at.Add(w.Policy.Window.Duration()), CreatedAt: came, UpdatedAt: came,
			}
			if err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(c) }); err != nil {
				t.Fatal(err)
			}
			read := &reading{Store: w.Store}
			w.Store = read
			if w.sweeps(); (read.callbacks > 0) != tt.looks {
				t.Errorf("it is looked at %d times", read.callbacks)
			}
		})
	}
}
