package callback

import (
	"slices"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// walked notes one step of a talk.
func (t *Talk) walked(now time.Time, e ivr.Event, f ivr.Facts, to []string) {
	if len(t.Walk) >= walk.Most {
		return
	}
	s := walk.StepOf(e, f)
	s.At, s.Lost, s.To = now.Sub(t.BeganAt).Milliseconds(), t.Last.Misheard, to
	t.Walk = append(slices.Clip(t.Walk), s)
}

// outcome says how a call ended, or why nobody took it.
func (t *Talk) outcome() string {
	if len(t.Walk) == 1 && t.Walk[0].Kind == ivr.NoAnswer {
		return t.Walk[0].Text
	}
	return walk.EndOf(t.Walk)
}

// tallies counts what happened in a talk that is over.
func (t *Talk) tallies() []walk.Tally {
	return walk.Walk{Menu: t.Menu, Version: t.Version, Began: t.BeganAt, Ended: t.EndedAt, Steps: t.Walk}.Tallies()
}
