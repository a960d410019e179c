package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key, other := w.key(), w.key()
		first := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		second := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		if first.Code != 201 || second.Code != 201 || first.Body.String() != second.Body.String() || second.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
		}
		if at := second.Header().Get("Location"); at == "" || at != first.Header().Get("Location") {
			t.Errorf("it is at %q, and then at %q", first.Header().Get("Location"), at)
		}
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", strings.Replace(books, "Aino", "Eino", 1), "Idempotency-Key: one"), 422, "key-reused")
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks/none/cancel", books, "Idempotency-Key: one"), 422, "key-reused")
		refuses(t, w.ask(other, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"), 409, "already-booked")
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: "+strings.Repeat("k", 129)), 422, "invalid")
	})
}

// gone is a client that hangs up when its answer begins.
type gone struct {
	*httptest.ResponseRecorder
	hangUp context.CancelFunc
}

func (g gone) WriteHeader(code int) {
	g.hangUp()
	g.ResponseRecorder.WriteHeader(code)
}

func (g gone) Write(p []byte) (int, error) {
	g.hangUp()
	return g.ResponseRecorder.Write(p)
}

func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	ctx, hangUp := context.WithCancel(t.Context())
	r := httptest.NewRequest("POST", "/api/v1/callbacks", strings.NewReader(books)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", "one")
	w.all.ServeHTTP(gone{httptest.NewRecorder(), hangUp}, r)
	if ctx.Err() == nil {
		t.Fatal("the client has not hung up")
	}
	if again := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"); again.Code != 201 || again.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %d %s", again.Code, again.Body)
	}
}

// TestManyAtOnce sends the same booking 10,000 times at once, with a key of the
// request and without: one callback comes of it.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	many := 10_000
	if testing.Short() {
		many = 500
	}
	w := newWorld(t)
	key := w.key()
	var booked, refused, other atomic.Int64
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			body, header := books, "X-None: x"
			if i%2 == 0 {
				header = "Idempotency-Key: the same"
			}
			switch res := w.ask(key, "POST", "/api/v1/callbacks", body, header); res.Code {
			case 201:
				booked.Add(1)
			case 409:
				refused.Add(1)
			default:
				other.Add(1)
				t.Errorf("got %d %s", res.Code, res.Body)
			}
		})
	}
	all.Wait()
	found, err := w.desk.List(t.Context(), callback.Filter{})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d callbacks, %v", len(found), err)
	}
	// Those with the key were all told the same: booked, or that another was quicker.
	if b, r := booked.Load(), refused.Load(); b+r != int64(many) || b != 1 && b != int64(many/2) && b != int64(many/2)+1 {
		t.Errorf("%d were told that it is booked, %d that it was", b, r)
	}
}

// TestOnceAtATime sends one request many times at once that nothing but its key
// keeps from being done each time.
func TestOnceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if res := w.ask(key, "POST", "/api/v1/menus/reload", "", "Idempotency-Key: the same"); res.Code != http.StatusOK {
				t.Errorf("got %d %s", res.Code, res.Body)
			}
		})
	}
	all.Wait()
	if len(w.reloads) != 1 {
		t.Errorf("it was done %d times", len(w.reloads))
	}
}
