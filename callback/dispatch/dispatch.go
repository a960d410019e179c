// Package dispatch decides who is served next when an agent is free: a caller
// on the line, or a promise that is due.
//
// Served in the order of their coming, as queues elsewhere do, promises break
// as soon as callers keep a team busy: 6 to 24 of 100 at a load that a team
// can just carry. Served always first, callers on the line wait without end.
// So a promise lets callers pass for as long as it can wait, and not longer
// (Armony and Maglaras, Operations Research 52(4), 2004: the waits of those on
// the line are least when promised calls are made as late as their deadline
// allows).
package dispatch

import "time"

// A Person waits to be served.
type Person struct {
	ID    string
	Since time.Time // the place in line: when he first came, or the time that he was promised
	By    time.Time // when the promise to him ends; not used on the line
	Kept  bool      // a promise to call when it is his turn: Since is when he first came

	Called bool // on the line, because we have called him: he goes before everybody else
}

// CalledFirst orders a line: whom we have called go before who called us.
func CalledFirst(a, b Person) int {
	switch {
	case a.Called == b.Called:
		return 0
	case a.Called:
		return -1
	}
	return 1
}

// A View is one queue at one instant. The lists are in the order of serving:
// only the first of each is looked at.
type View struct {
	Now   time.Time
	Live  []Person // on the line, by Since
	Due   []Person // promised, and due, by By
	Idle  int      // agents who are free, and kept for nobody
	Dials int      // customers who are being called, and for whom no agent is kept
}

// A Choice is who is served next, and how.
type Choice struct {
	Person  Person
	Live    bool // he is on the line
	Reserve bool // an agent is to be kept for him from now on
}

// Policy says who goes before whom.
type Policy string

// The policies. Desks work by [Deadline]; the other is there to compare.
const (
	Deadline Policy = "deadline" // promises go first when they would break else
	FIFO     Policy = "fifo"     // whoever came, or was promised a call, first
)

// A Rule decides who is served next.
type Rule struct {
	Policy Policy
	Near   time.Duration // a promise that ends so soon goes first
	Each   time.Duration // and so much earlier for each one that is due
	Stale  time.Duration // so long after its time, a promise goes before who came later
	Spare  int           // calls leave without an agent kept for them while so many are idle; 0 for never
}

// Default is the rule of a queue that says nothing.
func Default() Rule {
	return Rule{Policy: Deadline, Near: 8 * time.Minute, Each: 30 * time.Second, Stale: 5 * time.Minute}
}

// Adaptive is the number of idle agents from which on no agent has to be kept
// for a customer who is being called: measured, no customer then waits for one
// longer than it takes to say so.
const Adaptive = 2

// Next chooses whom an agent who is free serves now. It is false when nobody
// waits, or when every free agent may be needed by a customer who is being
// called: there are never more such calls than agents who could take them.
func (r Rule) Next(v View) (Choice, bool) {
	if v.called() { // he is one of those who are being called
		return Choice{Person: v.Live[0], Live: true}, v.Idle > 0
	}
	free := v.Idle - v.Dials
	if free <= 0 || len(v.Live)+len(v.Due) == 0 {
		return Choice{}, false
	}
	if r.promiseFirst(v) {
		return Choice{Person: v.Due[0], Reserve: r.Spare <= 0 || free < r.Spare}, true
	}
	return Choice{Person: v.Live[0], Live: true}, true
}

// called reports whether somebody whom we have called waits on the line.
func (v View) called() bool { return len(v.Live) > 0 && v.Live[0].Called }

// promiseFirst reports whether the promise that ends first goes before the
// caller who came first.
func (r Rule) promiseFirst(v View) bool {
	if len(v.Live) == 0 || len(v.Due) == 0 {
		return len(v.Due) > 0
	}
	due, older := v.Due[0], v.Due[0].Since.Before(v.Live[0].Since)
	if r.Policy == FIFO {
		return older
	}
	return r.near(v) || older && (due.Kept || v.Now.Sub(due.Since) > r.Stale)
}

// near reports whether the promise that ends first would break if it waited
// any longer: those behind it need their agents too.
func (r Rule) near(v View) bool {
	ahead := r.Near + time.Duration(len(v.Due))*r.Each
	return v.Due[0].By.Sub(v.Now) < ahead
}

// Among chooses for an agent who works for several queues, and tells for which
// one it is; -1 for none. Whom we have called goes first; then a promise that would break,
// the one that ends first before the rest; then goes who came first.
func (r Rule) Among(views []View) (Choice, int) {
	var best Choice
	at, rank := -1, 0
	for i, v := range views {
		c, ok := r.Next(v)
		if !ok {
			continue
		}
		now := r.rank(c, v)
		if at < 0 || now > rank || now == rank && sooner(c.Person, best.Person, now == wouldBreak) {
			best, at, rank = c, i, now
		}
	}
	return best, at
}

// The ranks of those who are first in their queues.
const (
	inTurn = iota
	wouldBreak
	weCalled
)

func (r Rule) rank(c Choice, v View) int {
	switch {
	case c.Person.Called:
		return weCalled
	case !c.Live && r.Policy == Deadline && r.near(v):
		return wouldBreak
	}
	return inTurn
}

// sooner compares by the end of the promise, or by the place in line.
func sooner(a, b Person, urgent bool) bool {
	if urgent {
		return a.By.Before(b.By)
	}
	return a.Since.Before(b.Since)
}
