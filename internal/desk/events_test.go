package desk

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// patience is for machines that are busy with other tests.
const patience = 5 * time.Minute

// A listener is a browser's end of the events.
type listener struct {
	got chan string // "row <tr ...", "gone ID", ...
	id  chan string
	not string // what must not be heard
}

// open serves the desk on loopback, and reads the journal.
func (w *world) open(edit ...func(*http.Server)) *httptest.Server {
	w.Helper()
	site := w.serve(edit...)
	w.run()
	return site
}

// run reads the journal until the test is over.
func (w *world) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
}

func (w *world) serve(edit ...func(*http.Server)) *httptest.Server {
	inside := w.Handler()
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p := Person{Name: r.Header.Get("As"), Agent: r.Header.Get("As")}
		if p.Name == super.Name {
			p = super
		}
		inside.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), asKey{}, p)))
	}))
	for _, e := range edit {
		e(site.Config)
	}
	site.Start()
	w.Cleanup(site.Close)
	return site
}

// listen opens the stream of events as an agent.
func (w *world) listen(site *httptest.Server, as, after string, keep int) *listener {
	w.Helper()
	r, err := http.NewRequest(http.MethodGet, site.URL+"/desk/events?after=0", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("As", as)
	r.Header.Set("Last-Event-ID", after)
	res, err := site.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		w.Fatalf("got %s", res.Status)
	}
	l := &listener{got: make(chan string, keep), id: make(chan string, keep), not: "nothing"}
	go func() {
		defer close(l.got)
		lines, name, told, timed := bufio.NewScanner(res.Body), "", false, false
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "event":
				name = value
			case "id":
				select {
				case l.id <- value:
				default:
				}
			case "data":
				switch e := name + " " + value; {
				case e == "alarms []" && !told: // there is nothing to know, mostly
				case name == "time" && timed: // it is told every 15 s
				default:
					told, timed = told || name == "alarms", timed || name == "time"
					l.got <- e
				}
			}
		}
	}()
	return l
}

// hears waits for an event that has some words.
func (l *listener) hears(t testing.TB, words ...string) string {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case e, ok := <-l.got:
			if !ok {
				t.Fatalf("the stream ended before %q", words)
			}
			if strings.Contains(e, l.not) {
				t.Errorf("heard %q", e)
			}
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(e, w) }) {
				return e
			}
		case <-late:
			t.Fatalf("never heard %q", words)
		}
	}
}

// A change is on the desks of those who may see it, and on no other.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	site := w.open()
	a, b, e := w.listen(site, "anna", "0", 64), w.listen(site, "bo", "0", 64), w.listen(site, "eve", "0", 64)
	for _, l := range []*listener{a, b, e} {
		l.hears(t, "time ")
	}
	w.do(anna, c, "claim", nil)
	for _, l := range []*listener{a, b} {
		l.hears(t, "row <tr", c.ID, `data-o="anna"`)
	}
	w.ask(anna, "/desk/me", map[string][]string{"state": {"break"}})
	a.hears(t, "me break")
	w.ask(eve, "/desk/me", map[string][]string{"state": {"break"}})
	if got := e.hears(t, ""); got != "me break" {
		t.Errorf("eve hears %q", got)
	}
	tomorrow, err := w.Desk.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	w.do(anna, c, "move", map[string][]string{"at": {fmt.Sprint(tomorrow[len(tomorrow)-1].Unix())}})
	b.hears(t, "gone "+c.ID)
}

// A page that was opened by one hears nothing that is for another, who has signed
// in since.
func TestEventsAreForWhoOpenedThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for as, who := range map[string]Person{"anna false": bo, " true": anna, "anna true": anna} {
		ctx, stop := context.WithCancel(t.Context())
		stop() // a stream would else have no end
		got := w.ask(who, "/desk/events?after=0&as="+url.QueryEscape(as), nil, func(r *http.Request) { *r = *r.WithContext(ctx) })
		if got.Code != http.StatusConflict {
			t.Errorf("%s hears what is for %q: %d", who.Name, as, got.Code)
		}
	}
}

// Who listens before the journal is read misses nothing.
func TestEarlyBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	site := w.serve()
	early := w.listen(site, "anna", "0", 64)
	early.hears(t, "time ")
	w.do(anna, c, "claim", nil)
	w.run()
	early.hears(t, "row <tr", c.ID, `data-o="anna"`)
}

// Who is told to end before he has begun has done what he was told.
func TestRunEndsBeforeItBegins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Run(ctx); err != nil {
		t.Error(err)
	}
}

// A stream outlives what the server allows other answers.
func TestStreamIsLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	const short = 5 * time.Second // but enough to be asked on a busy machine
	site := w.open(func(s *http.Server) {
		s.ReadTimeout, s.WriteTimeout, s.IdleTimeout = short, short, short
	})
	l := w.listen(site, "anna", "0", 64)
	l.hears(t, "time ")
	<-time.After(short + time.Second)
	w.do(anna, c, "claim", nil)
	l.hears(t, "row ", `data-o="anna"`)
}

// Whose telephone is about to ring sees what it is about.
func TestBriefOpens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon)
	site := w.open()
	a, b := w.listen(site, "anna", "0", 64), w.listen(site, "bo", "0", 64)
	b.hears(t, "time ")
	w.do(anna, c, "call", nil)
	rings, err := w.Desk.Claim(t.Context(), 1)
	if err != nil || len(rings) != 1 {
		t.Fatal(rings, err)
	}
	a.hears(t, "brief "+c.ID+" rings")
	w.do(bo, c, "note", map[string][]string{"words": {"the last thing"}})
	last, _, err := w.Desk.Show(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.not = "brief"
	b.hears(t, "row ", fmt.Sprintf(`data-v="%d"`, last.Version))
}

// To whom a customer is put through sees what it is about before he picks up, if
// he may; and the story tells what became of it.
func TestBriefOfATransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon)
	site := w.open()
	a, b, e := w.listen(site, "anna", "0", 64), w.listen(site, "bo", "0", 64), w.listen(site, "eve", "0", 64)
	for _, l := range []*listener{a, b, e} {
		l.hears(t, "time ")
		l.not = "brief"
	}
	b.not = "nothing"
	w.write(func(tx callback.Tx) error {
		for _, happened := range [][3]string{{"transfer.refused", "to", "sip:stranger@example.com"}, {"transfer", "to", "sip:eve@127.0.0.1"}, {"transfer.missed", "outcome", "busy"}, {"transfer", "to", "sip:bo@127.0.0.1"}, {"transfer.taken", "agent", "anna"}} {
			if err := tx.Record(callback.Entry{At: noon, Kind: happened[0], Callback: c.ID, Actor: "agent:anna", Name: happened[1], Value: happened[2]}); err != nil {
				return err
			}
		}
		return nil
	})
	b.hears(t, "brief "+c.ID+" rings")
	w.ask(eve, "/desk/me", map[string][]string{"state": {"break"}})
	e.hears(t, "me break") // and nothing before: it is of a queue that is not hers
	w.do(anna, c, "claim", nil)
	a.hears(t, "row <tr", `data-o="anna"`)
	story := w.ask(anna, "/desk/"+c.ID, nil).Body.String()
	for _, want := range []string{"could not be put through to sip:stranger@example.com · Anna", "put through to Eve", "nobody took over", "put through to Bo · Anna", "was taken over"} {
		if !strings.Contains(story, want) {
			t.Errorf("the story does not tell %q", want)
		}
	}
}

// Who was away is told what he has missed; when it is too much, to read anew.
func TestLastEventID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	site := w.open()
	first := w.listen(site, "anna", "0", 64)
	first.hears(t, "time ")
	w.do(anna, c, "claim", nil)
	first.hears(t, "row ", `data-o="anna"`)
	seen := <-first.id
	w.do(anna, c, "release", nil)
	first.hears(t, "row ", `data-o=""`)
	w.listen(site, "bo", seen, 64).hears(t, "row ", `data-o=""`)
	w.write(func(tx callback.Tx) error {
		for range readMost {
			if err := tx.Record(callback.Entry{At: noon, Kind: "talk.note", Queue: "billing"}); err != nil {
				return err
			}
		}
		return tx.Record(callback.Entry{At: noon, Kind: "callback.booked", Callback: c.ID})
	})
	first.hears(t, "row ")
	w.listen(site, "bo", seen, 64).hears(t, "fresh ")
	if got := w.ask(anna, "/desk/events?after=x", nil); got.Code != http.StatusBadRequest {
		t.Errorf("nonsense: %d", got.Code)
	}
}

// A browser that does not read is let go, and holds up nobody.
func TestSlowBrowser(t *testing.T) {
	t.Parallel()
	var h hub
	slow, _ := h.join(anna)
	quick, _ := h.join(bo)
	for i := range queueMost + 1 {
		h.tell(int64(i+1), []event{{[]byte("x"), everybody}})
		<-quick.out
	}
	n := 0
	for range slow.out {
		n++
	}
	if n != queueMost || len(h.clients) != 1 || h.last() != queueMost+1 {
		t.Errorf("the slow one got %d; %d are left at %d", n, len(h.clients), h.last())
	}
	h.leave(slow)
	h.close()
	if late, _ := h.join(eve); late != nil {
		if _, open := <-late.out; open {
			t.Error("who comes after the end is served")
		}
	}
}

// Nobody is listening at night: nothing is looked up, and who comes in the
// morning is told what comes after.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	var h hub
	if !h.skip(5) || !h.skip(3) || h.last() != 5 {
		t.Errorf("read up to %d, want 5", h.last())
	}
	first, seq := h.join(anna)
	if seq != 5 || h.skip(6) || h.last() != 5 {
		t.Errorf("told from %d on, and entry %d was skipped", seq, h.last())
	}
	h.tell(6, []event{{[]byte("x"), everybody}})
	if len(first.out) != 1 {
		t.Errorf("told %d events, want 1", len(first.out))
	}
}

// A thousand open desks are told of each change, and none is let go.
func TestThousandDesks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	site := w.open()
	all := make([]*listener, 1000)
	for i := range all {
		all[i] = w.listen(site, []string{"anna", "bo"}[i%2], "0", 64)
	}
	for _, l := range all {
		l.hears(t, "time ")
	}
	for _, deed := range []string{"claim", "release", "claim"} {
		code, told := w.do(anna, c, deed, nil)
		now, _, err := w.Desk.Show(t.Context(), c.ID)
		if code != http.StatusOK || err != nil {
			t.Fatal(code, told, err)
		}
		for _, l := range all {
			l.hears(t, "row <tr", fmt.Sprintf(`data-v="%d"`, now.Version))
		}
	}
	if n := w.hub.listeners(); n != len(all) {
		t.Errorf("%d desks listen still", n)
	}
}

// listeners are the browsers that are told.
func (h *hub) listeners() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// BenchmarkDesks measures how long a change takes to be on every desk, with
// real connections.
func BenchmarkDesks(b *testing.B) {
	for _, desks := range []int{200, 1000} {
		b.Run(fmt.Sprint(desks), func(b *testing.B) { benchDesks(b, desks) })
	}
}

func benchDesks(b *testing.B, desks int) {
	w := newWorld(b)
	c := w.add(noon.Add(30 * time.Minute))
	site := w.open()
	all := make([]*listener, desks)
	for i := range all {
		all[i] = w.listen(site, "anna", "0", 4096)
		all[i].hears(b, "time ")
	}
	var times []time.Duration
	var mu sync.Mutex
	n := 0
	for b.Loop() {
		n++
		note, deed := fmt.Sprintf(`data-v="%d"`, n), "claim"
		if n%2 == 0 {
			deed = "release"
		}
		var wg sync.WaitGroup
		began := time.Now()
		for _, l := range all {
			wg.Go(func() {
				l.hears(b, "row ", note)
				mu.Lock()
				defer mu.Unlock()
				times = append(times, time.Since(began))
			})
		}
		if code, body := w.do(anna, c, deed, nil); code != http.StatusOK {
			b.Fatal(code, body)
		}
		wg.Wait()
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "max-ms")
}

// TestAlarmsAreLive: what everybody has to know comes to who has the desk open,
// and to who opens it, and goes.
func TestAlarmsAreLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var now atomic.Pointer[[]string]
	now.Store(new([]string))
	w.Alarms = func(context.Context) []string { return *now.Load() }
	site := w.open()
	early := w.listen(site, "anna", "0", 16)
	early.hears(t, "time ")
	now.Store(&[]string{"main.yaml:8: no node is called <bey>"})
	early.hears(t, `alarms ["main.yaml:8: no node is called \u003cbey\u003e"]`)
	w.listen(site, "eve", "0", 16).hears(t, "alarms [", "main.yaml:8")
	now.Store(new([]string))
	early.hears(t, "alarms []")
}
