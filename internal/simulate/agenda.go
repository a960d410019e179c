package simulate

import (
	"container/heap"
	"time"
)

// An agenda is what will happen, soonest first; at one instant, in the order in
// which it was put down.
type agenda struct {
	all entries
	n   int
}

type entry struct {
	at time.Duration
	n  int
	do func()
}

func (a *agenda) add(at time.Duration, do func()) {
	a.n++
	heap.Push(&a.all, entry{at, a.n, do})
}

// next returns what happens next; nil when nothing does.
func (a *agenda) next() (time.Duration, func()) {
	if len(a.all) == 0 {
		return 0, nil
	}
	e, _ := heap.Pop(&a.all).(entry)
	return e.at, e.do
}

type entries []entry

// Len implements [sort.Interface].
func (q entries) Len() int { return len(q) }

// Less implements [sort.Interface].
func (q entries) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].n < q[j].n
}

// Swap implements [sort.Interface].
func (q entries) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements [heap.Interface].
func (q *entries) Push(x any) {
	if e, ok := x.(entry); ok {
		*q = append(*q, e)
	}
}

// Pop implements [heap.Interface].
func (q *entries) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
