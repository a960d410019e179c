package booth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"
)

// TestHurry has the clock run faster, which the page is told, and refuses what
// it cannot do.
func TestHurry(t *testing.T) {
	t.Parallel()
	pace := 1.0
	b := New(Config{Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: func() float64 { return pace }, Hurry: func(p float64) { pace = p }})
	_, more := b.shown(t.Context())
	if code := post(b, "pace", "pace=60"); code != http.StatusNoContent || pace != 60 {
		t.Errorf("the clock runs %g times as fast: %d", pace, code)
	}
	select {
	case <-more:
	default:
		t.Error("pages are not told")
	}
	if now, _ := b.shown(t.Context()); now.Pace != 60 {
		t.Errorf("pages are told %+v", now)
	}
	for _, bad := range []string{"", "pace=0", "pace=-1", "pace=1e9", "pace=NaN"} {
		if code := post(b, "pace", bad); code != http.StatusBadRequest || pace != 60 {
			t.Errorf("%q: %d, %g", bad, code, pace)
		}
	}
	if code := post(New(Config{Now: time.Now}), "pace", "pace=60"); code != http.StatusBadRequest {
		t.Errorf("where nobody can hurry it: %d", code)
	}
}

// TestNext says when it rings next.
func TestNext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 58, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		err  error
		want string
	}{
		{at: time.Time{}},
		{at: now.Add(17 * time.Minute), want: "at 10:15"},
		{at: now.Add(-time.Second), want: "any moment now"},
		{at: now.Add(24 * time.Hour), want: "on Tuesday at 09:58"},
		{at: now.Add(time.Hour), err: errors.New("the store is away")},
	} {
		b := New(Config{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Next: func(context.Context) (time.Time, error) { return tt.at, tt.err }})
		if got, _ := b.shown(t.Context()); got.Next != tt.want {
			t.Errorf("for %s: %q, want %q", tt.at, got.Next, tt.want)
		}
	}
}
