package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
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
func (c *Counter) Begin(ctx context.Context) (err error) {
	c.after, err = c.end(ctx)
	return err
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

// end is the number of the last entry: numbers only grow, so that it is found
// by halving.
func (c *Counter) end(ctx context.Context) (int64, error) {
	var low int64
	err := c.store.View(ctx, func(tx callback.Tx) error {
		low = 0
		high := int64(1)
		for {
			more, err := beyond(tx, high)
			if err != nil {
				return err
			}
			if !more {
				break
			}
			low, high = high, 2*high
		}
		for low < high {
			middle := low + (high-low)/2
			more, err := beyond(tx, middle)
			switch {
			case err != nil:
				return err
			case more:
				low = middle + 1
			default:
				high = middle
			}
		}
		return nil
	})
	return low, err
}

func beyond(tx callback.Tx, seq int64) (bool, error) {
	entries, err := tx.Entries(seq, 1)
	return len(entries) > 0, err
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

// told is what an entry itself does not say.
type told struct {
	line     string
	cause    string // why the talk ended: "us", "carrier", or "" when neither had a part in it
	promised time.Time
}

// look finds it, for those entries that are counted by it. What was erased
// meanwhile stays unknown.
func look(tx callback.Tx, e callback.Entry) told {
	var t told
	switch e.Kind {
	case "talk.ended", "talk.gone":
		if talk, err := tx.Talk(e.Talk); err == nil {
			t.line, t.cause = talk.Line, causeOf(talk.Walk)
		}
	case dialled:
		if cb, err := tx.Callback(e.Callback); err == nil {
			t.promised = cb.At
		}
	}
	return t
}

// causeOf says whose fault the end of a talk was: ours when the desk could not
// write or nothing left this machine, the carrier's when it took no call. What
// came of the talk after that counts for more.
func causeOf(steps []walk.Step) string {
	cause := ""
	for _, s := range steps {
		switch {
		case s.Kind == ivr.Refused && s.Text == ivr.NotWritten, s.Kind == ivr.NoAnswer && s.Text == string(ivr.Unsent):
			cause = "us"
		case s.Kind == ivr.NoAnswer && (s.Text == string(ivr.Carrier) || s.Text == string(ivr.Unknown)):
			cause = "carrier"
		case s.Kind == ivr.Spoke || s.Kind == ivr.Booked || s.Kind == ivr.Cancelled:
			cause = ""
		}
	}
	return cause
}

// carried names what sort of message an entry is about.
func carried(e callback.Entry) string {
	if slices.Contains([]string{callback.ListLetter, callback.InviteLetter, callback.RevokeLetter}, e.Name) {
		return callback.MailKind
	}
	return callback.TextKind
}

// bill counts as how many messages a text that left is billed.
func (c *Counter) bill(e callback.Entry) {
	if n, err := strconv.Atoi(e.Value); err == nil && n > 0 && e.Kind == "message."+string(callback.Delivered) {
		c.segments.Add(float64(n))
	}
}

// dialled is the entry of a customer whose telephone is about to ring.
const dialled = "callback." + string(callback.CustomerDialing)

// retried is the entry of a customer whose call came to nothing.
const retried = "callback." + string(callback.RetryWait)

// count adds one entry to the counts.
func (c *Counter) count(e callback.Entry, t told) {
	thing, what, _ := strings.Cut(e.Kind, ".")
	switch {
	case e.Kind == "talk.ended":
		c.calls.WithLabelValues(t.line, cmp.Or(t.cause, "ok")).Inc()
	case e.Kind == "talk.gone":
		menu, _, _ := strings.Cut(e.Value, " ")
		c.calls.WithLabelValues(t.line, cmp.Or(t.cause, "caller")).Inc()
		c.left.WithLabelValues(menu, e.Name).Inc()
	case e.Kind == "talk.note":
		c.rate(e)
	case thing == "menu":
		c.menus.WithLabelValues(what).Inc()
	case thing == "message":
		c.tries.WithLabelValues(carried(e), what).Inc()
		c.bill(e)
		if e.Name == "survey" {
			c.surveys.WithLabelValues(what).Inc()
		}
	case e.Kind == "survey.score" && slices.Contains(questions, e.Name):
		c.surveys.WithLabelValues("answered").Inc()
	case e.Kind == "limit.reached":
		c.limits.WithLabelValues(e.Name).Inc()
	case e.Kind == "dialing.stopped":
		c.halts.WithLabelValues(e.Actor).Inc()
	case e.Kind == "voicemail.left":
		c.voicemail.WithLabelValues(e.Queue).Inc()
	case e.Kind == "text.stopped":
		c.stopped.Inc()
	case thing == "callback" && slices.Contains(callback.States(), callback.State(what)):
		c.callbacks.WithLabelValues(what).Inc()
	}
	switch {
	case e.Kind == "call.abandoned":
		c.unjoined.WithLabelValues("abandoned").Inc()
	case e.Kind == retried && e.Name == string(callback.CustomerMachine):
		c.unjoined.WithLabelValues("silent").Inc()
	}
	if e.Kind == dialled {
		c.tries.WithLabelValues("call", "begun").Inc()
		if !t.promised.IsZero() {
			c.late.Observe(max(0, e.At.Sub(t.promised).Seconds()))
		}
	}
}

// questions are those whose answers are scores.
var questions = []string{"csat", "nps", "ces"}

// rate counts a note that is an answer to a survey.
func (c *Counter) rate(e callback.Entry) {
	if slices.Contains(questions, e.Name) {
		if score, err := strconv.Atoi(e.Value); err == nil {
			c.score.WithLabelValues(e.Name).Observe(float64(score))
		}
	}
}
