package callback

import "time"

// soundless is how much of the day must be left before the quiet hours: the
// carrier is not quicker.
const soundless = time.Minute

// loud returns the first instant not before t at which a person may be texted
// unasked: outside the quiet hours where the person is.
func (d *Desk) loud(queue string, p Phone, t time.Time) time.Time {
	place := d.clockOf(queue, p, t)
	if at := d.quiet.over(t, place); at.After(t) {
		return at
	}
	if soon := t.Add(soundless); d.quiet.over(soon, place).After(soon) {
		return d.quiet.over(soon, place)
	}
	return t
}

// night returns when the next quiet hours begin where the person is; zero when
// they never do.
func (d *Desk) night(queue string, p Phone, t time.Time) time.Time {
	if d.quiet == (window{}) {
		return time.Time{}
	}
	place := d.clockOf(queue, p, t)
	today := dayOf(t.In(place))
	for n := range 3 {
		if at := clock(today.plus(n), d.quiet.from, place); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// clockOf returns where a person's clock is: as the number tells, else that of
// the queue, else that of the service.
func (d *Desk) clockOf(queue string, p Phone, t time.Time) *time.Location {
	if q := d.Queues[queue]; q != nil {
		return d.place(q, p, t)
	}
	if place := d.places.place(p, t); place != nil {
		return place
	}
	return d.zone
}
