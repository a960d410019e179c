package twilioline

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/script"
)

// BenchmarkWebhooks sends webhooks of callers in mid-menu, 200 in a second
// however long they take, over the real desk and store, and reports how long
// one takes.
//
//	go test -run '^$' -bench Webhooks -benchtime 12000x ./internal/twilioline
func BenchmarkWebhooks(b *testing.B) {
	const perSecond = 200
	all, err := script.ReadDir(talks)
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s script.Talk) bool { return s.Name == "default_path" })
	l := newLine(b, testConfig(), Ports{Desk: linetest.NewDesk(b, all[i])})
	callers := &callers{waiting: make(chan *walk, 10_000)}
	var took sync.Map
	var work sync.WaitGroup
	heap := live()
	began := time.Now()
	b.ResetTimer()
	for n := range b.N {
		<-time.After(time.Until(began.Add(time.Duration(n) * time.Second / perSecond)))
		due := began.Add(time.Duration(n) * time.Second / perSecond)
		work.Go(func() {
			if code := callers.step(l); code >= 300 {
				b.Errorf("answered %d", code)
			}
			took.Store(n, time.Since(due))
		})
	}
	work.Wait()
	b.StopTimer()
	times := make([]time.Duration, 0, b.N)
	for n := range b.N {
		d, _ := took.Load(n)
		times = append(times, d.(time.Duration))
	}
	slices.Sort(times)
	b.ReportMetric(ms(times[len(times)/2]), "p50-ms")
	b.ReportMetric(ms(times[len(times)*99/100]), "p99-ms")
	b.ReportMetric(ms(times[len(times)-1]), "max-ms")
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "webhooks/s")
	took.Clear()
	b.ReportMetric(float64(live()-heap)/1024, "heap-grew-KiB")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// live is how much memory is in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// callers are people in mid-menu.
type callers struct {
	mu      sync.Mutex
	n       int
	waiting chan *walk
}

// A walk is one call.
type walk struct {
	form url.Values
	next string
}

// step sends the next webhook of one of the callers, or of a new one.
func (c *callers) step(h http.Handler) int {
	var w *walk
	select {
	case w = <-c.waiting:
	default:
		w = c.begin()
	}
	got := genuine(w.next, w.form).send(h)
	w.form.Set("CallStatus", "in-progress")
	w.form.Set("Digits", "1")
	switch next := follows(got.Body.String()); {
	case next != "":
		w.next = next
	case w.next == root+"/status":
		return got.Code
	default:
		w.next = root + "/status"
		w.form.Set("CallStatus", "completed")
	}
	c.waiting <- w
	return got.Code
}

func (c *callers) begin() *walk {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return &walk{next: root + "/voice", form: url.Values{
		"CallSid": {fmt.Sprintf("CA%032x", c.n)}, "From": {fmt.Sprintf("+35840%07d", c.n)},
		"To": {string(linetest.Number)}, "CallStatus": {"ringing"}, "Direction": {"inbound"},
	}}
}
