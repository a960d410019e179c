package walk

import (
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Step is one event of a talk, what held at that moment, and where it led.
// Of what was keyed in only single keys are kept.
type Step struct {
	At    int64    `json:"at,omitempty"` // milliseconds since the talk began
	Kind  ivr.Kind `json:"do"`
	Text  string   `json:"text,omitempty"` // a key, "many" keys, an outcome or a reason
	Facts string   `json:"if,omitempty"`   // as [Step.Held] reads them
	Lost  bool     `json:"lost,omitempty"` // it meant nothing there
	To    []string `json:"to,omitempty"`   // the nodes that the talk came to
}

// Many stands for more than one key, or words.
const Many = "many"

// Most bounds what is kept of one talk.
const Most = 400

// The facts of a step, one letter each; the number of free times follows them,
// when it was looked at.
const (
	factOpen     = 'o'
	factIdle     = 'i'
	factBooking  = 'b'
	factKnown    = 'k'
	factCallable = 'c'
	factMayAsk   = 'm'
	factVIP      = 'v'
	factSurvey   = 's'
	factMessage  = 'l'
	factWait     = 'w'
)

// StepOf notes an event, and what held when it came.
func StepOf(e ivr.Event, f ivr.Facts) Step {
	s := Step{Kind: e.Kind, Facts: shortly(f)}
	switch {
	case e.Kind == ivr.Heard && len(e.Text) > 1:
		s.Text = Many
	case e.Kind == ivr.Heard || e.Kind == ivr.NoAnswer || e.Kind == ivr.Refused:
		s.Text = e.Text
	}
	return s
}

func shortly(f ivr.Facts) string {
	var b strings.Builder
	for _, fact := range []struct {
		letter rune
		holds  bool
	}{
		{factOpen, f.Open},
		{factIdle, f.Idle > 0},
		{factBooking, !f.Booking.IsZero()},
		{factKnown, f.Caller.Known},
		{factCallable, f.Caller.Callable},
		{factMayAsk, f.MayAsk},
		{factVIP, f.Caller.VIP},
		{factSurvey, f.MaySurvey},
		{factMessage, f.Message > 0},
		{factWait, f.MayWait},
	} {
		if fact.holds {
			b.WriteRune(fact.letter)
		}
	}
	if f.Slots != nil {
		b.WriteString(strconv.Itoa(len(f.Slots)))
	}
	return b.String()
}

// Held returns facts as they were, as far as they were kept: whether something
// was so, and how many times were free, but neither which nor whose. Times
// that nobody looked at are as many as a menu reads out.
func (s Step) Held(now time.Time) ivr.Facts {
	has := func(letter rune) bool { return strings.ContainsRune(s.Facts, letter) }
	f := ivr.Facts{
		Now: now, Open: has(factOpen), MayWait: has(factWait), MayAsk: has(factMayAsk), MaySurvey: has(factSurvey),
		Caller: ivr.Caller{Known: has(factKnown), Callable: has(factCallable), VIP: has(factVIP)},
	}
	if f.Caller.Callable {
		f.Caller.Phone = "+358401234567"
	}
	if has(factIdle) {
		f.Idle = 1
	}
	if has(factMessage) {
		f.Message = time.Minute
	}
	if !f.Open {
		f.Opens = now.Add(12 * time.Hour)
	}
	if has(factBooking) {
		f.Booking = now.Add(time.Hour)
	}
	free, err := strconv.Atoi(strings.TrimLeft(s.Facts, "oibkcmvslw"))
	if err != nil {
		free = 12
	}
	for n := range min(free, 40) {
		f.Slots = append(f.Slots, now.Truncate(time.Hour).Add(time.Duration(n+2)*30*time.Minute))
	}
	return f
}

// message reports whether a caller has spoken a message, with which he is
// promised a call. An agent who speaks a prompt may leave none.
func (s Step) message() bool {
	return s.Kind == ivr.Recorded && strings.ContainsRune(s.Facts, factMessage)
}

// way names what a step was.
func (s Step) way() string {
	switch {
	case s.Kind == ivr.Heard && s.Lost:
		return WayWrong
	case s.Kind == ivr.Heard && s.Text == Many:
		return WayMany
	case s.Kind == ivr.Heard:
		return WayKey + s.Text
	case s.Kind == ivr.NoAnswer:
		return s.Text
	}
	return string(s.Kind) // silence and gone among them
}
