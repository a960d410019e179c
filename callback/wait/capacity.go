package wait

import (
	"fmt"
	"math"
	"time"
)

// A Plan is what is known ahead of one slot: who works, what callers on the
// line will bring, and what one promise costs.
type Plan struct {
	Agents   float64       // at work in the slot
	Live     float64       // calls of people on the line, in Erlangs: how many agents they keep busy
	Handle   time.Duration // how long one call keeps an agent, writing included
	Slot     time.Duration
	Answered float64       // how many of the customers who are called take the call, from 0 to 1
	Tries    int           // how often one is called
	Dial     time.Duration // how long an agent is kept until the customer speaks, or is known not to
	Beta     float64       // how careful: [Careful]
}

// Careful is the factor of square-root staffing that a plan takes which says
// nothing: 0.4 sells more, 0.6 less.
const Careful = 0.5

// Carries is the load that a team can carry while promises are kept: s agents
// carry s(1 - beta/sqrt(s)) Erlangs. It is square-root staffing (Halfin and
// Whitt, Operations Research 29(3), 1981; with people who give up: Garnett,
// Mandelbaum and Reiman, M&SOM 4(3), 2002), read backwards.
func (p Plan) Carries() float64 {
	return max(0, p.Agents-p.Beta*math.Sqrt(p.Agents))
}

// Work is how long one promise keeps agents: the talk, if there is one, and
// the dialling of every try.
func (p Plan) Work() time.Duration {
	missed := max(0, 1-p.Answered)
	tries, open := 0.0, 1.0 // how many there are on average, and who has not been reached
	for range max(p.Tries, 1) {
		tries += open
		open *= missed
	}
	return duration((1-open)*p.Handle.Seconds() + tries*p.Dial.Seconds())
}

// Places is how many promises can be sold for the slot.
func (p Plan) Places() int {
	work := p.Work().Seconds()
	if work <= 0 {
		return 0
	}
	places := (p.Carries() - p.Live) * p.Slot.Seconds() / work
	return int(max(0, math.Floor(places+1e-9)))
}

// Load is how busy an agent is, from 0 to 1, when so many places are sold.
func (p Plan) Load(places int) float64 {
	if p.Agents <= 0 {
		return 0
	}
	sold := float64(places) * p.Work().Seconds() / p.Slot.Seconds()
	return (p.Live + sold) / p.Agents
}

// Sentence explains a number of places, as people read it who plan teams.
func (p Plan) Sentence(places int) string {
	return fmt.Sprintf("%s: %s, load %.2f of %.2f, AHT %s",
		count(float64(places), "place"), count(p.Agents, "agent"), p.Load(places), p.most(), clock(p.Handle))
}

// most is how busy an agent may be planned to be.
func (p Plan) most() float64 {
	if p.Agents <= 0 {
		return 0
	}
	return p.Carries() / p.Agents
}

func count(n float64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	if n >= 100 {
		return fmt.Sprintf("%.0f %s", n, thing)
	}
	return fmt.Sprintf("%.3g %s", n, thing)
}

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
