package walk

import (
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

func TestEndOf(t *testing.T) {
	t.Parallel()
	message := Step{Kind: ivr.Recorded, Facts: string(factMessage)}
	for _, tt := range []struct {
		name  string
		steps []Step
		want  string
	}{
		{"nothing", nil, EndOver},
		{"spoke before hanging up", []Step{{Kind: ivr.Spoke}, {Kind: ivr.Gone}}, EndPerson},
		{"booked, then cancelled", []Step{{Kind: ivr.Booked}, {Kind: ivr.Cancelled}}, EndCancelled},
		{"booked, then hung up", []Step{{Kind: ivr.Booked}, {Kind: ivr.Gone}}, EndBooked},
		{"left a message", []Step{message, {Kind: ivr.Done}}, EndBooked},
		{"spoke a prompt", []Step{{Kind: ivr.Recorded}, {Kind: ivr.Done}}, EndOver},
		{"hung up", []Step{{Kind: ivr.Begin}, {Kind: ivr.Gone}}, EndGone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := EndOf(tt.steps); got != tt.want {
				t.Errorf("it ended %s, want %s", got, tt.want)
			}
		})
	}
}

// What was keyed in is not kept, but for single keys.
func TestStepKeepsSingleKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"1": "1", "0401234567": Many, "": ""} {
		if got := StepOf(ivr.Event{Kind: ivr.Heard, Text: text}, ivr.Facts{}).Text; got != want {
			t.Errorf("of %q is kept %q, want %q", text, got, want)
		}
	}
}

func TestFactsAreHeldAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	held := ivr.Facts{Open: true, Idle: 3, MayWait: true, Slots: make([]time.Time, 7), Caller: ivr.Caller{VIP: true}}
	got := StepOf(ivr.Event{Kind: ivr.Begin}, held).Held(now)
	if !got.Open || got.Idle == 0 || !got.MayWait || !got.Caller.VIP || len(got.Slots) != 7 {
		t.Errorf("held was %+v", got)
	}
	if got.MayAsk || got.Caller.Known || !got.Booking.IsZero() || got.Message > 0 {
		t.Errorf("what did not hold does: %+v", got)
	}
}

func TestTookIsNear(t *testing.T) {
	t.Parallel()
	for d := 100 * time.Millisecond; d < 20*time.Minute; d = d * 11 / 10 {
		if got := Took(classOf(d)); got < d*85/100 || got > d*115/100 {
			t.Errorf("%s is counted as %s", d, got)
		}
	}
}
