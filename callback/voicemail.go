package callback

import (
	"errors"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// A Mailbox keeps what callers have said.
type Mailbox interface {
	// Keep keeps a take under its name, and tells how long it is: 0 when nothing
	// can be heard in it. The same again changes nothing.
	Keep(take string) (time.Duration, error)
	// Drop forgets one. What is not there is no error.
	Drop(name string) error
}

// A message is at least so long that something can be said, and at most so long
// that somebody listens.
const (
	leastMessage = 5 * time.Second
	mostMessage  = 10 * time.Minute
)

// messageLeft is the entry of a message in the journal: Name is how many seconds
// it has, and Value where it is kept.
const messageLeft = "voicemail.left"

// mayLeave says how long a message a caller may leave: he must be one whom
// somebody can call back.
func (d *Desk) mayLeave(t *Talk, q *Queue, who ivr.Caller) time.Duration {
	if d.Mailbox == nil || t.Line == textLine || !who.Callable {
		return 0
	}
	return q.Voicemail
}

// leave keeps the message of a caller whom nobody could serve, and promises to
// call him: as soon as the queue is at work, beside the times that are sold. It is
// shown with the promise, to whoever may see that.
func (d *Desk) leave(tx Tx, t *Talk, q *Queue, take string) (ivr.Event, error) {
	no := ivr.Event{Kind: ivr.Refused}
	who, _, err := d.caller(tx, t)
	if err != nil || d.mayLeave(t, q, who) == 0 {
		return no, err
	}
	length, err := d.Mailbox.Keep(take)
	if err != nil {
		d.Log.Error("message not kept", "talk", t.ID, "err", err)
		return no, nil
	}
	if length == 0 {
		return ivr.Event{Kind: ivr.Refused, Text: ivr.TakeQuiet}, nil
	}
	c, err := d.promiseTo(tx, t, q)
	if _, limited := errors.AsType[*number.RefusalError](err); limited || errors.Is(err, errNoTime) {
		d.Log.Warn("message without a promise", "talk", t.ID, "err", err)
		return no, nil
	}
	if err != nil {
		return no, err
	}
	t.Callback = c.ID
	return ivr.Event{Kind: ivr.Done}, d.journal(tx, t, messageLeft, strconv.Itoa(int(length.Round(time.Second).Seconds())), take)
}

// errNoTime means that nobody knows when a queue is at work again.
var errNoTime = errors.New("the queue is never at work")

// promiseTo finds the open callback of who leaves a message, or promises one.
func (d *Desk) promiseTo(tx Tx, t *Talk, q *Queue) (Callback, error) {
	open, err := d.openOf(tx, q.Name, t.Phone)
	if !errors.Is(err, ErrNotFound) {
		return open, err
	}
	if err := d.mayPromise(tx, t.Phone, t.asker()); err != nil {
		return open, err
	}
	now := d.Now()
	at := d.permits(q, t.Phone, now.Add(q.Lead))
	if at.IsZero() {
		return open, errNoTime
	}
	c := Callback{
		ID: d.NewID(), Queue: q.Name, Phone: t.Phone, Name: t.State.Data["name"], Topic: t.State.Data["topic"], Lang: t.State.Lang,
		Talk: t.ID, Caller: t.asker(), Note: "left a message", State: BookedState, CreatedAt: now, UpdatedAt: now,
	}
	d.promise(&c, q, at)
	return c, errors.Join(tx.AddCallback(c), d.record(tx, c, "callback.booked", "voicemail", t.speaker()))
}

// A Voicemail is a message that a caller has left.
type Voicemail struct {
	At     time.Time
	Length time.Duration
	Name   string // under which the mailbox has it
}

// Voicemails returns the messages that belong to a callback, the oldest first.
func (s *Story) Voicemails() []Voicemail {
	var all []Voicemail
	for _, e := range s.Entries {
		if v, ok := e.voicemail(); ok {
			all = append(all, v)
		}
	}
	return all
}

func (e Entry) voicemail() (Voicemail, bool) {
	seconds, err := strconv.Atoi(e.Name)
	return Voicemail{At: e.At, Length: time.Duration(seconds) * time.Second, Name: e.Value}, err == nil && e.Kind == messageLeft
}

// voicemailsOf names the messages of a person.
func voicemailsOf(tx Tx, p Phone) ([]string, error) {
	all, err := tx.FindCallbacks(Filter{Phone: p})
	var found []string
	for _, c := range all {
		entries, err := tx.EntriesOf(c.ID, storyEntries)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if v, ok := e.voicemail(); ok {
				found = append(found, v.Name)
			}
		}
	}
	return found, err
}

// unsay forgets messages of a person who is erased.
func (d *Desk) unsay(names []string) error {
	if d.Mailbox == nil {
		return nil
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, d.Mailbox.Drop(name))
	}
	return errors.Join(errs...)
}
