package callback

import "time"

// A day is one date of a calendar, of no place yet.
type day struct {
	year  int
	month time.Month
	day   int
}

// dayOf returns the date at the place of an instant.
func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day{y, m, d}
}

// plus returns the date n days later.
func (d day) plus(n int) day {
	return dayOf(time.Date(d.year, d.month, d.day+n, 12, 0, 0, 0, time.UTC))
}

// weekday returns the day of the week.
func (d day) weekday() time.Weekday {
	return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC).Weekday()
}

// clock returns the instant at which the clocks of a place show the given
// minute of the day.
//
// When the clock is set forward, some times of the day do not exist: for them
// it is the instant of the change. When it is set back, some exist twice: the
// first of the two is meant, everywhere in this program, because a caller who
// is early waits, and one who is called an hour late has been lied to.
//
// [time.Date] alone does not do: within a change it is free to choose either
// side, and does so differently east and west of Greenwich.
func clock(d day, minute int, place *time.Location) time.Time {
	naive := time.Date(d.year, d.month, d.day, 0, minute, 0, 0, time.UTC)
	_, before := naive.Add(-36 * time.Hour).In(place).Zone()
	_, after := naive.Add(36 * time.Hour).In(place).Zone()
	var at time.Time
	for _, offset := range []int{max(before, after), min(before, after)} {
		at = naive.Add(-time.Duration(offset) * time.Second).In(place)
		if _, here := at.Zone(); here == offset {
			return at
		}
	}
	// Read with the smaller offset, that of before the change, a time that does
	// not exist lies after it.
	change, _ := at.ZoneBounds()
	return change
}

// repeated reports whether the clocks of the place showed the same time once
// before, because they were set back in between.
func repeated(t time.Time) bool {
	first := clock(dayOf(t), t.Hour()*60+t.Minute(), t.Location())
	return first.Before(t.Truncate(time.Minute))
}

// Wall writes the time of day at the place of an instant, without the place.
func Wall(t time.Time) string { return t.Format(wallForm) }

const wallForm = "2006-01-02T15:04"

// FromWall returns the instant of a wall time at a place. Promises are kept as
// both, because rules of zones change after a promise was made.
func FromWall(wall string, place *time.Location) (time.Time, error) {
	w, err := time.Parse(wallForm, wall)
	if err != nil {
		return time.Time{}, err
	}
	at := clock(dayOf(w), w.Hour()*60+w.Minute(), place)
	return at, nil
}
