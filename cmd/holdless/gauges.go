package main

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// showWaits shows how long callers wait, how true what they are told is, and what
// waits to leave.
func (s *service) showWaits() {
	s.counts.Gauges("holdless_messages_unsent", "Texts and letters that could not leave, and are tried again.", "do", s.unsent)
	s.counts.Gauges("holdless_wait_bound_seconds", "At most how long the next caller waits for an agent, nine times of ten; 0 while one is free.", "queue", s.bounds)
	for _, g := range []struct {
		name, help string
		of         func(figures.Report) (float64, bool)
	}{
		{
			"holdless_forecast_held_ratio", "Callers of today who waited no longer than they were told.",
			func(r figures.Report) (float64, bool) { return r.Forecast.Held.Share(), r.Forecast.Held.Whole > 0 },
		},
		{
			"holdless_forecast_error_seconds", "How far the forecast was from the wait, on average today.",
			func(r figures.Report) (float64, bool) { return r.Forecast.Error, r.Forecast.Held.Whole > 0 },
		},
		{
			"holdless_promises_kept_ratio", "Promises of today that were kept.",
			func(r figures.Report) (float64, bool) { return r.Promises.Kept.Share(), r.Promises.Kept.Whole > 0 },
		},
	} {
		s.counts.Gauges(g.name, g.help, "queue", func() map[string]float64 { return s.reported(g.of) })
	}
}

func (s *service) bounds() map[string]float64 {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	all := map[string]float64{}
	for name := range s.config.Queues {
		if o, err := s.desk.Outlook(ctx, name); err == nil && (o.Idle > 0 || o.Bound > 0) {
			all[name] = o.Bound.Seconds()
		}
	}
	return all
}

// unsent counts what could not leave, by kind; nothing when the database does not
// say.
func (s *service) unsent() map[string]float64 {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	all := map[string]float64{}
	found, err := s.desk.Backlog(ctx)
	if err != nil {
		return nil
	}
	for kind, n := range found {
		all[kind] = float64(n)
	}
	return all
}

// reported works out one figure of today, by queue.
func (s *service) reported(of func(figures.Report) (float64, bool)) map[string]float64 {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	// Midnight, from which the day is counted, is the nearest to half a day ago.
	counts, err := s.desk.Counts(ctx, callback.MeasureFilter{From: s.with.now().Add(-12 * time.Hour)})
	if err != nil {
		return nil
	}
	all := map[string]float64{}
	for queue, counted := range counts {
		if n, known := of(counted.Report(figures.Usual)); known {
			all[queue] = n
		}
	}
	return all
}
