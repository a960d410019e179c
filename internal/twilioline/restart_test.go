package twilioline

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
)

// A mortal is a process that can be killed: from then on nothing it does
// reaches the store, Twilio, or anybody.
type mortal struct {
	*callback.Desk
	http.RoundTripper
	line *Line
	dead atomic.Bool
	died chan struct{}
	// When it dies by itself: as it is about to write that a call leaves, as the
	// order of one leaves, or when that has been carried out.
	atSend, atOrder, afterOrder func(to string) bool
	// Or when it has written that somebody takes a call, before he hears of it.
	afterTaken bool
}

func (m *mortal) kill() {
	if !m.dead.Swap(true) {
		close(m.died)
	}
}

func strikes(does func(string) bool, to string) bool { return does != nil && does(to) }

// Send implements [Ledger].
func (m *mortal) Send(ctx context.Context, ref string) (bool, error) {
	a, err := m.Desk.Attempt(ctx, ref)
	if err == nil && strikes(m.atSend, string(a.Leg)) {
		m.kill()
	}
	if m.dead.Load() {
		return false, errDown
	}
	return m.Desk.Send(ctx, ref)
}

// Next implements [Talks].
func (m *mortal) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	if m.dead.Load() {
		return ivr.Turn{}, errDown
	}
	t, err := m.Desk.Next(ctx, talk, turn, e)
	if m.afterTaken && e.Kind == ivr.Heard && t.Connect != nil && t.Connect.To == ivr.Waiting {
		m.kill()
		return ivr.Turn{}, errDown
	}
	return t, err
}

// Placed implements [Ledger].
func (m *mortal) Placed(ctx context.Context, ref, provider string) error {
	if m.dead.Load() {
		return errDown
	}
	return m.Desk.Placed(ctx, ref, provider)
}

// RoundTrip carries an order to Twilio.
func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	to := ""
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Calls.json") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		for _, who := range []string{string(aino), linetest.AgentAddr} {
			if strings.Contains(string(body), "To="+strings.NewReplacer("+", "%2B", ":", "%3A", "@", "%40").Replace(who)) {
				to = who
			}
		}
	}
	if to != "" && strikes(m.atOrder, to) {
		m.kill()
	}
	if m.dead.Load() {
		return nil, errDown
	}
	resp, err := m.RoundTripper.RoundTrip(r)
	if to != "" && strikes(m.afterOrder, to) {
		m.kill()
		return nil, errDown
	}
	return resp, err
}

// A door leads to the process that lives. What one that died has not answered
// is asked of the next, unless it is locked: then nobody answers meanwhile.
type door struct {
	locked bool

	mu   sync.Mutex
	to   *mortal
	open chan struct{} // closed when there is somebody
}

func (d *door) leads(to *mortal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
	close(d.open)
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to, d.open = nil, make(chan struct{})
}

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	for {
		d.mu.Lock()
		to, open := d.to, d.open
		d.mu.Unlock()
		if d.locked && (to == nil || to.dead.Load()) {
			return nil, errDown
		}
		if to == nil || to.dead.Load() {
			select {
			case <-open:
				wait(r.Context(), time.Millisecond)
				continue
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := twiliosim.Into(to.line).RoundTrip(again)
		if err == nil && to.dead.Load() && resp.StatusCode >= http.StatusInternalServerError {
			continue
		}
		return resp, err
	}
}

// A crash is a town whose process is killed, and followed by another over the
// same store.
type crash struct {
	*town
	door  *door
	first *mortal
	stop  context.CancelFunc
	all   sync.WaitGroup
}

// crashes lives through a day of a town whose first process dies.
func crashes(t *testing.T, prepare func(*crash), live func(*crash)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &crash{town: newTown(t), door: &door{open: make(chan struct{})}}
		w.first = &mortal{died: make(chan struct{})}
		prepare(w)
		w.sim = newSim(t, twiliosim.Config{App: w.door, Mischief: w.mischief, Now: w.desk.Now, Person: w.person})
		w.begins(w.first)
		live(w)
		w.stop()
		w.all.Wait()
		w.sim.Close()
	})
}

// begins starts a process.
func (w *crash) begins(m *mortal) {
	m.Desk, m.RoundTripper = w.desk, w.sim.Transport()
	m.line = newLine(w.T, w.config, Ports{Desk: m, HTTP: m, Now: w.desk.Now})
	w.line = m.line
	ctx, stop := context.WithCancel(w.Context())
	w.stop = stop
	w.all.Go(func() { w.serve(ctx) })
	w.door.leads(m)
}

// killed waits until the first process has died, and starts the next.
func (w *crash) killed() {
	w.Helper()
	select {
	case <-w.first.died:
	case <-time.After(time.Hour):
		w.Fatal("the process does not die")
	}
	w.door.shut()
	w.stop()
	if err := w.first.line.Close(); err != nil {
		w.Error(err)
	}
	w.all.Wait()
	next := linetest.NewDesk(w.T, talk(w.T, "default_path"))
	next.Store, next.Now, next.Boot = w.desk.Store, w.desk.Now, "boot-2"
	next.Queues = w.desk.Queues
	w.desk = next
	w.begins(&mortal{died: make(chan struct{})})
}

func only(who string) func(string) bool { return func(to string) bool { return to == who } }

// over checks that nobody is left hanging, and that nobody was called twice.
func (w *crash) over(agents, customers int) {
	w.Helper()
	w.town.quiet()
	for who, want := range map[string]int{linetest.AgentAddr: agents, string(aino): customers} {
		if n := len(w.calls(who)); n != want {
			w.Errorf("%d calls to %s, want %d", n, who, want)
		}
	}
}

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
