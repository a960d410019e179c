package main

import (
	"time"
)

// zoneOf is where a queue is; "" for the service.
func (c config) zoneOf(queue string) *time.Location {
	for _, name := range []string{c.Queues[queue].Zone, c.Zone} {
		if zone, err := time.LoadLocation(name); name != "" && err == nil {
			return zone
		}
	}
	return time.UTC
}

// parseTime reads a wall-clock time at a place; zero for as soon as possible.
func parseTime(text string, zone *time.Location, now time.Time) (time.Time, error) {
	if text == "asap" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation("2006-01-02 15:04", text, zone); err == nil {
		return t, nil
	}
	if t, err := time.Parse("15:04", text); err == nil {
		y, m, d := now.In(zone).Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, zone), nil
	}
	return time.Time{}, usage(`%q is not a time; write "2026-11-30 09:15", "09:15" for today, or asap`, text)
}
