package callback

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

const (
	lease     = 60 * time.Second // how long a process may take to send a message
	mostTries = 8                // how often a message is tried
)

// confirmations are the texts that a service can do without.
var confirmations = []string{"text_booked", "text_moved", "text_cancelled"}

// tell writes the text that a customer gets about a callback. It leaves at
// once, and not after it has lost its meaning.
func (d *Desk) tell(tx Tx, c Callback, name string) error {
	if name == "" || !d.Policy.Confirm && slices.Contains(confirmations, name) {
		return nil
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	now := d.Now()
	m := Message{
		Kind: "text", Key: strings.Join([]string{name, c.ID, strconv.FormatInt(c.Version, 10)}, ":"),
		To: string(c.Phone), Callback: c.ID, DueAt: now, Until: now.Add(day1),
	}
	at := ivr.Prompt{Name: name, At: d.told(c).In(q.Zone), Now: now.In(q.Zone)}
	m.Body = d.Text(c.Lang, at)
	if q.CallerID != "" && (name == "text_booked" || name == "text_moved") {
		m.Body += " " + d.Text(c.Lang, ivr.Prompt{Name: "text_from", Digits: string(q.CallerID)})
	}
	if !c.State.Over() && d.told(c).After(now) {
		m.Until = d.told(c)
	}
	return d.post(tx, m)
}

// post puts a message into the outbox, unless the person wants none.
func (d *Desk) post(tx Tx, m Message) error {
	blocked, err := tx.Blocked(Phone(m.To), NoTexts, d.Now())
	if err != nil || blocked {
		return err
	}
	m.ID = newID()
	return tx.AddMessage(m)
}

// ClaimMessages leases up to limit messages that are due.
func (d *Desk) ClaimMessages(ctx context.Context, limit int) ([]Message, error) {
	var leased []Message
	err := d.Store.Update(ctx, func(tx Tx) error {
		leased = leased[:0]
		due, err := tx.DueMessages(d.Now(), limit)
		if err != nil {
			return err
		}
		for _, m := range due {
			ok, err := d.fit(tx, &m)
			if err != nil {
				return err
			}
			if err := tx.PutMessage(m); err != nil {
				return err
			}
			if ok {
				leased = append(leased, m)
			}
		}
		return nil
	})
	return leased, err
}

// fit prepares a due message for sending. It reports false when it must not
// leave, or not now.
func (d *Desk) fit(tx Tx, m *Message) (bool, error) {
	now := d.Now()
	blocked, err := tx.Blocked(Phone(m.To), NoTexts, now)
	if err != nil {
		return false, err
	}
	switch {
	case !m.Until.IsZero() && !now.Before(m.Until):
		m.DoneAt, m.Status = now, "expired"
		return false, nil
	case blocked:
		m.DoneAt, m.Status, m.Err = now, string(Undelivered), "the person wants no texts"
		return false, nil
	case m.Once && m.Boot != "": // whoever had it never said what became of it
		m.DoneAt, m.Status = now, string(Unclear)
		return false, nil
	case isSurvey(*m):
		if at := d.loud(Phone(m.To), now); at.After(now) {
			m.DueAt = at
			return false, nil
		}
		if err := d.ask(tx, m); err != nil {
			return false, err
		}
	}
	m.Boot, m.Lease = d.Boot, now.Add(lease)
	m.Tries++
	return true, nil
}

// Delivered reports how the sending of a claimed message ended.
func (d *Desk) Delivered(ctx context.Context, m Message, how Delivery, cause error) error {
	return d.update(ctx, func(tx Tx) error {
		stored, err := tx.Message(m.ID)
		if err != nil {
			return err
		}
		if !stored.DoneAt.IsZero() || stored.Boot != m.Boot || stored.Tries != m.Tries {
			return nil // the lease was over, and somebody else has it
		}
		if cause != nil {
			stored.Err = cause.Error()
		}
		d.finish(&stored, how)
		err = tx.PutMessage(stored)
		if err != nil || stored.DoneAt.IsZero() {
			return err
		}
		return tx.Record(Entry{
			At: stored.DoneAt, Kind: "message." + stored.Status, Callback: m.Callback, Talk: m.Talk,
			Phone: Phone(m.To), Actor: "scheduler", Name: m.name(), Value: stored.Err,
		})
	})
}

// finish decides whether a message is tried again.
func (d *Desk) finish(m *Message, how Delivery) {
	now := d.Now()
	m.Boot, m.Lease = "", time.Time{}
	switch {
	case how == Delivered || how == Undelivered || how == Unclear && m.Once:
		m.DoneAt, m.Status = now, string(how)
	case m.Tries >= mostTries:
		m.DoneAt, m.Status = now, string(Undelivered)
	default:
		m.DueAt = now.Add(10 * time.Second << min(m.Tries-1, 8))
	}
}

// NextDue returns when something is due next; zero when nothing is.
func (d *Desk) NextDue(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		at, err = tx.NextDue()
		return err
	})
	return at, err
}
