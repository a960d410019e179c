package callback

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of a [Message].
const (
	TextKind = "text" // to the telephone of a person
	MailKind = "mail" // to an agent; what it says is decided when it leaves
)

// What a letter is about: the Body of a [Message] of [MailKind].
const (
	ListLetter   = "list"   // the callbacks of the day
	InviteLetter = "invite" // a callback of his own, for his calendar
	RevokeLetter = "revoke" // one that is not his to make any more
)

// phone is the number that a message goes to; "" when it goes to no telephone.
func (m Message) phone() Phone {
	if m.Kind != TextKind {
		return ""
	}
	return Phone(m.To)
}

// Mail puts a letter to an agent into the outbox. The same key is sent once;
// after until it has lost its meaning.
func (d *Desk) Mail(ctx context.Context, agent, key, what string, until time.Time) error {
	err := d.update(ctx, func(tx Tx) error {
		err := d.mail(tx, Message{Key: key, To: agent, Body: what, Until: until})
		if errors.Is(err, ErrKnown) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("mail %s to %s: %w", what, agent, err)
	}
	return nil
}

func (d *Desk) mail(tx Tx, m Message) error {
	m.ID, m.Kind, m.DueAt = d.NewID(), MailKind, d.Now()
	return tx.AddMessage(m)
}

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
