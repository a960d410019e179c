package web

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// journal is a store that has a journal, one callback and one talk.
type journal struct {
	callback.Tx
	entries []callback.Entry
	walk    []walk.Step // of the talk
}

func (j *journal) Update(context.Context, func(callback.Tx) error) error { panic("only read") }

func (j *journal) View(_ context.Context, fn func(callback.Tx) error) error { return fn(j) }

func (j *journal) Entries(after int64, most int) ([]callback.Entry, error) {
	var found []callback.Entry
	for _, e := range j.entries {
		if e.Seq > after && len(found) < most {
			found = append(found, e)
		}
	}
	return found, nil
}

func (j *journal) LastEntry() (int64, error) {
	if len(j.entries) == 0 {
		return 0, nil
	}
	return j.entries[len(j.entries)-1].Seq, nil
}

func (j *journal) Talk(id string) (callback.Talk, error) {
	if id != "t" {
		return callback.Talk{}, callback.ErrNotFound
	}
	return callback.Talk{Line: "sip", Walk: j.walk}, nil
}

func (j *journal) Callback(id string) (callback.Callback, error) {
	if id != "c" {
		return callback.Callback{}, callback.ErrNotFound
	}
	return callback.Callback{At: noon}, nil
}

func (j *journal) add(e callback.Entry) {
	e.Seq = 1
	if n := len(j.entries); n > 0 {
		e.Seq = j.entries[n-1].Seq + 3 // numbers have gaps
	}
	j.entries = append(j.entries, e)
}

func scrape(t *testing.T, c *Counter) string {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func TestCounterCounts(t *testing.T) {
	t.Parallel()
	j := &journal{}
	for range 1300 { // what happened before is not counted
		j.add(callback.Entry{Kind: "callback.done"})
	}
	c := NewCounter(j, slog.New(slog.DiscardHandler))
	c.Gauge("holdless_calls_live", "Calls that are up.", func() float64 { return 7 })
	if err := c.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 * readMost {
		j.add(callback.Entry{Kind: "callback.booked"})
	}
	for _, e := range []callback.Entry{
		{Kind: "talk.ended", Talk: "t", Name: "bye", Value: "main 12"},
		{Kind: "talk.gone", Talk: "t", Name: "times", Value: "main 4"},
		{Kind: "talk.gone", Talk: "erased", Name: "times", Value: "main 4"},
		{Kind: "callback.customer_dialing", Callback: "c", At: noon.Add(20 * time.Second)},
		{Kind: "callback.anything", Name: "a cause that is no state"},
		{Kind: "message.sent", Name: callback.ListLetter},
		{Kind: "message.failed", Name: callback.InviteLetter, Value: "550"},
		{Kind: "message.sent", Value: "1"},
		{Kind: "message.sent", Value: "3"},
		{Kind: "message.unknown", Value: "9"},
		{Kind: "message.delivered", Name: "survey"},
		{Kind: "survey.score", Name: "csat", Value: "5"},
		{Kind: "survey.score", Name: "solved", Value: "1"},
		{Kind: "text.stopped", Name: "stop"},
		{Kind: "talk.note", Name: "csat", Value: "5"},
		{Kind: "talk.note", Name: "csat", Value: "well"},
		{Kind: "talk.note", Name: "topic", Value: "3"},
		{Kind: "voicemail.left", Queue: "billing", Name: "7"},
		{Kind: "call.abandoned"},
		{Kind: "callback.retry_wait", Name: "customer_machine"},
		{Kind: "callback.retry_wait", Name: "customer_machine"},
		{Kind: "callback.retry_wait", Name: "customer_busy"},
	} {
		j.add(e)
	}
	if err := c.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, c)
	for _, want := range []string{
		`holdless_callbacks_total{state="booked"} 1000`,
		`holdless_callbacks_total{state="customer_dialing"} 1`,
		`holdless_calls_total{line="sip",outcome="ok"} 1`,
		`holdless_calls_total{line="sip",outcome="caller"} 1`,
		`holdless_left_total{menu="main",node="times"} 2`,
		`holdless_order_tries_total{do="text",result="sent"} 2`,
		`holdless_order_tries_total{do="mail",result="sent"} 1`,
		`holdless_order_tries_total{do="mail",result="failed"} 1`,
		`holdless_sms_segments_total 4`,
		`holdless_voicemails_total{queue="billing"} 1`,
		`holdless_customers_unjoined_total{why="abandoned"} 1`,
		`holdless_customers_unjoined_total{why="silent"} 2`,
		`holdless_promise_late_seconds_sum 20`,
		`holdless_survey_score_sum{question="csat"} 5`,
		`holdless_surveys_total{result="delivered"} 1`,
		`holdless_surveys_total{result="answered"} 1`,
		`holdless_texts_stopped_total 1`,
		`holdless_survey_score_count{question="csat"} 1`,
		`holdless_calls_live 7`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, never := range []string{`state="done"`, "anything", "topic"} {
		if strings.Contains(got, never) {
			t.Errorf("the metrics have %s", never)
		}
	}
}

// What was written before a counter began is not counted.
func TestCounterFindsTheEnd(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 17} {
		j := &journal{}
		for range n {
			j.add(callback.Entry{Kind: "callback.booked"})
		}
		c := NewCounter(j, slog.New(slog.DiscardHandler))
		if err := c.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		j.add(callback.Entry{Kind: "callback.booked"})
		if err := c.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := scrape(t, c); !strings.Contains(got, `holdless_callbacks_total{state="booked"} 1`+"\n") {
			t.Errorf("after %d entries one is counted as\n%s", n, got)
		}
	}
}

// Whose doing the end of a talk was is told from what happened in it.
func TestCauseOf(t *testing.T) {
	t.Parallel()
	no := func(o ivr.Outcome) walk.Step { return walk.Step{Kind: ivr.NoAnswer, Text: string(o)} }
	key := walk.Step{Kind: ivr.Heard, Text: "1"}
	tests := []struct {
		name string
		walk []walk.Step
		want string
	}{
		{"nothing", nil, ""},
		{"keys", []walk.Step{key, key}, ""},
		{"nobody answers", []walk.Step{key, no(ivr.Unanswered)}, ""},
		{"not written", []walk.Step{key, {Kind: ivr.Refused, Text: ivr.NotWritten}, {Kind: ivr.Gone}}, "us"},
		{"refused by a rule", []walk.Step{key, {Kind: ivr.Refused, Text: ivr.TooMany}}, ""},
		{"not sent", []walk.Step{no(ivr.Unsent)}, "us"},
		{"no trunk takes it", []walk.Step{key, no(ivr.Carrier)}, "carrier"},
		{"nobody knows", []walk.Step{key, no(ivr.Unknown)}, "carrier"},
		{"a person in the end", []walk.Step{no(ivr.Carrier), {Kind: ivr.Spoke}}, ""},
	}
	for _, tt := range tests {
		if got := causeOf(tt.walk); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCounterCountsCauses(t *testing.T) {
	t.Parallel()
	j := &journal{walk: []walk.Step{{Kind: ivr.NoAnswer, Text: string(ivr.Carrier)}}}
	c := NewCounter(j, slog.New(slog.DiscardHandler))
	j.add(callback.Entry{Kind: "talk.ended", Talk: "t", Value: "agent 3"})
	j.add(callback.Entry{Kind: "limit.reached", Name: "others"})
	j.add(callback.Entry{Kind: "dialing.stopped", Actor: "desk"})
	if err := c.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, c)
	for _, want := range []string{
		`holdless_calls_total{line="sip",outcome="carrier"} 1`,
		`holdless_limits_reached_total{limit="others"} 1`,
		`holdless_dialing_stops_total{by="desk"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}
