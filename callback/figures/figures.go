// Package figures is the arithmetic of a service: from what was counted it
// tells how long people waited, which promises were kept, and what it cost
// everybody.
package figures

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Count is how often something happened, and how long it took together.
type Count struct {
	Name string
	N    int
	Time time.Duration
}

// What is counted of callers on the line. An Offered call is one whose caller
// asked for a person.
const (
	Calls     = "calls"     // all, whatever they came for; Time is what they heard of the menu
	Keys      = "keys"      // that they pressed in the menu
	Offered   = "offered"   // waited for an agent, however briefly
	Coming    = "coming"    // the same, by the quarter of an hour
	Answered  = "answered"  // an agent took the call; Time is the wait
	Abandoned = "abandoned" // hung up while waiting; Time is the wait
	Short     = "short"     // of those, within the first seconds; Time is the wait
	Deferred  = "deferred"  // took a callback instead; Time is the wait
	Unserved  = "unserved"  // the wait ended otherwise: nobody came; Time is the wait
)

// What is counted of promises. Each comes to one end, once.
const (
	Kept      = "kept"      // connected within the promised window
	Late      = "late"      // connected after it
	Unreached = "unreached" // rung in the window, and the customer did not take it; connected later or never
	Broken    = "broken"    // not rung in the window, and never connected
	Withdrawn = "withdrawn" // taken back, or moved by the customer: of none of those
)

// Why followed by a reason counts the promises that we did not keep, by why.
const Why = "why: "

// The funnel of a callback: how far people came.
const (
	FunnelOffered   = "callback offered"
	FunnelAccepted  = "callback accepted"
	FunnelDialed    = "callback dialed"
	FunnelAnswered  = "callback answered"
	FunnelConnected = "callback connected"
)

// Saved counts the callers who took a callback instead of a wait; Time is how
// long they would have waited by the estimate of that moment.
const Saved = "hold saved"

// What is counted of matters, a week after somebody spoke with the customer.
const (
	Resolved = "spoken to"  // about whatever it was
	Repeated = "came again" // of those, about the same within a week
)

// What is counted of agents.
const (
	Talking   = "agent talking" // N is the calls
	Writing   = "agent writing"
	Ringing   = "agent ringing"
	Available = "agent available" // while the queue is open
)

// What is counted of estimates, once it is known how long the wait was.
const (
	Told = "told" // callers who were told at most how long; Time is all they were told
	Held = "held" // of those, who waited no longer
	Over = "over" // the estimate was too long; Time is by how much together
	Less = "less" // it was too short
)

// Histograms, each count named by the upper edge in seconds of what it counts.
const (
	answeredWithin  = "answered within "
	abandonedWithin = "abandoned within "
	punctualWithin  = "connected within " // after the end of the promised window; before it is negative
	beyond          = "longer"
)

// edges are the upper edges of waits, in seconds. The usual standards of
// service are among them.
var edges = []int{5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 7200}

// AnsweredWithin names the count of a wait that an agent ended.
func AnsweredWithin(d time.Duration) string { return answeredWithin + bucket(d) }

// AbandonedWithin names the count of a wait that the caller ended.
func AbandonedWithin(d time.Duration) string { return abandonedWithin + bucket(d) }

// PunctualWithin names the count of how long after the end of the promised
// window somebody was connected.
func PunctualWithin(d time.Duration) string {
	if d <= 0 {
		return punctualWithin + "-" + bucketBelow(-d)
	}
	return punctualWithin + bucket(d)
}

// bucket is the least edge that a wait does not exceed.
func bucket(d time.Duration) string {
	for _, e := range edges {
		if d <= time.Duration(e)*time.Second {
			return strconv.Itoa(e)
		}
	}
	return beyond
}

// bucketBelow is the greatest edge that is not longer than d: -300 for who was
// connected seven minutes early says that it was at least five.
func bucketBelow(d time.Duration) string {
	least := "0"
	for _, e := range edges {
		if d >= time.Duration(e)*time.Second {
			least = strconv.Itoa(e)
		}
	}
	return least
}

// Counts is what was counted, by name.
type Counts map[string]Count

// Of adds up counts.
func Of(all []Count) Counts {
	c := Counts{}
	for _, one := range all {
		sum := c[one.Name]
		c[one.Name] = Count{one.Name, sum.N + one.N, sum.Time + one.Time}
	}
	return c
}

// within counts how many of a histogram are in buckets up to an edge.
func (c Counts) within(histogram string, most time.Duration) int {
	n := 0
	for _, b := range c.buckets(histogram) {
		if b.edge <= most {
			n += b.n
		}
	}
	return n
}

type bin struct {
	edge time.Duration
	n    int
}

// longest stands for the upper edge of what is longer than any.
const longest = 1 << 62

// buckets lists the counts of a histogram, the shortest first.
func (c Counts) buckets(histogram string) []bin {
	var all []bin
	for name, count := range c {
		edge, ok := strings.CutPrefix(name, histogram)
		if !ok {
			continue
		}
		seconds, err := strconv.Atoi(edge)
		b := bin{time.Duration(seconds) * time.Second, count.N}
		if err != nil {
			b.edge = longest
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b bin) int { return int(min(max(a.edge-b.edge, -1), 1)) })
	return all
}

// quantile is the upper edge below which a share of a histogram lies.
func (c Counts) quantile(histogram string, share float64) time.Duration {
	all := c.buckets(histogram)
	total := 0
	for _, b := range all {
		total += b.n
	}
	seen := 0
	for _, b := range all {
		seen += b.n
		if float64(seen) >= share*float64(total) {
			return b.edge
		}
	}
	return 0
}
