package callback

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
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

// queueOf returns the queue of a callback or a talk.
func (d *Desk) queueOf(name string) (*Queue, error) {
	q, ok := d.Queues[name]
	if !ok {
		return nil, fmt.Errorf("queue %q: %w%s", name, ErrNotFound, nearest(name, sorted(d.Queues)))
	}
	return q, nil
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
	days := int(q.Horizon/(24*time.Hour)) + 2
	q.grid, q.gridOf = q.work().Slots(today, days, q.Slot, q.Zone), today
	return q.grid
}

// A rota is what of a queue may change while it is at work.
type rota struct {
	hours    opening.Hours
	capacity int
	notice   map[string]string
}

// work says when the queue is at work.
func (q *Queue) work() *opening.Hours {
	if r := q.rota.Load(); r != nil {
		return &r.hours
	}
	return &q.hours
}

// seats is how many callbacks may be promised for one slot.
func (q *Queue) seats() int {
	if r := q.rota.Load(); r != nil {
		return r.capacity
	}
	return q.Capacity
}

// notice is what callers are told just now, by language.
func (q *Queue) notice() map[string]string {
	if r := q.rota.Load(); r != nil {
		return r.notice
	}
	return q.Notice
}

// take puts hours, capacity and notice of another queue into force.
func (q *Queue) take(from *Queue) {
	q.rota.Store(&rota{*from.work(), from.seats(), from.notice()})
	q.mu.Lock()
	defer q.mu.Unlock()
	q.grid = nil
}

// Retime puts into force what a configuration says anew about the hours, the
// capacity and the notices of the queues that there are. All else in it waits
// for the next start. What was promised stays promised; who holds a time that
// is not within hours any more is served as at the start of a service.
func (d *Desk) Retime(ctx context.Context, c Config, actor string) error {
	fresh, err := New(c)
	if err != nil {
		return err
	}
	var changed []string
	err = d.update(ctx, func(tx Tx) error {
		changed = nil
		for _, name := range sorted(d.Queues) {
			if fresh.Queues[name] == nil {
				continue
			}
			news := d.Queues[name].news(fresh.Queues[name], c.Queues[name])
			for _, what := range sorted(news) {
				e := Entry{At: d.Now(), Kind: "menu." + what, Name: name, Queue: name, Value: news[what], Actor: actor}
				if err := tx.Record(e); err != nil {
					return err
				}
			}
			if len(news) > 0 {
				changed = append(changed, name)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down what changed in queues: %w", err)
	}
	for _, name := range changed {
		d.Queues[name].take(fresh.Queues[name])
		d.Log.Info("queue changed", "queue", name)
	}
	if len(changed) > 0 {
		d.nudge()
	}
	return nil
}

// news tells what another text of a queue changes: what, and what it is now.
func (q *Queue) news(from *Queue, c QueueConfig) map[string]string {
	all := map[string]string{}
	if !reflect.DeepEqual(q.work(), from.work()) {
		all["hours"] = c.written()
	}
	if q.seats() != from.seats() {
		all["capacity"] = Places(from.seats()).String()
	}
	if was, is := inWords(q.notice()), inWords(from.notice()); was != is {
		all["notice"] = is
	}
	return all
}

// written tells the hours of a queue in one line.
func (q QueueConfig) written() string {
	all := []string{inWords(q.Hours)}
	if len(q.Exceptions) > 0 {
		all = append(all, inWords(q.Exceptions))
	}
	if q.Holidays != "" {
		all = append(all, "holidays of "+q.Holidays)
	}
	return strings.Join(all, "; ")
}

// inWords writes names and values in one line; those without a value are not
// said.
func inWords(all map[string]string) string {
	var parts []string
	for _, name := range sorted(all) {
		if all[name] != "" {
			parts = append(parts, name+" "+all[name])
		}
	}
	return strings.Join(parts, "; ")
}
