package callback

import (
	"context"
	"errors"
	"strconv"
	"time"
)

const (
	lease    = 60 * time.Second // how long a process may take to send a message
	asksNext = 5 * time.Minute  // after so long a survey looks again whether another question is open
)

// How a message ends that never leaves; the other ends are a [Delivery].
const expired = "expired"

// ClaimMessages leases up to limit messages that are due. One that cannot be
// written ends with the reason, and keeps no other. What it returns beside an error
// may be leased or not, and must not leave: [Desk.Delivered] takes it as postponed.
func (d *Desk) ClaimMessages(ctx context.Context, limit int) ([]Message, error) {
	if some, err := d.anyMessage(ctx); err != nil || !some {
		return nil, err
	}
	var leased []Message
	err := d.Store.Update(ctx, func(tx Tx) (err error) {
		leased, err = d.lease(tx, limit)
		return errors.Join(err, d.beforeNight(tx, leased))
	})
	return leased, err
}

func (d *Desk) lease(tx Tx, limit int) (leased []Message, err error) {
	out, err := d.turnstile(tx)
	if err != nil {
		return nil, err
	}
	due, err := tx.DueMessages(d.Now(), limit)
	if err != nil {
		return nil, err
	}
	for _, m := range due {
		isText := m.Kind == TextKind
		if isText && out.closed() {
			continue
		}
		ok, err := d.prepare(tx, &m)
		if err != nil {
			return nil, err
		}
		if ok && isText {
			m.Leaves = out.pass()
		}
		if ok {
			leased = append(leased, m)
		}
	}
	return leased, out.keep(tx)
}

// prepare leases a due message, or writes down why it does not leave now. One
// that cannot be written keeps no other.
func (d *Desk) prepare(tx Tx, m *Message) (bool, error) {
	ok, err := d.fit(tx, m)
	if errors.Is(err, ErrNotFound) || errors.Is(err, errCircle) {
		d.Log.Error("text cannot be written", "do", m.name(), "callback", m.Callback, "phone", Phone(m.To), "err", err)
		m.drop(d.Now(), string(Undelivered), err.Error())
		err = nil
	}
	return ok, errors.Join(err, d.keepMessage(tx, *m))
}

// anyMessage spares the store the turn of a writer while nothing is to be sent.
func (d *Desk) anyMessage(ctx context.Context) (bool, error) {
	some := false
	err := d.Store.View(ctx, func(tx Tx) error {
		due, err := tx.DueMessages(d.Now(), 1)
		some = len(due) > 0
		return err
	})
	return some, err
}

// drop ends a message that does not leave.
func (m *Message) drop(now time.Time, status, why string) {
	m.DoneAt, m.Status, m.Err = now, status, why
}

// fit prepares a due message for sending. It reports false when it must not
// leave, or not now.
func (d *Desk) fit(tx Tx, m *Message) (bool, error) {
	now := d.Now()
	if m.Boot != "" {
		m.Err = "whoever sent it never said what became of it"
		d.mayHaveLeft(m, m.Lease.Add(-lease))
	}
	switch {
	case !m.DoneAt.IsZero(): // it may have left often enough
	case !m.Until.IsZero() && !now.Before(m.Until):
		m.drop(now, expired, m.Err)
	case m.Kind == TextKind:
		if err := d.fitText(tx, m); err != nil {
			return false, err
		}
	}
	if !m.DoneAt.IsZero() || m.DueAt.After(now) {
		return false, nil
	}
	m.Boot, m.Lease = d.Boot, now.Add(lease)
	m.Receipt, m.ReceiptAt = "", time.Time{} // that of another sending
	m.Tries++
	return true, nil
}

// fitText holds a text against what the person wishes.
func (d *Desk) fitText(tx Tx, m *Message) error {
	now := d.Now()
	blocked, err := tx.Blocked(Phone(m.To), NoTexts, now)
	if err != nil {
		return err
	}
	many, err := d.tooMany(tx, *m)
	if err != nil {
		return err
	}
	stale, err := d.overtaken(tx, m)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		m.drop(now, string(Undelivered), "the person wants no texts")
	case stale:
		return d.expire(tx, m)
	case many:
		m.drop(now, string(Undelivered), "the person had too many texts today")
	case isSurvey(*m) || isReminder(*m):
		return d.unasked(tx, m)
	}
	return d.untilDay(tx, m)
}

// unasked fills in a text that nobody waits for, right before it leaves: it
// waits for the end of the quiet hours, and a survey for that of another
// question too.
func (d *Desk) unasked(tx Tx, m *Message) error {
	c, err := matterFor(tx, *m)
	if err != nil {
		return err
	}
	now := d.Now()
	if at := d.loud(c.Queue, c.Phone, now); at.After(now) {
		m.DueAt = at
		return nil
	}
	if isReminder(*m) {
		return d.reminds(tx, m, c)
	}
	other, err := d.questioned(tx, c.Phone)
	if err != nil {
		return err
	}
	if other {
		m.DueAt, m.Err = now.Add(asksNext), "another question is open"
		return nil
	}
	m.Err = ""
	return d.ask(tx, m, c)
}

// beforeNight lets the carrier try no longer than until the quiet hours of the
// person.
func (d *Desk) beforeNight(tx Tx, all []Message) error {
	for i, m := range all {
		if m.Kind != TextKind {
			continue
		}
		at, err := d.lastTry(tx, m, d.Now())
		if err != nil {
			return err
		}
		if !at.IsZero() && (m.Until.IsZero() || at.Before(m.Until)) {
			all[i].Until = at
		}
	}
	return nil
}

// tooMany reports whether a person had as many texts as he may get in a day.
// Codes are bounded before they are written.
func (d *Desk) tooMany(tx Tx, m Message) (bool, error) {
	if isCode(m) {
		return false, nil
	}
	n, err := tx.SentTo(m.To, d.Now().Add(-day1))
	if !m.Lease.IsZero() {
		n-- // itself
	}
	return n >= d.Policy.Texts, err
}

// keepMessage writes a message, and in the journal how it ended: of a text that
// left as how many it is billed, of others why not.
func (d *Desk) keepMessage(tx Tx, m Message) error {
	if err := tx.PutMessage(m); err != nil || m.DoneAt.IsZero() {
		return err
	}
	value := m.Err
	if m.Kind == TextKind && m.Status == string(Delivered) {
		value = strconv.Itoa(d.writer().Cost(m.Body))
	}
	return tx.Record(Entry{
		At: m.DoneAt, Kind: "message." + m.Status, Callback: m.Callback, Talk: m.Talk,
		Phone: m.phone(), Actor: "scheduler", Name: m.name(), Value: value,
	})
}
