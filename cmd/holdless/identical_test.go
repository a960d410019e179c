package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestIdenticalBookings sends one booking many times at once over HTTP to a
// service that runs, every other with an Idempotency-Key, on both databases:
// one callback comes of it. The long form is make identical.
func TestIdenticalBookings(t *testing.T) {
	t.Parallel()
	many := 100
	if n, err := strconv.Atoi(os.Getenv("HOLDLESS_IDENTICAL")); err == nil {
		many = n
	}
	const quick = "api: {per_second: 1000000}\nsounds: {cache: false}\n"
	for database, more := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return "database: \"" + storetest.Tables(t) + "\"\n" },
	} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			r := startWith(t, written(t, quick+more(t)))
			defer func() {
				r.stop()
				r.end(t)
			}()
			code, key, errs := holdless(t, "keys", "add", "crm", "--scope", "callbacks:write", "-c", r.file)
			if code != exitDone {
				t.Fatal(errs)
			}
			made, refused := r.bookAtOnce(t, strings.TrimSpace(key), many)
			found, err := r.desk.List(t.Context(), callback.Filter{Phone: "+358401234567"})
			if err != nil || len(found) != 1 {
				t.Fatalf("%d callbacks, %v", len(found), err)
			}
			// Those with the key were all told the same: made, or that another was quicker.
			if made+refused != many || made != 1 && made != many/2 && made != many/2+1 {
				t.Errorf("%d were told that it is booked, %d that it was", made, refused)
			}
		})
	}
}

// bookAtOnce sends the same booking many times, and returns how many were told
// that it was made, and that there was one. Whom the service has no time for
// tries again, as he is told to.
func (r *running) bookAtOnce(t *testing.T, key string, many int) (made, refused int) {
	t.Helper()
	doors := &http.Transport{MaxConnsPerHost: 1000, MaxIdleConnsPerHost: 1000}
	defer doors.CloseIdleConnections()
	client := &http.Client{Transport: doors}
	var yes, no, later atomic.Int64
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			for {
				code, body, err := r.bookOnce(t.Context(), client, key, i%2 == 0)
				switch {
				case err != nil:
					t.Error(err)
				case code == http.StatusCreated:
					yes.Add(1)
				case code == http.StatusConflict:
					no.Add(1)
				case code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests:
					later.Add(1)
					<-time.After(time.Second)
					continue
				default:
					t.Errorf("got %d %s", code, body)
				}
				return
			}
		})
	}
	all.Wait()
	t.Logf("%d were told that it is booked, %d that it was, %d times somebody was told to try again", yes.Load(), no.Load(), later.Load())
	return int(yes.Load()), int(no.Load())
}

// bookOnce sends the booking, and returns what it was answered.
func (r *running) bookOnce(ctx context.Context, client *http.Client, key string, again bool) (code int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.http.Addr().String()+"/api/v1/callbacks",
		strings.NewReader(`{"queue": "billing", "phone": "+358401234567"}`))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	if again {
		req.Header.Set("Idempotency-Key", "the same")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}
