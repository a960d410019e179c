// Package lists writes out the callbacks of an agent: as text, as a table for
// mail and print, as CSV, and as a calendar.
package lists

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
)

// A List is what one agent has before him.
type List struct {
	Agent string    // his name
	At    time.Time // when it was made, by the clock he goes by
	Rows  []Row     // by promised time
	Gone  []Row     // what will not take place, for calendars that may have it
	Desk  string    // address of the page on which what changed since is; "" when nobody knows it
}

// A Row is one callback. What callers and others have chosen is in it as they
// wrote it, but for what would disturb a page or a terminal.
type Row struct {
	ID      string
	At      time.Time // as promised, by the clock of its queue
	Until   time.Time // the end of the promised window
	Changed time.Time
	Version int64
	Name    string
	Phone   string // E.164
	Topic   string
	Lang    string
	Note    string
	Tries   int
	Own     bool // his own, not the team's
	Broken  bool // a crash cut it off: somebody must call
}

// New makes the list of an agent, by short name, out of callbacks. Those at an
// end, and those that are only held, are not on it, but in a calendar: who has
// put one of them down is told that it will not take place.
func New(agent, name string, all []callback.Callback, now time.Time) List {
	l := List{Agent: cmp.Or(name, agent), At: now}
	for _, c := range all {
		switch {
		case off(c):
			l.Gone = append(l.Gone, RowOf(agent, c))
		case !c.State.Over() && c.State != callback.HeldState:
			l.Rows = append(l.Rows, RowOf(agent, c))
		}
	}
	slices.SortFunc(l.Rows, func(a, b Row) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return l
}

// Taken tells calendars that callbacks are somebody else's by now: what was
// handed over or claimed may have been in one as the agent's own or the team's.
// Who is called is his matter who calls, and is left out.
func (l *List) Taken(others []callback.Callback) {
	for _, c := range others {
		if c.Version == 0 { // it has been another's since it was promised
			continue
		}
		r := RowOf("", c)
		r.Name, r.Topic, r.Note, r.Phone = "", "", "", ""
		l.Gone = append(l.Gone, r)
	}
}

// off reports whether a promise will not be kept at its time: it was taken back,
// given up, or kept before.
func off(c callback.Callback) bool {
	early := c.State == callback.Done && c.UpdatedAt.Before(c.At)
	return early || c.State == callback.CancelledState || c.State == callback.Failed
}

// RowOf makes the row of a callback as an agent, by short name, sees it.
func RowOf(agent string, c callback.Callback) Row {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return Row{
		ID: c.ID, At: c.At.In(zone), Until: c.Until.In(zone), Changed: c.UpdatedAt, Version: c.Version,
		Name: tame(c.Name), Phone: string(c.Phone), Topic: tame(c.Topic), Lang: c.Lang, Note: tame(c.Note),
		Tries: c.Attempts, Own: agent != "" && c.Owner == agent, Broken: c.State == callback.Interrupted,
	}
}

// tame leaves out control characters, and those that turn the direction of
// writing.
func tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// Clock is the promised time, with the day when it is not that of the list.
func (l List) Clock(r Row) string {
	if r.At.Format(time.DateOnly) != l.At.In(r.At.Location()).Format(time.DateOnly) {
		return r.At.Format("Mon 2 Jan 15:04")
	}
	return r.At.Format("15:04")
}

// Remark says what is out of the ordinary; "" when nothing is.
func (r Row) Remark() string {
	switch {
	case r.Broken:
		return "was cut off: please call"
	case r.Own:
		return "yours"
	case r.Tries > 0:
		return "tried before"
	}
	return ""
}
