package twilioline

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
)

// offered is what is said to those who wait.
const offered = "To be called back instead, press 2."

// impatient is a caller who asks for a person, waits in the queue for a while,
// and then presses keys.
func impatient(after time.Duration, keys ...string) func(context.Context, twiliosim.Call, []string) string {
	began, then := time.Time{}, presses(keys...)
	return func(ctx context.Context, c twiliosim.Call, said []string) string {
		switch last := said[len(said)-1]; {
		case last != music && began.IsZero():
			began = time.Now()
			return "0"
		case last != music:
			return then(ctx, c, said)
		case time.Since(began) < after:
			wait(ctx, 10*time.Second) // as long as the music
			return ""
		}
		return then(ctx, c, said)
	}
}

// callsIn rings the service while it is open, and returns the call when it is
// over.
func (w *town) callsIn(p twiliosim.Person) twiliosim.Call {
	w.Helper()
	c, err := w.sim.Await(w.Context(), w.sim.Ring(string(aino), string(linetest.Number), p))
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// slow is a town whose agent takes a while to answer.
func slow(after time.Duration) func(*town) {
	return func(w *town) {
		for _, q := range w.desk.Queues {
			q.WrapUp = time.Second
		}
		w.agent.Answer = answers("", after)
	}
}

// A caller who waits for an agent is offered a callback at once and every minute,
// and key 2 is heard at any time. The agent's telephone stops ringing.
func TestCallBackInstead(t *testing.T) {
	t.Parallel()
	day(t, func(w *town) {
		slow(time.Hour)(w)
		w.patient()
	}, func(w *town) {
		w.until("14:31")
		began := time.Now()
		c := w.callsIn(twiliosim.Person{Press: impatient(100*time.Second, "2", "1", "1", "1")})
		if d := time.Since(began); d < 100*time.Second || d > 125*time.Second {
			t.Errorf("the call took %v:\n%s", d, strings.Join(c.Log, "\n"))
		}
		if n := count(c, "hears "+offered); n != 2 {
			t.Errorf("a callback was offered %d times in 100 seconds:\n%s", n, strings.Join(c.Log, "\n"))
		}
		w.passes(10 * time.Second)
		found, err := w.desk.List(w.Context(), callback.Filter{Phone: aino})
		if err != nil || len(found) != 1 || found[0].State != callback.BookedState {
			t.Errorf("booked %+v, %v:\n%s", found, err, strings.Join(c.Log, "\n"))
		}
		agent := w.calls(linetest.AgentAddr)
		if len(agent) != 1 || agent[0].Status != "canceled" && agent[0].Status != "completed" {
			t.Errorf("calls to the agent: %+v", agent)
		}
		w.idle()
		w.quiet()
	})
}

// patient has the menu ring agents for as long as a menu can.
func (w *town) patient() {
	w.Helper()
	m, err := ivr.Parse("main.yaml", []byte(strings.Replace(w.desk.Menus["main"].Source(), "ring: 20s", "ring: 2m", 1)))
	if err != nil {
		w.Fatal(err)
	}
	w.desk.Menus["main"] = m
}

// count counts the lines of a call's log.
func count(c twiliosim.Call, line string) int {
	n := 0
	for _, l := range c.Log {
		if l == line {
			n++
		}
	}
	return n
}

// idle checks that the agent can take the next call.
func (w *town) idle() {
	w.Helper()
	team, err := w.desk.Team(w.Context())
	if err != nil || team[0].State != callback.Available && team[0].State != callback.WrappingUp {
		w.Errorf("the agent is %+v, %v", team, err)
	}
}

// How waiting for an agent can go on. Whatever is lost, nobody waits for ever,
// and nobody is left over.
func TestWaiting(t *testing.T) {
	t.Parallel()
	const spoke, allBusy = "joins", "All of us are on the phone just now."
	waits := func() twiliosim.Person { return twiliosim.Person{Press: impatient(0), Talk: lasts(time.Minute)} }
	givesUp := func() twiliosim.Person { return twiliosim.Person{Press: impatient(time.Hour, "1", "1")} }
	for _, tt := range []struct {
		name   string
		people func(*town)
		person twiliosim.Person
		hears  string // what the caller comes to in the end
		within time.Duration
	}{
		{"the agent takes the call", slow(7 * time.Second), waits(), spoke, 70 * time.Second},
		{
			"the agent hangs up first",
			func(w *town) { slow(0)(w); w.agent.Talk = lasts(time.Minute) },
			twiliosim.Person{Press: impatient(0), Talk: stays},
			"Thank you for calling. Goodbye.", 70 * time.Second,
		},
		{"the agent does not answer", func(w *town) { w.agent.Answer = answers("no-answer", 0) }, givesUp(), allBusy, time.Minute},
		{"the agent is busy", func(w *town) { w.agent.Answer = answers("busy", time.Second) }, givesUp(), allBusy, time.Minute},
		{"the agent passes", func(w *town) { w.agent.Press = presses("2") }, givesUp(), allBusy, time.Minute},
		{"a machine answers for the agent", func(w *town) { w.agent.Press = nil }, givesUp(), allBusy, 2 * time.Minute},
		{"no status is told", func(w *town) { w.agent.Answer = answers("no-answer", 0); w.mischief.Drop = 1 }, givesUp(), allBusy, 4 * time.Minute},
		{"statuses come twice, late and shuffled", func(w *town) {
			slow(3 * time.Second)(w)
			w.mischief = twiliosim.Mischief{Double: 1, Shuffle: 0.5, Delay: 0.5, Late: time.Minute}
		}, waits(), spoke, 70 * time.Second},
		{"the order of the agent is lost", func(w *town) { w.faults = []twiliosim.Fault{{Status: 500}} }, givesUp(), allBusy, time.Minute},
		{"the order of the agent is not answered", func(w *town) { w.faults = []twiliosim.Fault{{Hang: true, After: true}} }, waits(), spoke, 90 * time.Second},
		{"the order to leave the queue is lost", func(w *town) {
			slow(0)(w)
			w.faults = []twiliosim.Fault{{}, {Status: 503}}
		}, waits(), spoke, 90 * time.Second},
		{"hangs up while the agent is rung", slow(15 * time.Second), twiliosim.Person{Press: func(ctx context.Context, c twiliosim.Call, said []string) string {
			if said[len(said)-1] == music {
				return twiliosim.Hangup
			}
			return "0"
		}}, "waits in holdless", 10 * time.Second},
		{"hangs up while the agent listens", func(w *town) {
			slow(0)(w)
			w.agent.Press = func(ctx context.Context, _ twiliosim.Call, _ []string) string { wait(ctx, time.Minute); return "1" }
		}, twiliosim.Person{Press: func(ctx context.Context, c twiliosim.Call, said []string) string {
			if said[len(said)-1] == music {
				wait(ctx, 5*time.Second)
				return twiliosim.Hangup
			}
			return "0"
		}}, "waits in holdless", 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				w.agent.Press = cycles("1")
				tt.people(w)
			}, func(w *town) {
				w.until("14:31")
				w.sim.Fail(w.faults...)
				began := time.Now()
				c := w.callsIn(tt.person)
				if !heard(c, tt.hears) || time.Since(began) > tt.within {
					t.Errorf("after %v, without %q:\n%s", time.Since(began), tt.hears, strings.Join(c.Log, "\n"))
				}
				w.passes(5 * time.Second)
				for _, a := range w.calls(linetest.AgentAddr) {
					if a.Status == "in-progress" || a.Status == "ringing" {
						t.Errorf("the agent's call goes on:\n%s", strings.Join(a.Log, "\n"))
					}
				}
				w.idle()
				if n := len(w.calls(linetest.AgentAddr)); n > 1 {
					t.Errorf("the agent was rung %d times", n)
				}
				w.passes(3 * time.Minute) // until what no callback has told is looked up
				w.quiet()
			})
		})
	}
}

// When Twilio has no place in the queue, the caller waits without one, and hears
// the same.
func TestQueueFull(t *testing.T) {
	t.Parallel()
	day(t, slow(time.Hour), func(w *town) {
		w.until("14:31")
		form := url.Values{"CallSid": {"CA1"}, "From": {string(aino)}, "To": {string(linetest.Number)}, "CallStatus": {"in-progress"}}
		doc := genuine(root+"/voice", form).send(w.line).Body.String()
		form.Set("Digits", "0")
		doc = genuine(follows(doc), form).send(w.line).Body.String()
		if !strings.Contains(doc, "<Enqueue") {
			t.Fatalf("caller is not in the queue: %s", doc)
		}
		form.Set("QueueResult", "queue-full")
		doc = genuine(follows(doc), form).send(w.line).Body.String()
		if !strings.Contains(doc, "<Gather") || !strings.Contains(doc, "/wait/") || len(w.sim.CheckVoice(doc)) > 0 {
			t.Errorf("without a place in the queue: %s", doc)
		}
		form.Del("QueueResult")
		form.Set("Digits", "2")
		doc = genuine(follows(doc), form).send(w.line).Body.String()
		again := follows(doc)
		if !strings.Contains(doc, "<Leave/>") || !strings.HasSuffix(again, "/again") {
			t.Fatalf("key 2 is answered with %s", doc)
		}
		if doc = genuine(again, form).send(w.line).Body.String(); !strings.Contains(doc, "/keys") {
			t.Errorf("then it goes on with %s", doc)
		}
	})
}
