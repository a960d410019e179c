package callback

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// A message is tried as long as it means something: a gateway may be away for
// hours. One without such an end is tried mostTries times.
const (
	mostTries  = 8
	firstAgain = 10 * time.Second // and twice as long after each try,
	doublings  = 6                // so often
)

// doubts is after how long a message is sent again that may have left, where two
// of it do no harm: late enough for a receipt to come first, and then no more.
// The last of them is the longest time between two tries of any message.
var doubts = [...]time.Duration{2 * time.Minute, 20 * time.Minute}

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
		Kind: TextKind, Key: strings.Join([]string{name, c.ID, strconv.FormatInt(c.Version, 10)}, ":"),
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
	node := texts.Asks(name)
	if node == "" {
		return d.settled(tx, c)
	}
	t, err := d.pose(tx, c, node, nil)
	m.Talk = t.ID
	return err
}

// post puts a message into the outbox, unless the person wants none.
func (d *Desk) post(tx Tx, m Message) error {
	blocked, err := tx.Blocked(Phone(m.To), NoTexts, d.Now())
	if err != nil || blocked {
		return err
	}
	m.ID = d.NewID()
	return tx.AddMessage(m)
}

// Delivered reports how the sending of a claimed message ended.
func (d *Desk) Delivered(ctx context.Context, m Message, how Delivery, cause error) error {
	return d.update(ctx, func(tx Tx) error {
		stored, err := tx.Message(m.ID)
		if err != nil {
			return err
		}
		if how == Delivered {
			return d.left(tx, stored)
		}
		if !stored.DoneAt.IsZero() || !stored.leasedAs(m) {
			return nil // the lease was over, or never stored, and somebody else has it
		}
		if cause != nil {
			stored.Err = cause.Error()
		}
		d.finish(&stored, how)
		return d.keepMessage(tx, stored)
	})
}

// leasedAs reports whether a message is leased as somebody knows it. One that could not
// be stored may have been leased again by the same process since.
func (m Message) leasedAs(known Message) bool {
	return m.Boot == known.Boot && m.Tries == known.Tries && m.Lease.UnixMilli() == known.Lease.UnixMilli()
}

// left ends a message that has left, whatever was thought of it before: who sent
// it says so, or its carrier.
func (d *Desk) left(tx Tx, m Message) error {
	if m.Status == string(Delivered) {
		return nil
	}
	m.Boot, m.Lease = "", time.Time{}
	m.DoneAt, m.Status = d.Now(), string(Delivered)
	return errors.Join(d.surveySent(tx, m), d.keepMessage(tx, m))
}

// surveySent notes that a survey has left.
func (d *Desk) surveySent(tx Tx, m Message) error {
	if !isSurvey(m) {
		return nil
	}
	a, err := tx.Asked(m.Talk)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	a.SentAt = m.DoneAt
	return errors.Join(err, tx.PutAsked(a))
}

// finish decides whether a message is tried again that is not known to have left.
func (d *Desk) finish(m *Message, how Delivery) {
	now := d.Now()
	m.Boot, m.Lease = "", time.Time{}
	switch {
	case how == Unclear:
		d.mayHaveLeft(m, now)
	case how == Undelivered, m.Tries >= mostTries && m.Until.IsZero():
		m.drop(now, string(Undelivered), m.Err)
	default:
		m.DueAt = now.Add(firstAgain << min(m.Tries-1, doublings))
	}
}

// mayHaveLeft takes down that a message may have left at an instant, and decides whether
// it goes once more.
func (d *Desk) mayHaveLeft(m *Message, at time.Time) {
	m.Boot = ""
	m.Unclear++
	if m.Once || m.Unclear > len(doubts) {
		m.drop(d.Now(), string(Unclear), m.Err)
		return
	}
	m.DueAt = at.Add(doubts[m.Unclear-1])
}

// mostUnsent bounds how many messages are counted that wait for their carrier.
const mostUnsent = 10_000

// Backlog counts, by their kinds, the messages of which it is not known that they
// left, and that are tried again.
func (d *Desk) Backlog(ctx context.Context) (map[string]int, error) {
	n := map[string]int{TextKind: 0, MailKind: 0}
	err := d.Store.View(ctx, func(tx Tx) error {
		now := d.Now()
		soon, err := tx.DueMessages(now.Add(doubts[len(doubts)-1]), mostUnsent)
		for _, m := range soon {
			if m.Tries > 0 && !m.Lease.After(now) {
				n[m.Kind]++
			}
		}
		return err
	})
	return n, err
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

// Paces keeps until when what all processes do together is used up.
type Paces interface {
	// Pace returns an instant that is over, or zero, for what may be done now.
	// Others who ask for it wait until the transaction ends.
	Pace(name string) (until time.Time, err error)
	PutPace(name string, until time.Time) error
}

// ahead is how long before they leave texts are claimed.
const ahead = 2 * time.Second

// A turnstile lets texts leave one after the other, whichever process sends
// them. Who stands at it claims texts alone until the transaction ends: so the
// texts of one person are counted by one process at a time, too.
type turnstile struct {
	every      time.Duration // 0 for no bound
	now, until time.Time     // until when it is used up
	passed     bool
}

const textPace = "texts"

func (d *Desk) turnstile(tx Tx) (turnstile, error) {
	t := turnstile{now: d.Now()}
	if d.TextsPerSecond > 0 {
		t.every = time.Duration(float64(time.Second) / d.TextsPerSecond)
	}
	until, err := tx.Pace(textPace)
	if t.until = later(until, t.now); until.After(t.now.Add(ahead + t.every + setBack)) {
		t.until = t.now
	}
	return t, err
}

// closed reports whether a text would have to wait too long.
func (t *turnstile) closed() bool { return t.every > 0 && t.until.After(t.now.Add(ahead)) }

// pass returns when the next text leaves.
func (t *turnstile) pass() time.Time {
	at := t.until
	if t.every == 0 {
		at = t.now
	}
	t.until, t.passed = at.Add(t.every), true
	return at
}

func (t *turnstile) keep(tx Tx) error {
	if !t.passed || t.every == 0 {
		return nil
	}
	return tx.PutPace(textPace, t.until)
}
