package wait

import (
	"time"

	"github.com/holdless/holdless/callback/figures"
)

const (
	// memory is the weight of one call in the running mean of handling times:
	// about the last fifty count.
	memory = 0.02
	// longest is how many times the mean one call counts for at the most: a
	// telephone that was not hung up is no call of nine hours.
	longest = 10
)

// A Handling is the running mean of how long calls keep agents.
type Handling struct {
	Mean  time.Duration
	Calls int // that it was made of
}

// Handled is the mean before the first call: five minutes, writing included.
var Handled = Handling{Mean: 5 * time.Minute}

// Add counts one call in. The first ones weigh more, so that the guess that
// was begun with is soon forgotten.
func (h Handling) Add(took time.Duration) Handling {
	took = min(took, longest*h.Mean)
	h.Calls++
	weight := max(memory, 1/float64(h.Calls+1))
	h.Mean += time.Duration(weight * float64(took-h.Mean))
	return h
}

// A Giving tells how long people wait until they give up, from those who did
// and from those who were served first: of the latter it is only known that
// they would have waited longer. The most likely mean of such censored times,
// when they are exponential, is all time waited over the number who gave up
// (Palm's patience; Mandelbaum and Zeltyn, "Service engineering in action: the
// Palm/Erlang-A queue", 2007).
//
// Both numbers forget: about the last five hundred people count.
type Giving struct {
	Waited time.Duration // by all, together
	Up     float64       // how many gave up
}

// forgets is the share of what was known that one person more makes forgotten.
const forgets = 0.002

// GivingUp is what is taken for granted before anybody waited: one person who
// gave up after ten minutes.
var GivingUp = Giving{Waited: 10 * time.Minute, Up: 1}

// Add counts in one person, and whether he gave up.
func (g Giving) Add(waited time.Duration, up float64) Giving {
	g.Waited += waited - time.Duration(forgets*float64(g.Waited))
	g.Up += up - forgets*g.Up
	return g
}

// Patience is the mean time after which people give up; 0 when nobody did.
func (g Giving) Patience() time.Duration {
	if g.Up <= 0 {
		return 0
	}
	return duration(g.Waited.Seconds() / g.Up)
}

// Running is what is known of the calls and the callers of a queue just now.
type Running struct {
	Queue string
	Talk  Handling // how long calls keep an agent
	Write Handling // and how long he writes after them
	Gives Giving   // how long callers wait until they give up
}

// Unmeasured is what is taken for granted of a queue before its first call.
func Unmeasured(queue string) Running {
	return Running{
		Queue: queue, Talk: Handled, Write: Handling{Mean: 30 * time.Second}, Gives: GivingUp,
	}
}

// Handle is how long one call keeps an agent, writing included.
func (r Running) Handle() time.Duration { return r.Talk.Mean + r.Write.Mean }

// Add counts in what was measured. It reports false for what says nothing
// about calls and callers.
func (r Running) Add(c figures.Count) (Running, bool) {
	switch c.Name {
	case figures.Talking:
		r.Talk = r.Talk.Add(c.Time)
	case figures.Writing:
		r.Write = r.Write.Add(c.Time)
	case figures.Abandoned:
		r.Gives = r.Gives.Add(c.Time, 1)
	case figures.Answered, figures.Deferred, figures.Unserved:
		r.Gives = r.Gives.Add(c.Time, 0)
	default:
		return r, false
	}
	return r, true
}
