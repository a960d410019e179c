package opening

import (
	"cmp"
	"fmt"
	"time"
)

// A Day is one date of a calendar, of no place yet.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf returns the date at the place of an instant.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// String writes a date as configurations do.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Compare tells which of two dates is the earlier, as [cmp.Compare] does.
func (d Day) Compare(other Day) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Plus returns the date n days later.
func (d Day) Plus(n int) Day {
	return DayOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC))
}

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Begins returns the instant at which the date begins at a place.
func (d Day) Begins(place *time.Location) time.Time { return d.At(0, place) }

// At returns the instant at which the clocks of a place show the given minute
// of the day; minute [WholeDay] is the beginning of the next.
//
// When the clock is set forward, some times of the day do not exist: for them
// it is the instant of the change. When it is set back, some exist twice: the
// first of the two is meant, everywhere in this program, because a caller who
// is early waits, and one who is called an hour late has been lied to.
//
// [time.Date] alone does not do: within a change it is free to choose either
// side, and does so differently east and west of Greenwich.
func (d Day) At(minute int, place *time.Location) time.Time {
	naive := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
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

// Repeated reports whether the clocks of the place showed the same time once
// before, because they were set back in between.
func Repeated(t time.Time) bool {
	first := DayOf(t).At(t.Hour()*60+t.Minute(), t.Location())
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
	return DayOf(w).At(w.Hour()*60+w.Minute(), place), nil
}
