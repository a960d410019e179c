package main

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// The metrics say at most how long the next caller of a queue waits, and how true
// it was what those of today were told; of a queue of which nothing is known they
// say nothing.
func TestMetricsOfForecasts(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, "sounds: {cache: false}\n"))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, slog.New(slog.DiscardHandler), parts{now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	midnight := noon.Add(-12 * time.Hour) // where the queue is
	err = s.desk.Store.Update(t.Context(), func(tx callback.Tx) error {
		var all []error
		for _, one := range []figures.Count{
			{Name: figures.Told, N: 10},
			{Name: figures.Held, N: 9},
			{Name: figures.Over, N: 6, Time: time.Minute},
			{Name: figures.Less, N: 4, Time: time.Minute},
			{Name: figures.Kept, N: 3},
			{Name: figures.Late, N: 1},
		} {
			all = append(all, tx.Measure(callback.Measure{Queue: "billing", Since: midnight, Count: one}))
		}
		all = append(all, tx.AddMessage(callback.Message{ID: "m", Kind: callback.TextKind, Key: "m", To: "+358401234567", DueAt: noon, Until: noon.Add(time.Hour), Tries: 2}))
		yesterday := callback.Measure{Queue: "billing", Since: midnight.Add(-24 * time.Hour), Count: figures.Count{Name: figures.Told, N: 1000}}
		return errors.Join(append(all, tx.Measure(yesterday))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	got := httptest.NewRecorder()
	s.counts.Handler().ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`holdless_wait_bound_seconds{queue="billing"} 0`, // anna is free
		`holdless_forecast_held_ratio{queue="billing"} 0.9`,
		`holdless_forecast_error_seconds{queue="billing"} 12`,
		`holdless_promises_kept_ratio{queue="billing"} 0.75`,
		`holdless_messages_unsent{do="text"} 1`,
		`holdless_messages_unsent{do="mail"} 0`,
	} {
		if !strings.Contains(got.Body.String(), want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
