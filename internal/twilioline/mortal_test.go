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
	next.Queues, next.Agents, next.Transfers = w.desk.Queues, w.desk.Agents, w.desk.Transfers
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
