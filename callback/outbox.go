package callback

import (
	"context"
	"errors"
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
	if err := d.inquire(tx, c, name, &m); err != nil {
		return err
	}
	m.Body = d.compose(c, q, name, at)
	if !c.State.Over() && d.told(c).After(now) {
		m.Until = d.told(c)
	}
	if name == "text_booked" || name == "text_moved" {
		if err := d.remind(tx, c); err != nil {
			return err
		}
	}
	return d.post(tx, m)
}

// inquire opens the question that a text asks, or closes the one that it makes
// idle.
func (d *Desk) inquire(tx Tx, c Callback, name string, m *Message) error {
	node := questions[name]
	if node == "" {
		return d.hush(tx, c.Phone)
	}
	t, err := d.pose(tx, c, node, nil)
	m.Talk = t.ID
	return err
}

// compose writes a text about a callback: what it says, how to answer, and
// what else there is room for.
func (d *Desk) compose(c Callback, q *Queue, name string, at ivr.Prompt) string {
	body := d.Text(c.Lang, at)
	if ask := asks[questions[name]]; ask != "" {
		body += " " + d.Text(c.Lang, ivr.Prompt{Name: ask})
	}
	var more []string
	if d.Link != nil && !c.State.Over() {
		more = append(more, d.Link(c))
	}
	if q.CallerID != "" && (name == "text_booked" || name == "text_moved") {
		more = append(more, d.Text(c.Lang, ivr.Prompt{Name: "text_from", Digits: string(q.CallerID)}))
	}
	for _, s := range more {
		if longer := body + " " + s; d.Fits == nil || d.Fits(longer) {
			body = longer
		}
	}
	return body
}

// remind writes a reminder of a promise that is far enough ahead. What it says
// is decided when it leaves.
func (d *Desk) remind(tx Tx, c Callback) error {
	before := d.Policy.Reminder.Duration()
	if before == 0 || c.At.Sub(d.Now()) < 2*before {
		return nil
	}
	return d.post(tx, Message{
		Kind: "text", Key: reminderKey + c.ID + ":" + strconv.FormatInt(c.Version, 10), To: string(c.Phone), Callback: c.ID,
		DueAt: c.At.Add(-before), Until: c.At, Once: true,
	})
}

// reminds fills in a reminder that is about to leave. It reports false when
// there is nothing to be reminded of.
func (d *Desk) reminds(tx Tx, m *Message) (bool, error) {
	c, err := tx.Callback(m.Callback)
	if errors.Is(err, ErrNotFound) || err == nil && (c.State != BookedState || !d.told(c).Equal(m.Until)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return false, err
	}
	m.Body = d.compose(c, q, "text_reminder", d.timed(c, "text_reminder", d.told(c)))
	return true, d.inquire(tx, c, "text_reminder", m)
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
				leased = append(leased, d.beforeNight(m))
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
	case isSurvey(*m) || isReminder(*m):
		if at := d.loud(Phone(m.To), now); at.After(now) {
			m.DueAt = at
			return false, nil
		}
		ok, err := d.unasked(tx, m)
		if err != nil || !ok {
			m.DoneAt, m.Status = now, "expired"
			return false, err
		}
	}
	if many, err := d.tooMany(tx, *m); err != nil || many {
		m.DoneAt, m.Status, m.Err = now, string(Undelivered), "the person had too many texts today"
		return false, err
	}
	m.Boot, m.Lease = d.Boot, now.Add(lease)
	m.Tries++
	return true, nil
}

// unasked fills in a text that nobody waits for, right before it leaves.
func (d *Desk) unasked(tx Tx, m *Message) (bool, error) {
	if isSurvey(*m) {
		return d.ask(tx, m)
	}
	return d.reminds(tx, m)
}

// beforeNight lets the carrier try no longer than until the quiet hours of the
// person, when nobody waits for the text.
func (d *Desk) beforeNight(m Message) Message {
	if !isSurvey(m) && !isReminder(m) {
		return m
	}
	if at := d.night(Phone(m.To), d.Now()); !at.IsZero() && (m.Until.IsZero() || at.Before(m.Until)) {
		m.Until = at
	}
	return m
}

// tooMany reports whether a person had as many texts as he may get in a day.
func (d *Desk) tooMany(tx Tx, m Message) (bool, error) {
	n, err := tx.SentTo(m.To, d.Now().Add(-day1))
	return n >= d.Policy.Texts, err
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
		if err := d.surveySent(tx, stored); err != nil {
			return err
		}
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

// surveySent notes that a survey has left.
func (d *Desk) surveySent(tx Tx, m Message) error {
	if !isSurvey(m) || m.Status != string(Delivered) {
		return nil
	}
	a, err := tx.Asked(m.Talk)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	a.SentAt = m.DoneAt
	return errors.Join(err, tx.PutAsked(a))
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

// NextDue returns when something is due next, later than after; zero when
// nothing is. What was due before and waits for an agent is not in the way.
func (d *Desk) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	var at time.Time
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		at, err = tx.NextDue(after)
		return err
	})
	return at, err
}
