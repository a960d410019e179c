package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A clock that was set is not to be trusted for a while; one that is kept right
// always is.
func TestSteady(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	type look struct {
		passed time.Duration // since the process began
		wall   time.Duration // since noon
		ok     bool
	}
	tests := []struct {
		name  string
		looks []look
	}{
		{"kept right", []look{{0, 0, true}, {time.Hour, time.Hour + 2*time.Second, true}, {25 * time.Hour, 25 * time.Hour, true}}},
		{"set forward", []look{{0, 0, true}, {time.Minute, 2 * time.Hour, false}, {time.Minute + 30*time.Second, 2*time.Hour + 30*time.Second, false}, {3 * time.Minute, 2*time.Hour + 2*time.Minute, true}}},
		{"set back", []look{{time.Minute, 0, true}, {2 * time.Minute, -24 * time.Hour, false}}},
		{"the machine slept", []look{{0, 0, true}, {time.Second, time.Hour, false}, {62 * time.Second, time.Hour + 61*time.Second, true}}},
	}
	for _, tt := range tests {
		s := &steady{}
		for i, l := range tt.looks {
			err := s.look(noon.Add(l.wall), l.passed)
			if (err == nil) != l.ok {
				t.Errorf("%s: look %d: got %v", tt.name, i, err)
			}
			if err != nil && !strings.Contains(err.Error(), "it jumped by") {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
	}
}

// A service whose only trunk is away, or whose data cannot be written, is not
// ready, and says why.
func TestReady(t *testing.T) {
	t.Parallel()
	r := serving(t)
	eventually(t, "trunk is seen to be away", func() bool {
		code, body := r.get(t, "/readyz")
		return code == 503 && strings.Contains(body, "no trunk takes calls: local")
	})
	for _, want := range []string{"database: ok", "disk: ok", "clock: ok"} { // a second is not enough for each on a busy machine
		eventually(t, want, func() bool {
			_, body := r.get(t, "/readyz")
			return strings.Contains(body, want)
		})
	}
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	r.store = nil
	if code, body := r.get(t, "/readyz"); code != 503 || strings.Contains(body, "database: ok") {
		t.Errorf("got %d %s", code, body)
	}
	if err := roomIn(r.config.Data + "/not"); err == nil {
		t.Error("a directory that is gone has room")
	}
	r.stop()
	<-r.ended
}

// Who is told to end while it starts has done what it was told.
func TestStopWhileStarting(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs strings.Builder
	code := execute(ctx, []string{"serve", "-c", written(t, "")}, stdio{strings.NewReader(""), &out, &errs})
	if code != exitDone {
		t.Errorf("got %d %s", code, errs.String())
	}
}
