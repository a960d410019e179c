package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A booker books over HTTP, and remembers how long each answer took.
type booker struct {
	*testing.B
	client   *http.Client
	url, key string

	mu   sync.Mutex
	took []time.Duration
}

// books books for a number that nobody has booked for. What it took is counted
// from when it should have begun.
func (b *booker) books(n int, began time.Time) {
	body := strings.NewReader(fmt.Sprintf(`{"queue": "billing", "phone": "+35840%07d", "asap": true}`, 1_000_000+n))
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+"/api/v1/callbacks", body)
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+b.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprint(n))
	res, err := b.client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		b.Errorf("got %s", res.Status)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.took = append(b.took, time.Since(began))
}

// BenchmarkBook is POST /callbacks 100 times a second over HTTP, each for another
// number, whether the one before was answered or not. It tells how long the
// slowest of a hundred took; 25 ms are the target.
func BenchmarkBook(b *testing.B) {
	w := newWorld(b)
	w.Queues["billing"].Capacity = 100 // nobody is refused
	srv := httptest.NewServer(w.all)
	defer srv.Close()
	k := &booker{B: b, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}, url: srv.URL, key: w.key()}
	defer k.client.CloseIdleConnections()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := 0; b.Loop(); i++ {
		began := <-tick.C
		all.Go(func() { k.books(i, began) })
	}
	all.Wait()
	slices.Sort(k.took)
	b.ReportMetric(float64(k.took[len(k.took)*99/100].Microseconds())/1000, "p99-ms")
}
