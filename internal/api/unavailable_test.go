package api

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/limits"
)

var errDisk = errors.New("the disk is full")

// What does not answer just now.
type (
	brokenDesk  struct{ Desk }
	brokenKeys  struct{ Keys }
	lostAnswers struct{ Keys }
	brokenBook  struct{ limits.Book }
)

func (brokenDesk) List(context.Context, callback.Filter) ([]callback.Callback, error) {
	return nil, errDisk
}

func (brokenDesk) LastEntry(context.Context) (int64, error) { return 0, errDisk }

func (brokenKeys) KeyOf(context.Context, string) (accounts.Key, bool, error) {
	return accounts.Key{}, false, errDisk
}

func (lostAnswers) Answered(context.Context, string, string) (accounts.Answer, bool, error) {
	return accounts.Answer{}, false, errDisk
}

func (brokenBook) Take(context.Context, time.Time, ...limits.Limit) (limits.Left, error) {
	return limits.Left{}, errDisk
}

// TestUnavailable says when to come again, whatever it is that does not answer,
// and nothing of what is wrong.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		breaks func(*Server)
		ask    func(*world, string) *httptest.ResponseRecorder
	}{
		"the desk":    {func(s *Server) { s.Desk = brokenDesk{s.Desk} }, getting("/callbacks")},
		"the journal": {func(s *Server) { s.Desk = brokenDesk{s.Desk} }, getting("/events")},
		"the keys":    {func(s *Server) { s.Keys = brokenKeys{s.Keys} }, getting("/queues")},
		"the limits":  {func(s *Server) { s.Limits = brokenBook{} }, getting("/queues")},
		"the answers": {func(s *Server) { s.Keys = lostAnswers{s.Keys} }, func(w *world, key string) *httptest.ResponseRecorder {
			return w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			key := w.key()
			tt.breaks(w.Server)
			res := tt.ask(w, key)
			refuses(t, res, 503, "unavailable")
			if res.Header().Get("Retry-After") != "5" || strings.Contains(res.Body.String(), "disk") {
				t.Errorf("got %v %s", res.Header(), res.Body)
			}
		})
	}
}

// A slowStart is a desk that books nothing the first time.
type slowStart struct {
	Desk
	began bool
}

func (d *slowStart) Book(ctx context.Context, r callback.Request) (callback.Callback, error) {
	if !d.began {
		d.began = true
		return callback.Callback{}, errDisk
	}
	return d.Desk.Book(ctx, r)
}

// TestOurFailuresAreNoAnswer holds that who sends again what failed on our side is
// not told the same for a day.
func TestOurFailuresAreNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	w.Server.Desk = &slowStart{Desk: w.Server.Desk}
	refuses(t, w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"), 503, "unavailable")
	if c := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"), 201); c.State != "booked" {
		t.Errorf("got %+v", c)
	}
}

func getting(path string) func(*world, string) *httptest.ResponseRecorder {
	return func(w *world, key string) *httptest.ResponseRecorder { return w.ask(key, "GET", "/api/v1"+path, "") }
}
