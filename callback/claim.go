package callback

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

const (
	// fence is how long after its intent was committed a call may leave. A
	// process that slept for longer must not dial: others may have taken over.
	fence = 500 * time.Millisecond
	// fenceWaiting is the same when the call waits on the way: a prompt is said
	// first, or the carrier begins so many in a second and no more. It is shorter
	// than the time after which a silent process is taken for dead.
	fenceWaiting = 5 * time.Second
)

// fence is how long a call of this queue may take to leave.
func (q *Queue) fence() time.Duration {
	if q.Line == carrierLine {
		return fenceWaiting
	}
	return fence
}

// Claim serves those who wait, as long as agents are free: callers in line are
// called up, which Moved tells their lines, and up to limit due callbacks are
// taken in hand. What it returns must be rung at once. For whom nobody is free
// stays as he is; Wake tells when that changes.
func (d *Desk) Claim(ctx context.Context, limit int) ([]Ring, error) {
	work, err := d.anyToServe(ctx)
	if err != nil || !work {
		return nil, err
	}
	rings, talks, err := d.claimAll(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, t := range talks {
		d.live.keep(t)
		d.live.called(t.ID)
	}
	return rings, nil
}

// claimAll is Claim in the store. Who cannot be called up keeps nobody else.
func (d *Desk) claimAll(ctx context.Context, limit int) (rings []Ring, talks []Talk, err error) {
	for {
		err = d.update(ctx, func(tx Tx) (err error) {
			rings, talks, err = d.claim(tx, limit)
			return err
		})
		stuck, ok := errors.AsType[*stuckError](err)
		if !ok {
			return rings, talks, err
		}
		d.Log.Error("caller cannot be called up", "talk", stuck.talk, "err", stuck.err)
		if err := d.setAside(ctx, stuck.talk); err != nil {
			return nil, nil, err
		}
	}
}

// anyToServe spares the store the look for callbacks that nobody could take, and
// the turn of a writer while nobody waits.
func (d *Desk) anyToServe(ctx context.Context) (bool, error) {
	some := false
	err := d.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Statuses()
		free := slices.ContainsFunc(sorted(d.Queues), func(name string) bool {
			return len(d.ready(d.Queues[name], all)) > 0
		})
		if err != nil || !free {
			return err
		}
		some, err = d.anybodyWaits(tx)
		return err
	})
	return some, err
}

// anybodyWaits reports whether a call is due, or a caller can be called up.
func (d *Desk) anybodyWaits(tx Tx) (bool, error) {
	due, err := tx.DueCallbacks(d.Now(), 1)
	if err != nil || len(due) > 0 {
		return len(due) > 0, err
	}
	line, err := tx.Waiters("")
	return slices.ContainsFunc(line, func(w Waiter) bool { return w.Ready }), err
}

// widest is how many due callbacks are looked at when those before them wait
// for agents of a busy queue.
const widest = 4096

func (d *Desk) claim(tx Tx, limit int) ([]Ring, []Talk, error) {
	limit, err := d.room(tx, limit)
	if err != nil {
		return nil, nil, err
	}
	all, err := tx.Waiters("")
	if err != nil {
		return nil, nil, err
	}
	r, err := d.round(tx, all, limit)
	if err != nil {
		return nil, nil, err
	}
	if r != nil {
		err := r.serve()
		return r.rings, r.talks, err
	}
	rings, err := d.claimDue(tx, all, limit)
	return rings, nil, err
}

// abreast is how many due callbacks are looked at first: of so many, the one
// whose promise ends first is called first.
const abreast = 256

// claimDue takes up promises while nobody in line can be called up, by when they
// end, as [round.promises] does.
func (d *Desk) claimDue(tx Tx, line []Waiter, limit int) ([]Ring, error) {
	if limit == 0 {
		return nil, nil
	}
	var rings []Ring
	done := map[string]bool{}
	for size := limit + abreast; ; size *= 4 {
		due, err := tx.DueCallbacks(d.Now(), size)
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(due, func(a, b Callback) int { return d.ends(a).Compare(d.ends(b)) })
		for _, c := range due {
			if done[c.ID] || len(rings) == limit {
				continue
			}
			done[c.ID] = true
			r, err := d.takeUp(tx, line, c)
			if err != nil {
				return nil, err
			}
			rings = append(rings, r...)
		}
		if len(rings) == limit || len(due) < size || size > widest {
			return rings, nil
		}
	}
}

// takeUp claims one callback, if it may be called now and somebody is free.
func (d *Desk) takeUp(tx Tx, line []Waiter, c Callback) ([]Ring, error) {
	q := d.Queues[c.Queue]
	if q == nil {
		d.Log.Error("callback of a queue that is no more", "callback", c.ID, "queue", c.Queue)
		return nil, d.postpone(tx, &c, d.Now().Add(orphanPause))
	}
	if d.tooLate(c) {
		return nil, nil // after a long standstill: Sweep gives it up
	}
	now := d.Now()
	if at := d.permits(q, c.Phone, now); !at.Equal(now) {
		return nil, d.postpone(tx, &c, at)
	}
	if !c.Place.IsZero() && now.Before(d.told(c)) && d.live.stays(c.Phone) { // he is still saying goodbye, or has called again
		return nil, d.postpone(tx, &c, now.Add(soon))
	}
	if standsIn(line, c.Phone) && now.Before(c.Until) { // his telephone would be busy
		return nil, d.postpone(tx, &c, now.Add(onTheLine))
	}
	if busy, err := d.withAgent(tx, c.Phone); err != nil || busy && now.Before(c.Until) { // this may be the call
		return nil, errors.Join(err, d.postpone(tx, &c, now.Add(onTheLine)))
	}
	agent, err := d.agentFor(tx, q, c)
	if err != nil || agent == "" {
		return nil, err
	}
	kept, err := d.reserved(tx, q, c, agent)
	if errors.Is(err, errNobody) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if agent != c.Owner { // whom it belongs to is kept for it, however many are free
		agent = kept
	}
	if wait, err := d.paused(tx, q); err != nil || wait {
		return nil, err
	}
	if q.Order.ringsFirst() {
		if busy, err := d.onThePhone(tx, c.Phone); err != nil || busy {
			return nil, errors.Join(err, d.postpone(tx, &c, now.Add(plans[string(ivr.Busy)].after)))
		}
	}
	no, err := refused(d.mayDial(tx, c.Phone))
	switch {
	case err != nil:
		return nil, err
	case no.Kind == ivr.Refused && c.State == RetryWait:
		return nil, d.refuse(tx, &c, AttemptsExhausted, no.Text)
	case no.Kind == ivr.Refused:
		return nil, d.refuse(tx, &c, GivenUp, no.Text)
	}
	c.Boot, c.Agent = d.Boot, agent
	if err := d.move(tx, &c, Claim, "scheduler"); err != nil {
		return nil, err
	}
	ring := d.ringAgent
	if q.Order.ringsFirst() {
		ring = d.ringFirst
	}
	r, err := ring(tx, q, &c)
	return []Ring{r}, err
}

// standsIn reports whether somebody of this number stands in line.
func standsIn(line []Waiter, p Phone) bool {
	return slices.ContainsFunc(line, func(w Waiter) bool { return w.Phone == p })
}

// postpone puts off a callback until the customer may be called.
func (d *Desk) postpone(tx Tx, c *Callback, until time.Time) error {
	if until.IsZero() {
		until = d.Now().Add(day1)
	}
	c.DueAt = until
	return d.move(tx, c, OutOfHours, "scheduler")
}

const (
	day1 = 24 * time.Hour
	// orphanPause is how long a callback waits for its queue to be in the
	// configuration again.
	orphanPause = time.Hour
	// onTheLine is how long a callback waits for a customer who is calling us.
	onTheLine = 20 * time.Second
)

// agentFor chooses who is rung: whom the callback belongs to, or else, when
// half of the promised window is over, who has been idle for the longest.
func (d *Desk) agentFor(tx Tx, q *Queue, c Callback) (string, error) {
	all, err := tx.Statuses()
	if err != nil {
		return "", err
	}
	owner := d.find(all, c.Owner)
	waits := c.Owner != "" && slices.Contains(q.Agents, c.Owner) && owner.onDuty()
	if waits && d.freeNow(owner) {
		return c.Owner, nil
	}
	free, err := d.freeFor(tx, q, wish{lang: c.Lang, topic: c.Topic})
	if err != nil || len(free) == 0 || waits && d.Now().Before(d.ownedUntil(c)) {
		return "", err
	}
	return free[0], nil
}

// lastCall is how long before its promise breaks a callback that somebody owns
// falls to the team.
const lastCall = 3 * time.Minute

// ownedUntil is how long a callback waits for whom it belongs to: half of the
// promised window, and never to its end.
func (d *Desk) ownedUntil(c Callback) time.Time {
	half := d.told(c).Add(d.Policy.Window.Duration() / 2)
	if last := c.Until.Add(-lastCall); last.Before(half) {
		return last
	}
	return half
}

// ringAgent commits the intent to ring the agent of a claimed callback.
func (d *Desk) ringAgent(tx Tx, q *Queue, c *Callback) (Ring, error) {
	now, ref := d.Now(), d.NewID()
	t := Talk{
		ID: d.NewID(), Line: "phone", Phone: Phone(d.Agents[c.Agent].Phone), Dialled: q.CallerID, Menu: agentMenu,
		Queue: q.Name, Callback: c.ID, Attempt: ref, Agent: c.Agent, BeganAt: now,
	}
	if langs := d.Agents[c.Agent].Languages; len(langs) > 0 {
		t.State.Lang = langs[0]
	}
	a := Attempt{Leg: AgentLeg, Agent: c.Agent, Ref: ref}
	err := errors.Join(
		d.attempt(tx, *c, &a), tx.PutTalk(t), d.occupy(tx, c.Agent, OnRing, t.ID),
		d.move(tx, c, AgentIntent, "scheduler"))
	return Ring{
		Callback: c.ID, Talk: t.ID, Addr: d.Agents[c.Agent].Phone, Ref: ref, CallerID: string(q.CallerID), Line: q.Line,
		Ring: d.Policy.Ring.Duration(), Before: now.Add(q.fence()),
	}, err
}

// attempt adds the next line to the dial ledger.
func (d *Desk) attempt(tx Tx, c Callback, a *Attempt) error {
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	for _, one := range all {
		a.No = max(a.No, one.No)
	}
	a.No++
	a.Callback, a.Boot, a.IntentAt = c.ID, d.Boot, d.Now()
	return tx.AddAttempt(*a)
}

// Sent reports that the call of this name has left this machine.
func (d *Desk) Sent(ctx context.Context, ref string) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Attempt(ref)
		if err != nil || !a.SentAt.IsZero() {
			return err
		}
		a.SentAt = d.Now()
		return tx.PutAttempt(a)
	})
}

// unsentPause is how long a callback waits when its agent could not be rung.
const unsentPause = 10 * time.Second

// Unsent reports that nothing of a ring has left this machine.
func (d *Desk) Unsent(ctx context.Context, r Ring, cause error) error {
	return d.update(ctx, func(tx Tx) error {
		t, err := tx.Talk(r.Talk)
		if err != nil || t.Closed {
			return err
		}
		t.Closed, t.EndedAt = true, d.Now()
		why := string(ivr.Unsent)
		if cause != nil {
			why += ": " + cause.Error()
		}
		return errors.Join(
			d.unsent(tx, &t), d.journal(tx, &t, "attempt.unsent", r.Ref, why), tx.PutTalk(t))
	})
}

// unsent gives back who was to be rung.
func (d *Desk) unsent(tx Tx, t *Talk) error {
	if t.Menu == customerMenu {
		return errors.Join(d.customerMissed(tx, t, ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unsent)}), d.customerParts(tx, t))
	}
	return d.agentMissed(tx, t, NothingSent, string(ivr.Unsent))
}
