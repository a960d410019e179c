package callback

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/holdless/holdless/callback/opening"
)

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
