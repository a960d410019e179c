package callback

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A window is a part of a day, in minutes of the clock on the wall.
type window struct{ from, to int }

// A span is a window of one day at one place, in absolute time.
type span struct{ from, to time.Time }

// hours says when somebody is at work.
type hours struct {
	week     [7][]window      // by time.Weekday
	dates    map[day][]window // days unlike others; an empty list is closed
	holidays *holidays        // closed, unless dates says otherwise; nil for none
}

// on returns the windows of one date.
func (h *hours) on(d day) []window {
	if w, ok := h.dates[d]; ok {
		return w
	}
	if h.holidays.on(d) {
		return nil
	}
	return h.week[d.weekday()]
}

// spans returns the windows of one date as instants. What a change of the
// clock leaves of a window is what counts.
func (h *hours) spans(d day, place *time.Location) []span {
	var all []span
	for _, w := range h.on(d) {
		from := clock(d, w.from, place)
		to := clock(d, w.to, place)
		if w.to == wholeDay {
			to = clock(d.plus(1), 0, place)
		}
		if from.Before(to) {
			all = append(all, span{from, to})
		}
	}
	return all
}

// wholeDay is the minute at which a day ends.
const wholeDay = 24 * 60

// parseWindows reads "09:00-12:00, 13:00-17:00", or "closed".
func parseWindows(text string) ([]window, error) {
	if strings.TrimSpace(text) == "closed" {
		return nil, nil
	}
	var all []window
	for part := range strings.SplitSeq(text, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		a, errA := parseClock(from)
		b, errB := parseClock(to)
		if errA != nil || errB != nil {
			return nil, fmt.Errorf(`%q is not written like "09:00-17:00" or "closed"`, strings.TrimSpace(part))
		}
		if a >= b {
			return nil, fmt.Errorf("%q ends before it begins; a night is written as two days", strings.TrimSpace(part))
		}
		if n := len(all); n > 0 && all[n-1].to > a {
			return nil, fmt.Errorf("%q begins before the one before it ends", strings.TrimSpace(part))
		}
		all = append(all, window{a, b})
	}
	return all, nil
}

// parseClock reads "09:00" as minutes of the day, up to "24:00".
func parseClock(text string) (int, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	total := int(hour)*60 + int(minute)
	if !ok || errH != nil || errM != nil || len(m) != 2 || minute > 59 || total > wholeDay {
		return 0, fmt.Errorf("%q is not a time of day", text)
	}
	return total, nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseDays reads "mon-fri", "sat" or "mon, wed".
func parseDays(text string) ([]time.Weekday, error) {
	var all []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		a, b := slices.Index(weekdays, from), slices.Index(weekdays, to)
		if a < 0 || b < 0 {
			return nil, fmt.Errorf(`%q is not written like "mon-fri" or "sat"`, strings.TrimSpace(part))
		}
		for d := a; ; d = (d + 1) % 7 {
			all = append(all, time.Weekday(d))
			if d == b {
				break
			}
		}
	}
	return all, nil
}
