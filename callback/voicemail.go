package callback

import (
	"cmp"
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

// mayLeave says how long a message a caller may leave.
func (d *Desk) mayLeave(t *Talk, q *Queue) time.Duration {
	if d.Mailbox == nil || t.Line == textLine {
		return 0
	}
	return q.Voicemail
}

// leave keeps the message of a caller whom nobody could serve, and promises to
// call him: as soon as the queue is at work, beside the times that are sold. It is
// shown with the promise, to whoever may see that. The message of whom nobody can
// call back waits for a person, who hears what number he has said.
func (d *Desk) leave(tx Tx, t *Talk, q *Queue, b ivr.Book) (ivr.Event, error) {
	no, take := ivr.Event{Kind: ivr.Refused}, b.Text
	p, err := d.reachedAt(tx, t, Phone(b.Phone))
	if err != nil || d.mayLeave(t, q) == 0 {
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
	kept := d.promiseTo
	if p == "" {
		kept = d.setDown
	}
	c, err := kept(tx, t, q, p)
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

// endedBefore reports whether somebody has hung up while he left a message, and
// what he has said comes only now.
func (t *Talk) endedBefore(turn int, e ivr.Event) bool {
	return e.Kind == ivr.Recorded && t.Closed && turn == t.State.Turn-1
}

// leaveLate is leave for who has hung up. A message that cannot be kept is an
// error: it stays where it is, and comes again.
func (d *Desk) leaveLate(tx Tx, t *Talk, take string) error {
	menu, err := d.menuOf(tx, t)
	if err != nil || menu == nil || !menu.TakesMessage(t.State.Node) {
		return err
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return err
	}
	e, err := d.leave(tx, t, q, ivr.Book{Do: ivr.LeaveMessage, Text: take, Phone: t.State.Phone})
	if err == nil && e.Kind == ivr.Refused && e.Text != ivr.TakeQuiet {
		err = errNotKept
	}
	t.State.Turn++ // the same again is no second message
	return errors.Join(err, tx.PutTalk(*t))
}

// errNotKept means that a message is not in the mailbox, or nobody would find it.
var errNotKept = errors.New("message not kept")

// errNoTime means that nobody knows when a queue is at work again.
var errNoTime = errors.New("the queue is never at work")

// reachedAt is where who leaves a message can be called: at the number that he
// has keyed in, else at his own; "" where nobody may call.
func (d *Desk) reachedAt(tx Tx, t *Talk, keyed Phone) (Phone, error) {
	p := cmp.Or(keyed, t.Phone)
	if p == "" {
		return "", nil
	}
	err := d.mayCall(tx, p)
	if _, no := errors.AsType[*number.RefusalError](err); no {
		return "", nil
	}
	return p, err
}

// promiseTo finds the open callback of who leaves a message, or promises one.
func (d *Desk) promiseTo(tx Tx, t *Talk, q *Queue, p Phone) (Callback, error) {
	open, err := d.openOf(tx, q.Name, p)
	if !errors.Is(err, ErrNotFound) {
		return open, err
	}
	if err := d.mayPromise(tx, p, t.asker()); err != nil {
		return open, err
	}
	at := d.permits(q, p, d.Now().Add(q.Lead))
	if at.IsZero() {
		return open, errNoTime
	}
	c := d.messageOf(t, q, p)
	c.State = BookedState
	d.promise(&c, q, at)
	return c, errors.Join(tx.AddCallback(c), d.record(tx, c, "callback.booked", "voicemail", t.speaker()))
}

// messageOf begins a callback for a message.
func (d *Desk) messageOf(t *Talk, q *Queue, p Phone) Callback {
	now := d.Now()
	return Callback{
		ID: d.NewID(), Queue: q.Name, Phone: p, Name: t.State.Data["name"], Topic: t.State.Data["topic"], Lang: t.State.Lang,
		Talk: t.ID, Caller: t.asker(), Note: "left a message", CreatedAt: now, UpdatedAt: now,
	}
}

// setDown puts the message of whom nobody can call back before a person: beside
// the others of that queue that nobody has heard yet. There are no more of them
// than may be promised to all who withhold their number.
func (d *Desk) setDown(tx Tx, t *Talk, q *Queue, _ Phone) (Callback, error) {
	p := t.asker()
	if err := tx.LockPhone(p); err != nil {
		return Callback{}, err
	}
	c, err := d.openOf(tx, q.Name, p)
	if err == nil {
		before, err := tx.EntriesOf(c.ID, storyEntries)
		if err == nil && entriesOf(before, messageLeft) >= max(1, d.Limits.Withheld) {
			err = d.limit(tx, p, "withheld")
		}
		return c, err
	}
	if !errors.Is(err, ErrNotFound) {
		return c, err
	}
	if c = d.messageOf(t, q, p); p != Anonymous {
		c.Note += " and may not be called at his number"
	} else {
		c.Note += " and withheld his number"
	}
	c.State = Interrupted
	d.promise(&c, q, later(d.permits(q, p, d.Now().Add(q.Lead)), d.Now()))
	return c, errors.Join(tx.AddCallback(c), d.task(tx, c, unheardTask))
}

// unheardTask is that of hearing a message whose caller nobody can call.
const unheardTask = "message without a number"

func entriesOf(all []Entry, kind string) (n int) {
	for _, e := range all {
		if e.Kind == kind {
			n++
		}
	}
	return n
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
