package wait

import "time"

// Share tells how much of the agents serve one queue, when some of them serve
// others too: an agent is split by the work that the queues bring. It is an
// approximation: in truth he goes where his rule sends him. So the estimate of
// such a queue is to be [Estimate.Checked].
//
// Each agent is the work (in Erlangs, or any unit) of all the queues that he
// serves, of which own is that of the queue that is asked about.
func Share(own float64, agents []float64) float64 {
	var n float64
	for _, all := range agents {
		switch {
		case all <= own:
			n++
		default:
			n += own / all
		}
	}
	return n
}

// Checked holds an estimate against the delay of the head of the line: how
// long whoever is served next has waited. It needs to know neither agents nor
// handling times, and in a busy line its error has about twice the variance
// (Ibrahim and Whitt 2009), so it counts half as much. What the two disagree
// about makes the estimate so much less sure.
func (e Estimate) Checked(head time.Duration) Estimate {
	if e.Mean == Never || head <= 0 {
		return e
	}
	apart := e.Mean.Seconds() - head.Seconds()
	e.Mean = (2*e.Mean + head) / 3
	e.Variance = e.Variance*2/3 + apart*apart*2/9
	return e
}
