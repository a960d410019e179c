package callback

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// snooze is how much later a callback is rung that is put off.
const snooze = 10 * time.Minute

func (d *Desk) ownIt(_ Tx, c *Callback, a Act) error { return d.give(c, a.Agent) }

func (d *Desk) disownIt(_ Tx, c *Callback, _ Act) error {
	c.Owner = ""
	return nil
}

func (d *Desk) handIt(_ Tx, c *Callback, a Act) error {
	if a.To == "" {
		c.Owner = ""
		return nil
	}
	return d.give(c, a.To)
}

// give makes a callback somebody's who works for its queue.
func (d *Desk) give(c *Callback, agent string) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	if !slices.Contains(q.Agents, agent) {
		return ErrTeam
	}
	c.Owner = agent
	return nil
}

// callIt has a callback rung now, with the agent who asks for it.
func (d *Desk) callIt(tx Tx, c *Callback, a Act) error {
	if err := d.give(c, a.Agent); err != nil {
		return err
	}
	now := d.Now()
	if at := d.permits(d.Queues[c.Queue], c.Phone, now); !at.Equal(now) {
		return ErrHours
	}
	if err := d.readyToCall(tx, a.Agent); err != nil {
		return err
	}
	c.DueAt = now
	if c.State == Interrupted {
		c.Until = now.Add(d.Policy.Window.Duration())
		return d.move(tx, c, OperatorRequeue, a.Actor)
	}
	return nil
}

// readyToCall sees that an agent can be rung: who still writes has finished by
// asking for the next call.
func (d *Desk) readyToCall(tx Tx, agent string) error {
	s, err := d.statusOf(tx, agent)
	switch {
	case err != nil || d.freeNow(s):
		return err
	case s.State != WrappingUp:
		return ErrAway
	}
	return errors.Join(d.wrapUp(tx, agent), d.finished(tx, agent))
}

// finished ends the writing of an agent after a call.
func (d *Desk) finished(tx Tx, agent string) error {
	s, err := d.statusOf(tx, agent)
	if err != nil || s.State != WrappingUp {
		return err
	}
	s.State, s.Ref, s.Boot, s.Since = Available, "", "", d.Now()
	return tx.PutStatus(s)
}

// snoozeIt puts off the call and not the promise: what is later than promised
// is told to the customer, or not done.
func (d *Desk) snoozeIt(tx Tx, c *Callback, a Act) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	from := d.Now()
	if c.DueAt.After(from) {
		from = c.DueAt
	}
	c.DueAt = d.permits(q, c.Phone, from.Add(snooze))
	if c.DueAt.IsZero() {
		return ErrHours
	}
	if c.DueAt.Before(c.Until) {
		return nil
	}
	expects, err := d.expects(tx, *c)
	if err == nil && expects && !a.Tell {
		err = ErrBreaks
	}
	c.Until = c.DueAt.Add(d.Policy.Window.Duration())
	if err != nil || !expects {
		return err
	}
	return errors.Join(d.record(tx, *c, brokenKind, agentPutOff, a.Actor), d.tell(tx, *c, textLate))
}

func (d *Desk) moveIt(tx Tx, c *Callback, a Act) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	ok, err := d.seat(tx, q, c.Phone, a.At, d.lately())
	if err == nil && !ok {
		err = ErrTaken
	}
	if err != nil {
		return err
	}
	return d.reschedule(tx, c, a.At, a.Actor)
}

func (d *Desk) cancelIt(tx Tx, c *Callback, a Act) error {
	if strings.TrimSpace(a.Words) == "" {
		return ErrWords
	}
	if err := d.move(tx, c, CallerCancel, a.Actor); err != nil {
		return err
	}
	return d.tell(tx, *c, "text_cancelled")
}

func (d *Desk) noteIt(_ Tx, _ *Callback, a Act) error {
	if strings.TrimSpace(a.Words) == "" {
		return ErrWords
	}
	return nil
}

// closeIt takes what came of a call, frees the agent, and promises the next
// call when there is to be one.
func (d *Desk) closeIt(tx Tx, c *Callback, a Act) error {
	if !slices.Contains(Results(), a.To) {
		return ErrWords
	}
	if c.Agent != a.Agent && !a.Any && c.State != Interrupted {
		return ErrOwned
	}
	var err error
	switch c.State {
	case Wrapup:
		err = errors.Join(d.move(tx, c, WrapupDone, a.Actor), d.finished(tx, c.Agent))
	case Interrupted:
		err = d.move(tx, c, OperatorClose, a.Actor)
	case Done, Failed:
	default:
		return ErrChanged
	}
	if err != nil || a.At.IsZero() {
		return err
	}
	return d.nextCall(tx, *c, a)
}

// nextCall promises another call about the same matter.
func (d *Desk) nextCall(tx Tx, c Callback, a Act) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	_, err = d.bookFor(tx, q, Request{
		Queue: c.Queue, Phone: c.Phone, At: a.At, Name: c.Name, Topic: c.Topic, Lang: c.Lang, Note: shorten(a.Words),
		Owner: a.Agent, Actor: a.Actor,
	})
	if errors.Is(err, errOpen) {
		return nil // the customer has booked one himself meanwhile
	}
	return err
}
