package twilioline

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// One promise over Twilio, from the first key to the text of the survey.
func TestPromiseIsKept(t *testing.T) {
	t.Parallel()
	day(t, nil, func(w *town) {
		sid := w.sim.Ring(string(aino), string(linetest.Number), twiliosim.Person{Press: presses("1", "1", "1")})
		if _, err := w.sim.Await(w.Context(), sid); err != nil {
			t.Fatal(err)
		}
		found, err := w.desk.List(w.Context(), callback.Filter{Phone: aino})
		if err != nil || len(found) != 1 || !found[0].At.Equal(w.at("14:30")) {
			t.Fatalf("booked %+v, %v", found, err)
		}
		w.until("14:29")
		if n := len(w.calls(linetest.AgentAddr)); n != 0 {
			t.Errorf("the agent was rung %d times before the time", n)
		}
		w.until("14:38")
		c, attempts := w.show(found[0].ID)
		if c.State != callback.Done || len(attempts) != 2 {
			t.Errorf("callback is %s after %d calls", c.State, len(attempts))
		}
		agent, customer := w.calls(linetest.AgentAddr), w.calls(string(aino))
		if len(agent) != 1 || len(customer) != 1 {
			t.Fatalf("%d calls to the agent and %d to the customer", len(agent), len(customer))
		}
		if agent[0].Conference == "" || agent[0].Conference != customer[0].Conference {
			t.Errorf("they were in %q and %q", agent[0].Conference, customer[0].Conference)
		}
		for i, a := range attempts {
			if want := []string{agent[0].SID, customer[0].SID}[i]; a.Provider != want || a.Outcome != "spoke" {
				t.Errorf("attempt %d is %s, %s, want %s", i, a.Provider, a.Outcome, want)
			}
		}
		if got := customer[0].Created.Sub(w.at("14:30")); got < 0 || got > 30*time.Second {
			t.Errorf("the customer was called %s after the promise", got)
		}
		w.quiet()
		if len(w.texts) != 2 {
			t.Errorf("texts %q", w.texts)
		}
	})
}

// quiet checks that nothing is left over.
func (w *town) quiet() {
	w.Helper()
	if rooms := w.sim.Rooms(); len(rooms) != 0 {
		w.Errorf("conferences go on: %v", rooms)
	}
	for _, c := range w.sim.Calls() {
		if c.Status == "in-progress" || c.Status == "ringing" || c.Status == "queued" {
			w.Errorf("call to %s is %s:\n%s", c.To, c.Status, strings.Join(c.Log, "\n"))
		}
	}
	if n := w.line.Calls(); n != 0 {
		w.Errorf("%d calls count as up", n)
	}
}

// What follows when the promise cannot be kept at the first try.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		people  func(*town)
		state   callback.State
		outcome string        // of the call to the customer; "" when there is none
		agent   string        // what the agent hears
		person  string        // what the customer hears
		after   time.Duration // that is looked at
	}{
		{"busy", func(w *town) { w.customer.Answer = answers("busy", time.Second) }, callback.RetryWait, "busy", "The customer's line is busy.", "", 80 * time.Second},
		{"not answered", func(w *town) { w.customer.Answer = answers("no-answer", 0) }, callback.RetryWait, "no_answer", "The customer did not answer.", "", 80 * time.Second},
		{"nobody has the number", func(w *town) { w.customer.Answer = answers("failed", time.Second) }, callback.Failed, "bad_number", "That number is not in service.", "", 80 * time.Second},
		{"a machine", func(w *town) { w.customer.Press = nil }, callback.Failed, "machine", "An answering machine took the call.", "This is the call that you asked for.", 80 * time.Second},
		{"later", func(w *town) { w.customer.Press = presses("2") }, callback.RetryWait, "later", "The customer asked to be called later.", "", 80 * time.Second},
		{"never", func(w *town) { w.customer.Press = presses("9") }, callback.CancelledState, "rejected", "The customer declined the call.", "", 80 * time.Second},
		{"hangs up at once", func(w *town) { w.customer.Press = hangsUpAfter(0) }, callback.Failed, "machine", "An answering machine took the call.", "", 80 * time.Second},
		{
			"the agent leaves while it rings", func(w *town) {
				w.customer.Answer = answers("", 20*time.Second)
				w.agent.Answer = w.leavesAfter(10 * time.Second)
			},
			callback.RetryWait, "agent_hung_up", "", "", 25 * time.Second,
		},
		{
			"the agent leaves while the customer listens", func(w *town) {
				w.agent.Answer = w.leavesAfter(10 * time.Second)
				w.customer.Press = func(ctx context.Context, _ twiliosim.Call, _ []string) string {
					wait(ctx, time.Hour)
					return "1"
				}
			},
			callback.RetryWait, "agent_hung_up", "", "something went wrong on our side", 25 * time.Second,
		},
		{"the agent hangs up first", func(w *town) { w.agent.Talk = lasts(time.Minute); w.customer.Talk = stays }, callback.Wrapup, "spoke", "", "Goodbye", 80 * time.Second},
		{"the agent passes", func(w *town) { w.agent.Press = presses("2") }, callback.BookedState, "", "Goodbye", "", 25 * time.Second},
		{"the agent does not answer", func(w *town) { w.agent.Answer = answers("no-answer", 0) }, callback.BookedState, "", "", "", 80 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, tt.people, func(w *town) {
				c := w.books()
				w.until("14:30")
				w.passes(tt.after)
				got, attempts := w.show(c.ID)
				outcome := ""
				for _, a := range attempts {
					if a.Leg == callback.CustomerLeg {
						outcome = a.Outcome
					}
				}
				if got.State != tt.state || outcome != tt.outcome {
					t.Errorf("callback is %s, call %q, want %s, %q", got.State, outcome, tt.state, tt.outcome)
				}
				w.wantHeard(linetest.AgentAddr, tt.agent)
				w.wantHeard(string(aino), tt.person)
			})
		})
	}
}

func (w *town) passes(d time.Duration) {
	wait(w.Context(), d)
	synctest.Wait()
}

func (w *town) wantHeard(who, words string) {
	w.Helper()
	calls := w.calls(who)
	switch {
	case words == "":
	case len(calls) == 0:
		w.Errorf("%s was not called", who)
	case !heard(calls[0], words):
		w.Errorf("%s did not hear %q:\n%s", who, words, strings.Join(calls[0].Log, "\n"))
	}
}

// leavesAfter is an agent who answers, and hangs up a while later, whatever
// goes on then.
func (w *town) leavesAfter(d time.Duration) func(context.Context, twiliosim.Call) twiliosim.Answer {
	return func(ctx context.Context, c twiliosim.Call) twiliosim.Answer {
		go func() {
			wait(ctx, d)
			w.sim.Hangup(c.SID)
		}()
		return twiliosim.Answer{}
	}
}

var errDown = errors.New("down")

// orders counts the orders of calls on their way to Twilio. When it is blind,
// nothing can be looked up.
type orders struct {
	http.RoundTripper
	blind bool
	n     atomic.Int32
}

func (o *orders) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && o.blind {
		return nil, errDown
	}
	if strings.HasSuffix(r.URL.Path, "/Calls.json") && r.Method == http.MethodPost {
		o.n.Add(1)
	}
	return o.RoundTripper.RoundTrip(r)
}

// A call whose order was answered with an error is never ordered again before
// it is known what became of it.
func TestUnknown(t *testing.T) {
	t.Parallel()
	accepted, lost := twiliosim.Fault{Status: 500, After: true}, twiliosim.Fault{Status: 500}
	hangs := twiliosim.Fault{Hang: true, After: true}
	for _, tt := range []struct {
		name     string
		faults   []twiliosim.Fault
		blind    bool
		state    callback.State
		customer int // calls to the customer
		placed   int // orders of calls that were sent
	}{
		{"agent, accepted", []twiliosim.Fault{accepted}, false, callback.Done, 1, 2},
		{"agent, accepted without an answer", []twiliosim.Fault{hangs}, false, callback.Done, 1, 2},
		{"agent, lost", []twiliosim.Fault{lost}, false, callback.Done, 1, 3},
		{"customer, accepted", []twiliosim.Fault{{}, accepted}, false, callback.Done, 1, 2},
		{"customer, accepted without an answer", []twiliosim.Fault{{}, hangs}, false, callback.Done, 1, 2},
		{"customer, accepted, nothing can be looked up", []twiliosim.Fault{{}, accepted}, true, callback.Done, 1, 2},
		{"customer, lost", []twiliosim.Fault{{}, lost}, false, callback.Done, 1, 4},
		{"customer, lost, nothing can be looked up", []twiliosim.Fault{{}, lost}, true, callback.Interrupted, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				w.orders.blind = tt.blind
				w.agent.Press = cycles("1")
			}, func(w *town) {
				w.sim.Fail(tt.faults...)
				c := w.books()
				w.until("14:38")
				got, _ := w.show(c.ID)
				if got.State != tt.state {
					t.Errorf("callback is %s, want %s", got.State, tt.state)
				}
				if n := len(w.calls(string(aino))); n != tt.customer {
					t.Errorf("%d calls to the customer, want %d", n, tt.customer)
				}
				if n := int(w.orders.n.Load()); n != tt.placed {
					t.Errorf("%d orders, want %d", n, tt.placed)
				}
				if tt.state == callback.Done {
					w.quiet()
				}
			})
		})
	}
}

func cycles(key string) func(context.Context, twiliosim.Call, []string) string {
	return func(context.Context, twiliosim.Call, []string) string { return key }
}

// Agents and customers see the number of the queue, and that of the account
// only where the queue has none.
func TestCallerID(t *testing.T) {
	t.Parallel()
	const accounts callback.Phone = "+358931542000"
	for _, own := range []callback.Phone{linetest.Number, ""} {
		t.Run("queue "+string(own), func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				w.config.CallerID = accounts
				w.desk.Queues["billing"].CallerID = own
			}, func(w *town) {
				w.books()
				w.until("14:30")
				w.passes(80 * time.Second)
				for _, to := range []string{linetest.AgentAddr, string(aino)} {
					for _, call := range w.calls(to) {
						if want := cmp.Or(own, accounts); call.From != string(want) {
							w.Errorf("%s sees %s, want %s", to, call.From, want)
						}
					}
					if len(w.calls(to)) != 1 {
						w.Errorf("%d calls to %s", len(w.calls(to)), to)
					}
				}
			})
		})
	}
}

// Twilio keeps addresses and the names of conferences for long, and shows them:
// nothing in them tells of a person.
func TestNothingPersonalInAddresses(t *testing.T) {
	t.Parallel()
	day(t, nil, func(w *town) {
		const customer = "Aino Virtanen"
		if _, err := w.desk.Book(w.Context(), callback.Request{
			Queue: "billing", Phone: aino, Name: customer, At: w.at("14:30"), Lang: "en", Actor: "operator",
		}); err != nil {
			w.Fatal(err)
		}
		w.until("14:30")
		w.passes(80 * time.Second)
		seen := 0
		check := func(what, text string) {
			seen++
			plain, err := url.PathUnescape(text)
			for _, secret := range []string{strings.TrimPrefix(string(aino), "+358"), customer, "Virtanen", linetest.AgentAddr} {
				if err != nil || strings.Contains(plain, secret) {
					w.Errorf("%s tells %q: %s, %v", what, secret, text, err)
				}
			}
		}
		for _, r := range w.sim.Requests() {
			check(r.Method, r.Path)
			for key, values := range r.Form {
				if key != "To" && key != "From" && key != "Body" && key != "CallReason" {
					check(r.Method+" "+key, strings.Join(values, " "))
				}
			}
		}
		for _, call := range w.sim.Calls() {
			check("conference", call.Conference)
		}
		if seen < 15 {
			w.Errorf("only %d things were looked at", seen)
		}
		w.quiet()
	})
}
