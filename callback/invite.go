package callback

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invites reports whether any agent keeps a calendar of his own callbacks.
func (d *Desk) invites() bool {
	for a := range maps.Values(d.Agents) {
		if a.Calendar {
			return true
		}
	}
	return false
}

// invite keeps the calendars of agents right: whoever gets a callback of his
// own, or another time for it, is told so, and whoever is rid of it.
func (d *Desk) invite(tx Tx, was, now Callback) error {
	same := was.Owner == now.Owner
	if d.inCalendar(was) && (!same || d.off(now)) {
		if err := d.mailCallback(tx, RevokeLetter, was.Owner, now); err != nil {
			return err
		}
	}
	if d.inCalendar(now) && (!same || !d.inCalendar(was) || !was.At.Equal(now.At)) {
		return d.mailCallback(tx, InviteLetter, now.Owner, now)
	}
	return nil
}

// inCalendar reports whether a callback is in the calendar of its owner.
func (d *Desk) inCalendar(c Callback) bool {
	return d.Agents[c.Owner].Calendar && (c.State == Interrupted || slices.Contains(promised, c.State))
}

// off reports whether a callback will not take place at its time: it was taken
// back or given up, or the two have spoken before.
func (d *Desk) off(c Callback) bool {
	early := (c.State == Wrapup || c.State == Done) && d.Now().Before(c.At)
	return early || c.State == CancelledState || c.State == Failed
}

func (d *Desk) mailCallback(tx Tx, what, agent string, c Callback) error {
	key := strings.Join([]string{what, agent, c.ID, strconv.FormatInt(c.Version, 10)}, ":")
	return d.mail(tx, Message{Key: key, To: agent, Body: what, Callback: c.ID, Until: c.At.Add(time.Hour)})
}
