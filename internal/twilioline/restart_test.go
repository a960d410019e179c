package twilioline

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
)

// soon is within how much time after a restart nobody is left alone.
const soon = 15 * time.Second

// An agent who waits for a customer when the process dies that was to call him
// does not hear music for ever.
func TestCustomerNotCalledBeforeCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		dies     func(*mortal)
		customer int
	}{
		{"before it is written that the order leaves", func(m *mortal) { m.atSend = only(string(callback.CustomerLeg)) }, 0},
		{"before the order leaves", func(m *mortal) { m.atOrder = only(string(aino)) }, 0},
		{"when the order has left", func(m *mortal) { m.afterOrder = only(string(aino)) }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			crashes(t, func(w *crash) { tt.dies(w.first) }, func(w *crash) {
				c := w.books()
				w.until("14:30")
				w.killed()
				w.passes(soon)
				w.idle()
				if agent := w.calls(linetest.AgentAddr); len(agent) != 1 || agent[0].Status != "completed" || !heard(agent[0], "Goodbye.") {
					t.Errorf("the agent: %+v", agent)
				}
				w.passes(2 * time.Minute)
				if got, _ := w.show(c.ID); got.State != callback.Interrupted {
					t.Errorf("callback is %s", got.State)
				}
				w.over(1, tt.customer)
			})
		})
	}
}

// Two who speak when the process dies go on speaking.
func TestConversationOutlivesCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		town  func(*crash)
		state callback.State
	}{
		{"agent first", func(*crash) {}, callback.Done},
		{"customer first", func(w *crash) { w.customerFirst() }, callback.Done},
		{"no status is told", func(w *crash) { w.mischief.Drop = 1 }, callback.Done},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			crashes(t, func(w *crash) {
				tt.town(w)
				w.customer.Talk = lasts(3 * time.Minute)
			}, func(w *crash) {
				c := w.books()
				w.until("14:30")
				w.passes(time.Minute)
				w.first.kill()
				w.killed()
				w.passes(time.Minute)
				if got, _ := w.show(c.ID); got.State != callback.Connected {
					t.Errorf("callback is %s while they speak", got.State)
				}
				w.passes(6 * time.Minute)
				if got, _ := w.show(c.ID); got.State != tt.state {
					t.Errorf("callback is %s, want %s", got.State, tt.state)
				}
				w.over(1, 1)
				w.idle()
				for _, text := range w.texts {
					if strings.Contains(text, "cut off") {
						t.Errorf("the customer was told %q", text)
					}
				}
			})
		})
	}
}

// A caller who waits for an agent, or speaks with him, when the process dies
// gets what he waits for, and the agent is rung once.
func TestCallerOutlivesCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		dies func(*crash)
		at   time.Duration // after the call has begun; 0 when it dies by itself
		talk time.Duration
		ends time.Duration // at most, after the restart
	}{
		{"before it is written that the agent is rung", func(w *crash) { w.first.atSend = only(string(callback.AgentLeg)) }, 0, time.Minute, 2 * time.Minute},
		{"while the agent's telephone rings", func(w *crash) { w.agent.Answer = answers("", 15*time.Second) }, 10 * time.Second, time.Minute, 2 * time.Minute},
		{"while they speak", func(*crash) {}, 40 * time.Second, 2 * time.Minute, 3 * time.Minute},
		{"while they speak, and no status is told", func(w *crash) { w.mischief.Drop = 1 }, 40 * time.Second, 2 * time.Minute, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			crashes(t, func(w *crash) {
				tt.dies(w)
				w.agent.Press, w.agent.Talk = cycles("1"), stays
			}, func(w *crash) {
				w.until("14:31")
				sid := w.sim.Ring(string(aino), string(linetest.Number), twiliosim.Person{Press: impatient(0), Talk: lasts(tt.talk)})
				if tt.at > 0 {
					w.passes(tt.at)
					w.first.kill()
				}
				w.killed()
				w.passes(tt.ends)
				c, _ := w.sim.Call(sid)
				if c.Status != "completed" || !heard(c, "joins") {
					t.Errorf("the caller's call is %s:\n%s", c.Status, strings.Join(c.Log, "\n"))
				}
				w.idle()
				w.over(1, 0)
			})
		})
	}
}

// A caller whose agent's order was lost in a crash does not wait for an agent
// whom nobody rings: as soon as Twilio can be asked it is known whether he is
// rung, and else the caller goes on.
func TestOrderOfAgentLostInCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		dies   func(*crash)
		agents int
		hears  string
		within time.Duration // from the restart
	}{
		{"before it left", func(w *crash) { w.first.atOrder = only(linetest.AgentAddr) }, 0, "All of us are on the phone just now.", 30 * time.Second},
		{"when it had left", func(w *crash) { w.first.afterOrder = only(linetest.AgentAddr) }, 1, "joins", 30 * time.Second},
		{
			"when it had left, and no status is told",
			func(w *crash) { w.first.afterOrder, w.mischief.Drop = only(linetest.AgentAddr), 1 },
			1, "joins", 30 * time.Second,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			crashes(t, func(w *crash) {
				tt.dies(w)
				w.agent.Press, w.agent.Talk = cycles("1"), stays
				w.agent.Answer = answers("", 5*time.Second)
			}, func(w *crash) {
				w.until("14:31")
				sid := w.sim.Ring(string(aino), string(linetest.Number), twiliosim.Person{Press: impatient(time.Hour, "1", "1"), Talk: lasts(time.Minute)})
				w.killed()
				w.passes(tt.within)
				if c, _ := w.sim.Call(sid); !heard(c, tt.hears) {
					t.Errorf("the caller has not heard %q:\n%s", tt.hears, strings.Join(c.Log, "\n"))
				}
				w.passes(5 * time.Minute)
				w.idle()
				w.over(tt.agents, 0)
			})
		})
	}
}

// Who has pressed the key that takes a call, and whose call Twilio ends since
// nobody answers what he does now, leaves nobody alone with music: neither the
// agent, nor the customer or caller who waits for that agent.
func TestAnswerLostInCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		live      func(*crash)
		state     callback.State
		within    time.Duration
		agents    int
		customers int
	}{
		{"the customer's, agent first", func(*crash) {}, callback.Interrupted, 50 * time.Second, 1, 1},
		{"the customer's, whose end is told later", func(w *crash) {
			w.mischief.Delay, w.mischief.Late = 1, 10*time.Second
		}, callback.Done, 50 * time.Second, 1, 1},
		{"the agent's, customer first", func(w *crash) { w.customerFirst() }, callback.RetryWait, 25 * time.Second, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			crashes(t, func(w *crash) {
				w.first.afterTaken, w.door.locked = true, true
				tt.live(w)
			}, func(w *crash) {
				c := w.books()
				w.until("14:30")
				w.dies()
				w.passes(tt.within)
				w.idle()
				if got, _ := w.show(c.ID); got.State != tt.state {
					t.Errorf("callback is %s, want %s", got.State, tt.state)
				}
				w.over(tt.agents, tt.customers)
			})
		})
	}
}

// A caller whose agent was lost so gets the next one, or is asked what he wants.
func TestAgentLostInCrash(t *testing.T) {
	t.Parallel()
	crashes(t, func(w *crash) {
		w.first.afterTaken, w.door.locked = true, true
		w.agent.Press, w.agent.Talk = cycles("1"), stays
	}, func(w *crash) {
		w.until("14:31")
		sid := w.sim.Ring(string(aino), string(linetest.Number), twiliosim.Person{Press: impatient(0), Talk: lasts(time.Minute)})
		w.dies()
		w.passes(4 * time.Minute)
		if c, _ := w.sim.Call(sid); c.Status != "completed" || strings.Count(strings.Join(c.Log, "\n"), "joins") != 2 {
			t.Errorf("the caller's call is %s:\n%s", c.Status, strings.Join(c.Log, "\n"))
		}
		w.idle()
		w.over(2, 0)
	})
}

// dies waits until the first process has died, and starts the next when those
// have given up who were waiting for an answer.
func (w *crash) dies() {
	w.Helper()
	<-w.first.died
	w.passes(100 * time.Millisecond)
	w.killed()
}

// An agent whom a process was about to fetch out of the conference when it died
// is not left in it: to the desk he is free.
func TestAgentNotFetchedInCrash(t *testing.T) {
	t.Parallel()
	crashes(t, func(w *crash) { w.first.atSend = only(string(callback.CustomerLeg)) }, func(w *crash) {
		w.books()
		w.until("14:30")
		<-w.first.died
		w.passes(time.Second)
		next := linetest.NewDesk(w.T, talk(w.T, "default_path"))
		next.Store, next.Now, next.Boot, next.Queues = w.desk.Store, w.desk.Now, "boot-between", w.desk.Queues
		if err := next.Recover(w.Context()); err != nil {
			w.Fatal(err)
		}
		alone, err := next.Stranded(w.Context())
		if err != nil || len(alone) != 1 {
			w.Fatalf("%d agents wait in vain: %v", len(alone), err)
		}
		if _, err := next.Next(w.Context(), alone[0].ID, alone[0].State.Turn, missed(ivr.Unsent)); err != nil {
			w.Fatal(err)
		}
		w.killed()
		w.passes(3 * time.Minute)
		w.idle()
		w.over(1, 0)
	})
}
