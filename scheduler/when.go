package scheduler

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// starBit is what the cron parser sets in a field that was written "*".
const starBit = 1 << 63

// A schedule tells when a job is to be done next.
type schedule struct {
	spec  cron.Schedule
	every time.Duration // of "@every", else 0
	wall  bool          // names hours of the day, so that it follows the clock on the wall
	zone  *time.Location
}

// parse reads a cron expression of five fields, "@daily" and its like, or
// "@every 10m". The parser of cron panics on some input and accepts dates that
// never come, so both are looked at here.
func parse(when string, zone *time.Location) (s schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cron expression %q cannot be read", when)
		}
	}()
	if strings.Contains(when, "TZ=") {
		return s, fmt.Errorf("cron expression %q: the zone of the timetable is the one that counts", when)
	}
	spec, err := cron.ParseStandard(sundays(when))
	if err != nil {
		return s, fmt.Errorf("cron expression %q: %w", when, err)
	}
	s = schedule{spec: spec, zone: zone}
	switch c := spec.(type) {
	case cron.ConstantDelaySchedule:
		s.every = c.Delay
	case *cron.SpecSchedule:
		s.wall = c.Hour&starBit == 0
	}
	return s, s.check(when)
}

// CheckWhen tells what is wrong with a cron expression.
func CheckWhen(when string) error {
	_, err := parse(when, time.UTC)
	return err
}

func (s schedule) check(when string) error {
	if s.every > 0 && s.every < time.Minute {
		return fmt.Errorf("cron expression %q: once a minute is the most", when)
	}
	// Five years reach the next 29 February from everywhere but 2096.
	if s.next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Errorf("cron expression %q: that day never comes", when)
	}
	return nil
}

// next returns the first time after an instant; zero when there is none.
//
// Times that name an hour are looked for on the wall clock, and only then
// turned into an instant: one that the clock jumps over is done right after
// the jump, and one that comes twice is done the first time.
func (s schedule) next(after time.Time) time.Time {
	switch {
	case s.every > 0: // counted from a fixed point, the same on every node
		return after.UTC().Truncate(s.every).Add(s.every)
	case !s.wall:
		return s.spec.Next(after.In(s.zone))
	}
	wall := s.wallOf(after)
	for {
		if wall = s.spec.Next(wall); wall.IsZero() {
			return wall
		}
		if t := s.instant(wall); t.After(after) {
			return t
		}
	}
}

// key names a firing: the same on every node, once on the day that has an
// hour twice.
func (s schedule) key(at time.Time) string {
	if s.wall {
		return at.In(s.zone).Format("2006-01-02T15:04")
	}
	return at.UTC().Format("2006-01-02T15:04Z")
}

// wallOf returns what a clock on the wall shows, dressed up as UTC, in which
// no hour is missing and none comes twice.
func (s schedule) wallOf(t time.Time) time.Time {
	l := t.In(s.zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
}

// instant returns when the clock on the wall shows wall: the first instant
// after a jump over it, the first of two when it comes twice.
func (s schedule) instant(wall time.Time) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, s.zone)
	start, end := t.ZoneBounds()
	switch shown := s.wallOf(t); {
	case shown.After(wall): // Date went forward over the gap
		return start
	case shown.Before(wall): // Date went back before the gap
		return end
	case start.IsZero():
		return t
	}
	_, before := start.Add(-time.Second).Zone()
	if first := wall.Add(-time.Duration(before) * time.Second); first.Before(start) {
		return first.In(s.zone)
	}
	return t
}

// sundays rewrites the day of the week 7, which people write for Sunday, as 0.
func sundays(when string) string {
	fields := strings.Fields(when)
	if len(fields) != 5 || !strings.Contains(fields[4], "7") {
		return when
	}
	var days []string
	for part := range strings.SplitSeq(fields[4], ",") {
		list, err := weekdays(part)
		if err != nil {
			return when // for the parser of cron to complain about
		}
		days = append(days, list...)
	}
	fields[4] = strings.Join(days, ",")
	return strings.Join(fields, " ")
}

// weekdays writes out "5-7/2" as 5, 0.
func weekdays(part string) ([]string, error) {
	span, by, stepped := strings.Cut(part, "/")
	low, high, ranged := strings.Cut(span, "-")
	if !strings.Contains(span, "7") {
		return []string{part}, nil
	}
	from, err := strconv.Atoi(low)
	to, step := from, 1
	if ranged {
		to, err = number(high, err)
	}
	if stepped {
		step, err = number(by, err)
	}
	if err == nil && (from < 0 || to > 7 || step < 1 || from > to) {
		err = errors.New("no such days")
	}
	var days []string
	for d := from; err == nil && d <= to; d += step {
		days = append(days, strconv.Itoa(d%7))
	}
	return days, err
}

// number reads s, unless something was wrong before.
func number(s string, before error) (int, error) {
	if before != nil {
		return 0, before
	}
	return strconv.Atoi(s)
}
