package callback

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

// A Queue is a group of agents who work at the same hours. [New] makes it.
type Queue struct {
	Name     string
	Agents   []string
	Zone     *time.Location
	CallerID Phone
	Line     string        // what callbacks leave by; "" for the one there is
	Order    Order         // who is rung first
	Spare    int           // Adaptive: an agent is kept for a customer while fewer are free
	Capacity int           // callbacks that may be promised for one slot
	Slot     time.Duration // length of one
	Lead     time.Duration // how soon a callback can be promised
	Horizon  time.Duration // how far ahead
	WrapUp   time.Duration // how long an agent writes after a call

	Waiting       int               // callers who may stand in line; 0 for none
	VIPsAhead     time.Duration     // how much earlier a VIP counts as having come
	AtClosing     AtClosing         // what becomes of who stands in line then
	Overflow      string            // a queue whose agents help out; "" for none
	OverflowAfter time.Duration     // when a caller has waited so long
	Notice        map[string]string // what callers are told just now, by language

	Voicemail time.Duration // how long a message may be of a caller whom nobody can serve; 0 for none

	AnswerWithin   time.Duration // the standard for who asks for a person; 0 for none
	CallbackWithin time.Duration // the standard for the soonest callback; 0 for none

	hours  opening.Hours
	rota   atomic.Pointer[rota] // instead of Capacity, Notice and hours, since Take
	mu     sync.Mutex
	grid   []time.Time // all slots from the day gridOf on
	gridOf opening.Day
}

// Open reports whether the queue is at work.
func (q *Queue) Open(at time.Time) bool {
	return q.work().Open(at, q.Zone)
}

// Opens returns when the queue is at work next, which is now if it is open;
// zero when it is not within a year.
func (q *Queue) Opens(after time.Time) time.Time {
	return q.work().Opens(after, q.Zone)
}

// Times returns the times at which a callback can be promised, soonest first,
// whether or not they are taken. Nobody may write to it.
func (q *Queue) Times(now time.Time) []time.Time {
	now = now.In(q.Zone)
	grid := q.slots(opening.DayOf(now))
	from, _ := slices.BinarySearchFunc(grid, now.Add(q.Lead), time.Time.Compare)
	to, _ := slices.BinarySearchFunc(grid, now.Add(q.Horizon), time.Time.Compare)
	return grid[from:max(from, to)]
}

// HasTime reports whether a callback can be promised for that time.
func (q *Queue) HasTime(now, at time.Time) bool {
	_, ok := slices.BinarySearchFunc(q.Times(now), at, time.Time.Compare)
	return ok
}

// slots returns every slot from a day to the horizon. It is asked for on every
// turn of a menu that offers times, and computed once a day.
func (q *Queue) slots(today opening.Day) []time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.grid != nil && q.gridOf == today {
		return q.grid
	}
	grid := []time.Time{}
	days := int(q.Horizon/(24*time.Hour)) + 2
	for n := range days {
		for _, s := range q.work().Spells(today.Plus(n), q.Zone) {
			grid = q.fill(grid, s)
		}
	}
	q.grid, q.gridOf = grid, today
	return grid
}

// fill adds the slots that lie wholly in a spell of work. It steps in absolute time, so
// that a change of the clock neither squeezes two slots into one nor offers a
// time that does not exist; of the hour that exists twice, the first counts.
func (q *Queue) fill(grid []time.Time, s opening.Spell) []time.Time {
	for at := s.From; !at.Add(q.Slot).After(s.To); at = at.Add(q.Slot) {
		if !opening.Repeated(at) {
			grid = append(grid, at)
		}
	}
	return grid
}
