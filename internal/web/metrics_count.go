package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

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
