package twilioline

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/scheduler"
)

const aino callback.Phone = "+358401234567"

// A town is a service with its scheduler, the carrier, one agent and one
// customer, in virtual time.
type town struct {
	*testing.T
	desk            *callback.Desk
	line            *Line
	sim             *twiliosim.Sim
	agent, customer twiliosim.Person

	colleague, stranger twiliosim.Person
	mischief            twiliosim.Mischief
	orders              orders // on their way to Twilio
	faults              []twiliosim.Fault
	config              Config

	mu    sync.Mutex
	texts []string
}

// Text implements [scheduler.Texter].
func (w *town) Text(_ context.Context, m callback.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, m.Body)
	return nil
}

// day lives through one day of a town, which begins shortly before half past two. The
// first callback that can be promised is at that time.
func day(t *testing.T, prepare, live func(*town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		if prepare != nil {
			prepare(w)
		}
		w.open()
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.serve(ctx) })
		live(w)
		stop()
		all.Wait()
		w.sim.Close()
	})
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{T: t, config: testConfig()}
	w.agent = twiliosim.Person{Press: presses("1", "1"), Talk: stays}
	w.customer = twiliosim.Person{Press: presses("1"), Talk: lasts(time.Minute)}
	written := talk(t, "default_path")
	w.desk = linetest.NewDesk(t, written)
	began := time.Now()
	start := written.Facts.Now.Add(5*time.Hour + 19*time.Minute)
	w.desk.Now = func() time.Time { return start.Add(time.Since(began)) }
	return w
}

// person is who answers a telephone of the town.
func (w *town) person(number string) twiliosim.Person {
	switch number {
	case linetest.AgentAddr:
		return w.agent
	case string(aino):
		return w.customer
	case boAddr:
		return w.colleague
	case outside:
		return w.stranger
	}
	w.Errorf("%s was called", number)
	return twiliosim.Person{}
}

func (w *town) open() {
	again := &again{t: w.T, chance: newChance()}
	w.sim = newSim(w.T, twiliosim.Config{
		App: again, Mischief: w.mischief, Now: w.desk.Now, Person: w.person,
	})
	w.orders.RoundTripper = w.sim.Transport()
	w.line = newLine(w.T, w.config, Ports{Desk: w.desk, HTTP: &w.orders, Now: w.desk.Now})
	again.line = w.line
}

// serve is what the service does by itself.
func (w *town) serve(ctx context.Context) {
	conf := scheduler.DefaultConfig()
	conf.Tick, conf.Sweep = 5*time.Second, 5*time.Second
	s := &scheduler.Scheduler{
		Desk: w.desk, Dialer: w.line, Texter: w, Config: conf, Now: w.desk.Now, Log: quiet(),
	}
	var both sync.WaitGroup
	both.Go(func() {
		if err := s.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	both.Go(func() {
		if err := w.line.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	both.Wait()
}

// presses are keys, one for each time that a line listens, and then silence.
func presses(keys ...string) func(context.Context, twiliosim.Call, []string) string {
	var mu sync.Mutex
	return func(context.Context, twiliosim.Call, []string) string {
		mu.Lock()
		defer mu.Unlock()
		if len(keys) == 0 {
			return ""
		}
		key := keys[0]
		keys = keys[1:]
		return key
	}
}

func stays(ctx context.Context, _ twiliosim.Call, _ string) { <-ctx.Done() }

func lasts(d time.Duration) func(context.Context, twiliosim.Call, string) {
	return func(ctx context.Context, _ twiliosim.Call, _ string) { wait(ctx, d) }
}

// hangsUpAfter is somebody who listens for a while and hangs up.
func hangsUpAfter(d time.Duration) func(context.Context, twiliosim.Call, []string) string {
	return func(ctx context.Context, _ twiliosim.Call, _ []string) string {
		wait(ctx, d)
		return twiliosim.Hangup
	}
}

func answers(outcome string, after time.Duration) func(context.Context, twiliosim.Call) twiliosim.Answer {
	return func(context.Context, twiliosim.Call) twiliosim.Answer {
		return twiliosim.Answer{Outcome: outcome, After: after}
	}
}

// answeredBy is somebody who answers at once, and whom Twilio takes for something.
func answeredBy(what string) func(context.Context, twiliosim.Call) twiliosim.Answer {
	return func(context.Context, twiliosim.Call) twiliosim.Answer { return twiliosim.Answer{By: what} }
}

// books promises the callback of a town.
func (w *town) books() callback.Callback {
	w.Helper()
	c, err := w.desk.Book(w.Context(), callback.Request{
		Queue: "billing", Phone: aino, At: w.at("14:30"), Lang: "en", Actor: "operator",
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *town) at(clock string) time.Time {
	w.Helper()
	c, err := time.Parse("15:04", clock)
	if err != nil {
		w.Fatal(err)
	}
	y, m, d := w.desk.Now().Date()
	return time.Date(y, m, d, c.Hour(), c.Minute(), 0, 0, time.UTC)
}

// until lets the day pass until a time.
func (w *town) until(clock string) {
	w.Helper()
	wait(w.Context(), w.at(clock).Sub(w.desk.Now()))
	synctest.Wait()
}

func (w *town) show(id string) (callback.Callback, []callback.Attempt) {
	w.Helper()
	c, calls, err := w.desk.Show(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return c, calls
}

// calls are those that were placed to a number.
func (w *town) calls(to string) []twiliosim.Call {
	return slices.DeleteFunc(w.sim.Calls(), func(c twiliosim.Call) bool { return c.To != to })
}

func heard(c twiliosim.Call, words string) bool {
	return strings.Contains(strings.Join(c.Log, "\n"), words)
}
