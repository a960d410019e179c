package callback

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// grace is how far the clocks of two processes may be apart: a time is free
// again so long after its hold has lapsed.
const grace = 2 * time.Second

// book answers what a menu asks of the desk.
func (d *Desk) book(tx Tx, t *Talk, b ivr.Book) (ivr.Event, error) {
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return ivr.Event{}, err
	}
	switch b.Do {
	case ivr.SignIn, ivr.Duty, ivr.Take, ivr.FindPrompt, ivr.JudgeTake, ivr.KeepTake:
		return d.deskAsks(tx, t, b)
	case ivr.Check:
		return d.check(tx, t, b.Phone)
	case ivr.Hold:
		return d.hold(tx, t, q, b.At)
	case ivr.Confirm:
		return d.confirm(tx, t, q, Phone(b.Phone))
	case ivr.Place:
		return d.keepPlace(tx, t, q, Phone(b.Phone))
	case ivr.Cancel:
		return d.callOff(tx, t)
	case ivr.Keep:
		return d.keep(tx, t)
	case ivr.LeaveMessage:
		return d.leave(tx, t, q, b)
	}
	return ivr.Event{}, fmt.Errorf("nobody can %q at the desk", b.Do)
}

// check says whether keyed-in digits are a number that may be called.
func (d *Desk) check(tx Tx, t *Talk, digits string) (ivr.Event, error) {
	like := t.Phone
	if d.Rules.Home(like) == "" {
		like = t.Dialled
	}
	p, err := d.Rules.Read(digits, like)
	if err == nil {
		err = d.mayCall(tx, p)
	}
	if err == nil && p != t.Phone {
		err = d.mayAskFor(tx, p, t.asker())
	}
	if err != nil {
		return refused(err)
	}
	return ivr.Event{Kind: ivr.Number, Text: string(p)}, nil
}

// refused turns a [*number.RefusalError] into the event that tells the menu.
func refused(err error) (ivr.Event, error) {
	if r, ok := errors.AsType[*number.RefusalError](err); ok {
		return ivr.Event{Kind: ivr.Refused, Text: r.Reason}, nil
	}
	return ivr.Event{}, err
}

// hold keeps a time while the caller confirms it.
func (d *Desk) hold(tx Tx, t *Talk, q *Queue, at time.Time) (ivr.Event, error) {
	taken := ivr.Event{Kind: ivr.Taken}
	if err := d.dropHolds(tx, t); err != nil {
		return taken, err
	}
	ok, err := d.seat(tx, q, t.calls(), at, d.lately())
	if err != nil || !ok {
		return taken, err
	}
	now := d.Now()
	c := Callback{
		ID: d.NewID(), Queue: q.Name, Phone: t.Phone, Lang: t.State.Lang, Talk: t.ID,
		State: HeldState, CreatedAt: now, UpdatedAt: now,
	}
	d.promise(&c, q, at)
	c.HoldUntil = now.Add(d.Policy.Hold.Duration())
	c.DueAt = c.HoldUntil
	if err := tx.AddCallback(c); err != nil {
		return taken, err
	}
	if t.Menu != customerMenu {
		t.Callback = c.ID
	}
	return ivr.Event{Kind: ivr.Held, At: at}, d.record(tx, c, "callback.held", "", t.speaker())
}

// seat locks a time and reports whether a place is left in it. Lock, then
// count, then add: any other order sells a place twice on PostgreSQL. The
// capacity is that of the configuration, because the times that are offered
// are counted by it too.
func (d *Desk) seat(tx Tx, q *Queue, p Phone, at, offered time.Time) (bool, error) {
	now := d.Now()
	if !hadTime(q, offered, now, at) || !d.permitted.Next(at, d.place(q, p, at)).Equal(at) {
		return false, nil
	}
	seats, err := d.seatsAt(tx, q, at)
	if err != nil {
		return false, err
	}
	if _, err := tx.LockSlot(q.Name, at, seats); err != nil {
		return false, err
	}
	taken, err := tx.CountSlots(q.Name, at, at.Add(time.Millisecond), now.Add(-grace))
	return taken[at.UnixMilli()] < seats, err
}

// hadTime reports whether a callback can be promised for a time, now or when it
// was offered: what was read out stays true while it is listened to.
func hadTime(q *Queue, offered, now, at time.Time) bool {
	return q.HasTime(now, at) || at.After(now) && q.HasTime(offered, at)
}

// lately is since when times may have been read out to somebody who chooses one
// now: as long as one is held.
func (d *Desk) lately() time.Time { return d.Now().Add(-d.Policy.Hold.Duration()) }

// heldBy finds what a talk holds.
func (d *Desk) heldBy(tx Tx, t *Talk) ([]Callback, error) {
	if t.Menu != customerMenu {
		c, err := tx.Callback(t.Callback)
		if errors.Is(err, ErrNotFound) || err == nil && c.State != HeldState {
			return nil, nil
		}
		return []Callback{c}, err
	}
	all, err := tx.FindCallbacks(Filter{Queue: t.Queue, Phone: t.Phone, States: []State{HeldState}})
	return all, err
}

// dropHolds lets go of what the talk, or the same number before, holds.
func (d *Desk) dropHolds(tx Tx, t *Talk) error {
	all, err := d.heldBy(tx, t)
	if err != nil {
		return err
	}
	if t.Phone != "" && t.Menu != customerMenu {
		more, err := tx.FindCallbacks(Filter{Queue: t.Queue, Phone: t.Phone, States: []State{HeldState}})
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		if err := d.move(tx, &c, HoldLapsed, t.speaker()); err != nil {
			return err
		}
	}
	return nil
}

// confirm makes a promise of what is held, or moves the open one there.
func (d *Desk) confirm(tx Tx, t *Talk, q *Queue, p Phone) (ivr.Event, error) {
	held, err := d.heldBy(tx, t)
	if err != nil {
		return ivr.Event{}, err
	}
	if p == "" {
		p = t.Phone
	}
	if err := d.mayCall(tx, p); err != nil {
		return refused(err)
	}
	if len(held) == 0 {
		return ivr.Event{Kind: ivr.Taken}, nil
	}
	c := held[0]
	if lasts, err := d.lasts(tx, q, c, p); err != nil || !lasts {
		return ivr.Event{Kind: ivr.Taken}, err
	}
	open, err := d.openOf(tx, q.Name, p)
	switch {
	case err == nil:
		return d.exchange(tx, t, open, c)
	case !errors.Is(err, ErrNotFound):
		return ivr.Event{}, err
	}
	if err := d.mayPromise(tx, p, t.asker()); err != nil {
		return refused(err)
	}
	d.promise(&c, q, c.At)
	c.Phone, c.Caller, c.Topic, c.Name, c.Lang = p, t.asker(), t.State.Data["topic"], t.State.Data["name"], t.State.Lang
	if err := d.move(tx, &c, Confirm, t.speaker()); err != nil {
		return ivr.Event{}, err
	}
	t.Callback = c.ID
	return ivr.Event{Kind: ivr.Booked, At: c.At}, d.tell(tx, c, "text_booked")
}

// lasts reports whether a time that was held can still be promised.
func (d *Desk) lasts(tx Tx, q *Queue, c Callback, p Phone) (bool, error) {
	// The lock comes before the clock: who waits for it may wait past the hold.
	seats, err := d.seatsAt(tx, q, c.At)
	if err != nil {
		return false, err
	}
	if _, err := tx.LockSlot(q.Name, c.At, seats); err != nil {
		return false, err
	}
	// The number that was keyed in may be elsewhere.
	return c.HoldUntil.After(d.Now()) && d.permitted.Next(c.At, d.place(q, p, c.At)).Equal(c.At), nil
}

// promise sets the promised time of a callback, and when it falls due. A place
// in line is given up for it.
func (d *Desk) promise(c *Callback, q *Queue, at time.Time) {
	c.At, c.Wall, c.Zone = at, opening.Wall(at.In(q.Zone)), q.Zone.String()
	c.DueAt, c.Until = at, at.Add(d.Policy.Window.Duration())
	c.HoldUntil, c.Place = time.Time{}, time.Time{}
}

// told returns the time that the customer expects, which is the promised one
// until he is told another.
func (d *Desk) told(c Callback) time.Time {
	return c.Until.Add(-d.Policy.Window.Duration())
}

// Expected returns the time at which a customer expects the call: another than
// the promised one when he was told that we are late.
func (d *Desk) Expected(c Callback) time.Time { return d.told(c) }
