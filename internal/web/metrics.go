package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/holdless/holdless/callback"
)

const (
	readEvery = time.Second // how often the journal is read on
	readMost  = 500         // entries at a time
)

// A Counter reads the journal and counts what happened since it began.
type Counter struct {
	store callback.Store
	log   *slog.Logger
	reg   *prometheus.Registry
	after int64 // the last entry that was counted

	calls     *prometheus.CounterVec
	left      *prometheus.CounterVec
	callbacks *prometheus.CounterVec
	tries     *prometheus.CounterVec
	late      prometheus.Histogram
	score     *prometheus.HistogramVec
	surveys   *prometheus.CounterVec
	menus     *prometheus.CounterVec
	stopped   prometheus.Counter
	segments  prometheus.Counter
	limits    *prometheus.CounterVec
	halts     *prometheus.CounterVec
	voicemail *prometheus.CounterVec
	unjoined  *prometheus.CounterVec
}

// NewCounter makes a counter. It counts after Begin, while Run runs.
func NewCounter(store callback.Store, log *slog.Logger) *Counter {
	c := &Counter{
		store: store, log: log, reg: prometheus.NewRegistry(),
		calls:     counter("holdless_calls_total", "Talks that ended, by line and by whose doing: ok, caller, us, carrier.", "line", "outcome"),
		left:      counter("holdless_left_total", "Talks that were left before their end, by menu and node.", "menu", "node"),
		callbacks: counter("holdless_callbacks_total", "Callbacks that came to a state.", "state"),
		tries:     counter("holdless_order_tries_total", "Orders that were carried out, and how that ended.", "do", "result"),
		surveys:   counter("holdless_surveys_total", "Surveys by how far they came: sent, delivered, undelivered, answered.", "result"),
		menus:     counter("holdless_menu_changes_total", "What became of menus: live, refused, trial, promoted, withdrawn.", "result"),
		voicemail: counter("holdless_voicemails_total", "Messages that callers have left, by queue.", "queue"),
		unjoined: counter("holdless_customers_unjoined_total",
			"Calls of ours that were answered and led to no word: abandoned (a key was pressed, and no agent was free), silent (no key, or a machine).", "why"),
		stopped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "holdless_texts_stopped_total", Help: "People who asked for no more texts.",
		}),
		segments: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "holdless_sms_segments_total", Help: "Messages that the texts which left are billed as.",
		}),
		limits: counter("holdless_limits_reached_total", "Callbacks that were refused because of a limit.", "limit"),
		halts:  counter("holdless_dialing_stops_total", "How often dialling was stopped: by an operator, or by itself (desk).", "by"),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "holdless_promise_late_seconds", Help: "How long after the promised time the customer was rung.",
			Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600},
		}),
		score: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdless_survey_score", Help: "Answers to the question after the call.",
			Buckets: prometheus.LinearBuckets(0, 1, 11),
		}, []string{"question"}),
	}
	c.reg.MustRegister(c.calls, c.left, c.callbacks, c.tries, c.late, c.score, c.surveys, c.menus, c.stopped, c.segments, c.limits, c.halts, c.voicemail, c.unjoined,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return c
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// Gauge shows a number that is asked for whenever somebody looks.
func (c *Counter) Gauge(name, help string, ask func() float64) {
	c.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, ask))
}

// Handler serves the counts in the format of Prometheus.
func (c *Counter) Handler() http.Handler { return promhttp.HandlerFor(c.reg, promhttp.HandlerOpts{}) }

// Begin finds the end of the journal: what is written from then on is counted.
func (c *Counter) Begin(ctx context.Context) error {
	return c.store.View(ctx, func(tx callback.Tx) (err error) {
		c.after, err = tx.LastEntry()
		return err
	})
}

// Run reads the journal on, after Begin, until ctx is done.
func (c *Counter) Run(ctx context.Context) error {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if err := c.step(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("journal not counted", "err", err)
		}
	}
}

// step counts all that is new.
func (c *Counter) step(ctx context.Context) (err error) {
	for more := true; more && err == nil; {
		more, err = c.read(ctx)
	}
	return err
}

// read counts the next entries, and tells whether there may be more.
func (c *Counter) read(ctx context.Context) (more bool, err error) {
	var entries []callback.Entry
	var told []told
	err = c.store.View(ctx, func(tx callback.Tx) (err error) {
		if entries, err = tx.Entries(c.after, readMost); err != nil {
			return err
		}
		told = nil
		for _, e := range entries {
			told = append(told, look(tx, e))
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for i, e := range entries {
		c.count(e, told[i])
		c.after = e.Seq
	}
	return len(entries) == readMost, nil
}
