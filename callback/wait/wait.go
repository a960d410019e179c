// Package wait is the mathematics of waiting: how long somebody in a line
// waits, at most how long, and how many promises a team can keep.
//
// The wait is told from the state of the line at that instant, which is better
// than any average of the past (Armony and Maglaras, Operations Research
// 52(4), 2004), and by the length of the line, which is better than the wait
// of whoever was served last (Ibrahim and Whitt, "Real-time delay estimation
// based on delay history", M&SOM 11(3), 2009). Those in front may give up, and
// that is counted in (QLm: Ibrahim and Whitt, "Real-time delay estimation in
// overloaded multiserver queues with abandonments", Management Science 55(10),
// 2009).
package wait

import (
	"math"
	"time"
)

// A Line is what a person's wait depends on.
type Line struct {
	Ahead    int           // who is served before him
	Agents   float64       // who serve: at work, and not on a break
	Handle   time.Duration // how long one call keeps an agent, writing included
	Patience time.Duration // how long people wait until they give up; 0 for ever
	Shifts   []Shift       // what is known ahead, soonest first
	Able     float64       // of the agents, how many can serve him; 0 for all of them
	Alike    int           // of those ahead, whom nobody else can serve either
}

// A Shift is a change of the team that is known ahead.
type Shift struct {
	In     time.Duration // from now
	Agents float64       // from then on
}

// An Estimate is what is known of a wait before it is over.
type Estimate struct {
	Mean     time.Duration
	Variance float64 // in seconds squared
}

// Never is the mean of a wait that does not end: nobody serves, and as far as
// is known nobody will.
const Never = time.Duration(math.MaxInt64)

// Estimate tells how long the next in line waits. He moves up whenever an
// agent comes free or somebody in front gives up: with k in front after whose
// leaving he is served, the time to the next such step is exponential with
// the rate s/AHT + k/patience, and the wait is the sum over k.
func (l Line) Estimate() Estimate {
	var seconds, variance float64
	w := walk{agents: l.Agents, shifts: l.Shifts}
	m := l.mixed()
	for k := l.Ahead; k >= 0; k-- {
		w.part = m.serve(k)
		step, rate := w.step(l.leaving(k), l.Handle.Seconds())
		if math.IsInf(step, 1) {
			return Estimate{Mean: Never}
		}
		seconds += step
		variance += 1 / (rate * rate)
		m.move(k, l.leaving(k)/rate)
	}
	return Estimate{Mean: duration(seconds), Variance: variance}
}

// leaving is the rate at which k people give up.
func (l Line) leaving(k int) float64 {
	if l.Patience <= 0 {
		return 0
	}
	return float64(k) / l.Patience.Seconds()
}

// A walk goes through the steps of a wait, while the team changes.
type walk struct {
	at     float64 // seconds from now
	agents float64
	part   float64 // of the agents, who can serve anybody of those who are left
	shifts []Shift
}

// step tells how long the next step takes, and the rate at its end. The share
// of the step that is done before a shift changes the team is done at the old
// rate.
func (w *walk) step(leaving, handle float64) (took, rate float64) {
	from, left := w.at, 1.0
	for {
		rate = w.part*w.agents/handle + leaving
		need := left / rate
		if len(w.shifts) == 0 || w.at+need <= w.shifts[0].In.Seconds() {
			w.at += need
			return w.at - from, rate
		}
		until := max(w.shifts[0].In.Seconds(), w.at)
		left -= (until - w.at) * rate
		w.at, w.agents, w.shifts = until, w.shifts[0].Agents, w.shifts[1:]
	}
}

// Nominal is the share of waits that are not longer than what callers are
// told.
const Nominal = 0.9

// Bound is the time that a share of such waits does not exceed: the quantile
// of a gamma distribution with that mean and variance, as Wilson and Hilferty
// (PNAS 17, 1931) approximate it.
func (e Estimate) Bound(share float64) time.Duration {
	if e.Mean == Never || e.Variance <= 0 {
		return e.Mean
	}
	m := e.Mean.Seconds()
	nine := 9 * m * m / e.Variance
	z := math.Sqrt2 * math.Erfinv(2*share-1)
	root := max(0, 1-1/nine+z/math.Sqrt(nine))
	return duration(m * root * root * root)
}

// Spoken rounds a bound up to what is said of it: whole minutes, from five on
// whole five minutes. More would pretend to know more.
func Spoken(bound time.Duration) time.Duration {
	unit := time.Minute
	if bound > 5*time.Minute {
		unit = 5 * time.Minute
	}
	if bound > Never-unit {
		return Never
	}
	return max(unit, (bound+unit-1)/unit*unit)
}

// duration is a number of seconds as a duration, [Never] when there is none so
// long.
func duration(seconds float64) time.Duration {
	if !(seconds < Never.Seconds()) {
		return Never
	}
	return time.Duration(seconds * float64(time.Second))
}
