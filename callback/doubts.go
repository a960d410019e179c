package callback

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

// Doubts tells what is allowed in a configuration, and yet means that callers
// cannot be offered what the file seems to say. Each begins with its place.
func (d *Desk) Doubts(now time.Time) error {
	var all mistakes
	for _, name := range sorted(d.Queues) {
		d.doubt(&all, d.Queues[name], now)
	}
	if len(all) == 0 {
		return nil
	}
	return errors.Join(all...)
}

func (d *Desk) doubt(m *mistakes, q *Queue, now time.Time) {
	place := "queues." + q.Name
	today := opening.DayOf(now.In(q.Zone))
	for _, date := range slices.SortedFunc(maps.Keys(q.work().Dates), opening.Day.Compare) {
		if date.Compare(today) < 0 {
			m.add(place+".exceptions", "%s is over", date)
		}
	}
	d.doubtOffers(m, q, now)
	d.doubtCapacity(m, q, now)
	for n := range opening.Farthest {
		if text := q.changed(today.Plus(n)); text != "" {
			m.add(place+".hours", "%s", text)
		}
	}
	if soonest := q.Lead + q.Slot; q.CallbackWithin > 0 && soonest > q.CallbackWithin {
		m.add(place+".callback_within", "the soonest callback is up to %s away (lead %s, slot %s): the standard cannot be met",
			plain(soonest), plain(q.Lead), plain(q.Slot))
	}
}

// doubtOffers looks for a time that could be promised to a caller who is where
// the queue is.
func (d *Desk) doubtOffers(m *mistakes, q *Queue, now time.Time) {
	times, place := q.Times(now), "queues."+q.Name+".hours"
	late := func(at time.Time) bool { return !d.permitted.Next(at, q.Zone).Equal(at) }
	switch i := slices.IndexFunc(times, late); {
	case len(times) == 0:
		m.add(place, "no time can be offered from now to %s", now.In(q.Zone).Add(q.Horizon).Format("2 January"))
	case !slices.ContainsFunc(times, func(at time.Time) bool { return !late(at) }):
		m.add(place, "nobody may be called in these hours (callbacks.permitted)")
	case i >= 0:
		m.add(place, "nobody may be called at %s (callbacks.permitted): such times are not offered", times[i].In(q.Zone).Format("15:04"))
	}
}

// changed tells what a change of the clock makes of the hours of a date.
func (q *Queue) changed(d opening.Day) string {
	_, before := d.Begins(q.Zone).Zone()
	if _, after := d.Plus(1).Begins(q.Zone).Zone(); before == after {
		return ""
	}
	var written, left time.Duration
	for _, w := range q.work().On(d) {
		if w.From == 0 && w.To == opening.WholeDay {
			return "" // whatever the day has
		}
		written += time.Duration(w.To-w.From) * time.Minute
	}
	for _, s := range q.work().Spells(d, q.Zone) {
		left += s.To.Sub(s.From)
	}
	if written == left {
		return ""
	}
	return fmt.Sprintf("on %s the clock changes: %s at work, not %s", d, plain(left), plain(written))
}

// plain writes a length of time without parts that are nothing.
func plain(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
