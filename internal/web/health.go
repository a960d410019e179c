package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Check is one thing that must hold for the service to be ready.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// checkTime is how long a check may take before it has failed.
const checkTime = time.Second

// health says that the process runs.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// ready says whether callers can be served, and else what is missing.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	code := http.StatusOK
	var out strings.Builder
	if s.draining.Load() {
		code = http.StatusServiceUnavailable
		out.WriteString("service: draining\n")
	}
	for _, c := range s.Checks {
		if err := c.within(r.Context(), cmp.Or(s.patience, checkTime)); err != nil {
			code = http.StatusServiceUnavailable
			fmt.Fprintf(&out, "%s: %v\n", c.Name, err)
			continue
		}
		fmt.Fprintf(&out, "%s: ok\n", c.Name)
	}
	if !s.inside(r) {
		plain(w, code, map[bool]string{true: "ready\n", false: "not ready\n"}[code == http.StatusOK])
		return
	}
	plain(w, code, out.String())
}

// within runs the check, and waits no longer than its time, whatever it does.
func (c Check) within(ctx context.Context, most time.Duration) error {
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- c.Do(ctx) }() // it is bound by ctx, and heard of at the next scrape
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer within %s", most)
	}
}

func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text)) // the client may have gone
}
