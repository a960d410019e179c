package hooks_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A slowCRM takes its time with the first request, until it is let go, and fails
// it then; all others it takes at once.
type slowCRM struct {
	*crm
	asked chan struct{} // has the first request come in
	let   chan struct{}
	ids   chan string
}

// ServeHTTP implements [http.Handler].
func (c *slowCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.ids <- r.Header.Get("webhook-id")
	select {
	case c.asked <- struct{}{}:
		<-c.let
		w.WriteHeader(http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// TestLease has one process wait for the answer of a program: another sends the
// same only when the time for that is over, and what the first one hears then
// changes nothing any more.
func TestLease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := &slowCRM{asked: make(chan struct{}, 1), let: make(chan struct{}), ids: make(chan string, 9)}
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		s.crm = open(t, st, func(e *hooks.Endpoint) { e.URL = srv.URL })
		s.p.SetPatience(5 * time.Minute)
		other := *s.p
		s.happens("callback.booked")
		ended := make(chan error, 1)
		go func() {
			_, err := s.p.Step(context.Background(), "crm")
			ended <- err
		}()
		first := <-s.ids
		if _, err := other.Step(t.Context(), "crm"); err != nil || len(s.ids) != 0 {
			t.Errorf("another has sent it too, %v", err)
		}
		s.wait(3 * time.Minute)
		if _, err := other.Step(t.Context(), "crm"); err != nil {
			t.Error(err)
		}
		select {
		case again := <-s.ids:
			if again != first {
				t.Errorf("sent as %s, and before as %s", again, first)
			}
		default:
			t.Error("what nobody has answered is not sent again")
		}
		close(s.let)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if d := s.log()[0]; d.DoneAt.IsZero() || d.Err != "" || d.Status != http.StatusNoContent || d.Tries != 2 {
			t.Errorf("who came too late has changed what came of it: %+v", d)
		}
		if h := s.hook(); !h.FailingSince.IsZero() {
			t.Errorf("who came too late says that it fails: %+v", h)
		}
	})
}

// quicker is a store in which somebody else is quicker, once.
type quicker struct {
	hooks.Store
	before func()
	armed  atomic.Bool
}

// UpdateHooks implements [hooks.Store].
func (q *quicker) UpdateHooks(ctx context.Context, fn func(hooks.Tx) error) error {
	if q.armed.CompareAndSwap(true, false) {
		q.before()
	}
	return q.Store.UpdateHooks(ctx, fn)
}

// TestClaimRace has another process take what is due between the look and the
// hand: it is sent once.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		c := open(t, st, nil)
		c.happens("callback.booked", "callback.moved")
		c.answers(http.StatusInternalServerError)
		c.step() // now both are in the outbox, and due again in a while
		c.taken()
		c.answers(http.StatusNoContent)
		c.wait(time.Hour)
		other := *c.p
		q := &quicker{Store: st, before: func() {
			if _, err := other.Step(context.Background(), "crm"); err != nil {
				t.Error(err)
			}
		}}
		q.armed.Store(true)
		c.p.Store = q
		c.step()
		var ids []string
		for _, h := range c.taken() {
			ids = append(ids, h.header.Get("webhook-id"))
		}
		slices.Sort(ids)
		if len(ids) != 2 || len(slices.Compact(ids)) != 2 {
			t.Errorf("sent %q", ids)
		}
	})
}

func b64(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }

// TestSecrets takes secrets of 24 to 64 bytes, as Standard Webhooks asks, and
// no others.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for secret, good := range map[string]bool{
		"whsec_" + b64(23): false, "whsec_" + b64(24): true, b64(24): true, " whsec_" + b64(64) + "\n": true, "whsec_" + b64(65): false,
		"": false, "whsec_": false, "whsec_" + strings.Repeat("?", 32): false, "a password of some length": false,
	} {
		if key, err := hooks.Secret(secret); (err == nil) != good || good && len(key) < 24 {
			t.Errorf("%q: %d bytes, %v", secret, len(key), err)
		}
	}
}

// TestAnswersCostLittle asks programs whose answer has no end, in its body or in
// its head: little of it is read.
func TestAnswersCostLittle(t *testing.T) {
	t.Parallel()
	const much = 64 << 20 // more than lies in the buffers of both systems
	for name, tt := range map[string]struct {
		head  string
		taken bool
	}{
		"body": {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", true},
		"head": {"HTTP/1.1 200 OK\r\nX-Long: ", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := make(chan int, 1)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, out, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				n, letters := 0, strings.Repeat("x", 64<<10)
				for _, err = out.WriteString(tt.head); err == nil && n < 2*much; n += len(letters) {
					_, err = out.WriteString(letters)
				}
				sent <- n
			}))
			defer srv.Close()
			c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = srv.URL })
			c.p.SetPatience(5 * time.Minute)
			c.happens("callback.booked")
			c.step()
			if n := <-sent; n > much {
				t.Errorf("%d bytes of the answer were taken", n)
			}
			if d := c.log()[0]; d.DoneAt.IsZero() == tt.taken {
				t.Errorf("the log has %+v", d)
			}
		})
	}
}

// TestAnswersInTime lets go of a program that never answers, and tries it again.
func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer srv.Close()
	defer close(over)
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = srv.URL })
	c.p.SetPatience(50 * time.Millisecond)
	c.happens("callback.booked")
	c.step()
	if d := c.log()[0]; !d.DoneAt.IsZero() || d.Tries != 1 || d.Status != 0 || d.Err == "" {
		t.Errorf("the log has %+v", d)
	}
}

// full is a store that finds out as it commits that its disk is full, once something
// was taken from it that is due.
type full struct{ hooks.Store }

type fullTx struct {
	hooks.Tx
	took *bool
}

func (f fullTx) PutDelivery(d hooks.Delivery) error {
	*f.took = true
	return f.Tx.PutDelivery(d)
}

var errFull = errors.New("disk is full")

func (f full) UpdateHooks(ctx context.Context, fn func(hooks.Tx) error) error {
	return f.Store.UpdateHooks(ctx, func(tx hooks.Tx) error {
		took := false
		if err := fn(fullTx{tx, &took}); err != nil || !took {
			return err
		}
		return errFull
	})
}

// TestNothingIsSentThatCannotBeTaken holds that what cannot be written down as taken is
// not sent: it would be sent again with every look.
func TestNothingIsSentThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := &slowCRM{asked: make(chan struct{}), let: make(chan struct{}), ids: make(chan string, 9)}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.crm = open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = srv.URL })
	s.happens("callback.booked")
	s.p.Store = full{s.p.Store}
	for range 2 {
		if _, err := s.p.Step(t.Context(), "crm"); !errors.Is(err, errFull) || len(s.ids) != 0 {
			t.Errorf("%d sent, %v", len(s.ids), err)
		}
	}
}
