package callback

import (
	"errors"

	"github.com/holdless/holdless/callback/texts"
)

// overtaken reports whether a text that could not leave when it was written would
// say what holds no more: another was written since, the promise is at an end, or
// there is another one. While a call is made nobody knows, and the text waits.
func (d *Desk) overtaken(tx Tx, m *Message) (bool, error) {
	node := texts.Asks(m.name())
	if m.Tries == 0 || node == "" || isReminder(*m) { // a reminder is written as it leaves
		return false, nil
	}
	c, err := tx.Callback(m.Callback)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if c.State.InFlight() {
		m.DueAt = d.Now().Add(firstAgain)
		return false, nil
	}
	holds, err := d.holds(tx, c, *m, node)
	if err != nil || !holds {
		return !holds, err
	}
	return toldSince(tx, *m)
}

// expire ends a text that holds no more. While what made it so can be taken back
// nobody knows, and the text waits.
func (d *Desk) expire(tx Tx, m *Message) error {
	u, err := tx.Undo(m.Callback)
	if until := u.At.Add(UndoTime); u.Back && until.After(d.Now()) {
		m.DueAt = until
		return nil
	}
	m.drop(d.Now(), expired, m.Err)
	return missing(err)
}

// holds reports whether what a text says of a callback is still so.
func (d *Desk) holds(tx Tx, c Callback, m Message, node string) (bool, error) {
	if node == texts.AskPromise {
		return (c.State == BookedState || c.State == RetryWait) && !d.promisesOther(c, m), nil
	}
	_, err := tx.OpenCallback(c.Queue, c.Phone) // another, since
	return errors.Is(err, ErrNotFound) && c.State.again(), missing(err)
}

// promisesOther reports whether the customer expects another time by now than a
// text would tell him: what it promises is the end of its meaning.
func (d *Desk) promisesOther(c Callback, m Message) bool {
	told := d.told(c)
	return told.After(d.Now()) && !told.Equal(m.Until)
}

// toldSince reports whether another text about a callback was written after one,
// and not taken back.
func toldSince(tx Tx, m Message) (bool, error) {
	all, err := tx.MessagesTo(m.To, lately)
	for _, other := range all { // the newest first
		if other.ID == m.ID {
			return false, err
		}
		if other.Callback == m.Callback && texts.Asks(other.name()) != "" && !isReminder(other) && other.Status != expired {
			return true, err
		}
	}
	return false, err
}
