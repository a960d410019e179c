package ivr

import (
	"strconv"
	"time"
)

// clockTime reads a time of day as people key it in: 9, 15, 930, 1530. It
// returns minutes since midnight.
func clockTime(keys string) (minutes int, ok bool) {
	if len(keys) < 1 || len(keys) > 4 {
		return 0, false
	}
	n, err := strconv.Atoi(keys)
	if err != nil {
		return 0, false
	}
	hour, minute := n, 0
	if len(keys) > 2 {
		hour, minute = n/100, n%100
	}
	if hour > 23 || minute > 59 {
		return 0, false
	}
	return hour*60 + minute, true
}

// nearest finds the free time that is nearest to a time of day, next after an
// instant. In the first half of the day either half may be meant: 330 is half
// past three in the afternoon when that is nearer to a free time.
func nearest(free []time.Time, after time.Time, minutes int) (at time.Time, exact bool) {
	wishes := []time.Time{nextClock(after, minutes)}
	if minutes >= 60 && minutes < 12*60 {
		wishes = append(wishes, nextClock(after, minutes+12*60))
	}
	best := time.Duration(1<<63 - 1)
	for _, wish := range wishes {
		for _, slot := range free {
			if d := slot.Sub(wish).Abs(); d < best {
				at, best = slot, d
			}
		}
	}
	return at, best == 0
}

// nextClock is the next instant, not before another, with that time of day.
func nextClock(after time.Time, minutes int) time.Time {
	y, m, d := after.Date()
	at := time.Date(y, m, d, minutes/60, minutes%60, 0, 0, after.Location())
	if at.Before(after) {
		at = time.Date(y, m, d+1, minutes/60, minutes%60, 0, 0, after.Location())
	}
	return at
}
