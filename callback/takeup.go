package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/ivr"
)

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
	until, hindered, err := d.hindered(tx, q, line, c)
	if err != nil || hindered {
		return nil, errors.Join(err, d.postpone(tx, &c, until))
	}
	agent, some, err := d.agentKept(tx, q, c)
	if err != nil || !some {
		return nil, err
	}
	if wait, err := d.paused(tx, q); err != nil || wait {
		return nil, err
	}
	if q.Order.ringsFirst() {
		if busy, err := d.onThePhone(tx, c.Phone); err != nil || busy {
			return nil, errors.Join(err, d.postpone(tx, &c, d.Now().Add(plans[string(ivr.Busy)].after)))
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
	return d.inHand(tx, q, c, agent)
}

// hindered reports whether a customer must not, or cannot, be called now, and
// until when.
func (d *Desk) hindered(tx Tx, q *Queue, line []Waiter, c Callback) (until time.Time, hindered bool, err error) {
	now := d.Now()
	at := d.permits(q, c.Phone, now)
	switch {
	case !at.Equal(now):
		return at, true, nil
	case !c.Place.IsZero() && now.Before(d.told(c)) && d.live.stays(c.Phone): // he is still saying goodbye, or has called again
		return now.Add(soon), true, nil
	case standsIn(line, c.Phone) && now.Before(c.Until): // his telephone would be busy
		return now.Add(onTheLine), true, nil
	}
	busy, err := d.withAgent(tx, c.Phone) // this may be the call
	return now.Add(onTheLine), busy && now.Before(c.Until), err
}

// agentKept chooses who is kept for a callback: "" when the customer is rung
// first and nobody needs to be. It reports false when nobody is free.
func (d *Desk) agentKept(tx Tx, q *Queue, c Callback) (agent string, some bool, err error) {
	team, n, err := d.atHand(tx)
	if err != nil {
		return "", false, err
	}
	agent = d.agentFor(team, q, c, n)
	switch {
	case agent == "":
		return "", false, nil
	case q.Order != Adaptive, agent == c.Owner: // whom it belongs to is kept for it, however many are free
		return agent, true, nil
	}
	if q.keeps(d.Now(), n.Left(d.freeFor(team, q, c.wish()))) {
		return agent, true, nil
	}
	return "", true, nil
}

// inHand claims a callback that may be called, and commits the intent to ring
// the first of the two.
func (d *Desk) inHand(tx Tx, q *Queue, c Callback, agent string) ([]Ring, error) {
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

// soon is how long a place is kept for who has not hung up yet.
const soon = 5 * time.Second

// agentFor chooses who is rung: whom the callback belongs to, or else, when
// half of the promised window is over, who has been idle for the longest. Whom
// a customer needs who is being rung is rung for nobody else.
func (d *Desk) agentFor(team []Status, q *Queue, c Callback, n dispatch.Needs) string {
	owner := d.find(team, c.Owner)
	waits := c.Owner != "" && slices.Contains(q.Agents, c.Owner) && owner.onDuty()
	if waits && d.freeNow(owner) && n.Spares(c.Owner) {
		return c.Owner
	}
	if waits && d.Now().Before(d.ownedUntil(c)) {
		return ""
	}
	if free, spared := n.Sort(d.freeFor(team, q, c.wish())); spared > 0 {
		return free[0]
	}
	return ""
}

// lastCall is how long before its promise breaks a callback that somebody owns
// falls to the team.
const lastCall = 3 * time.Minute

// ownedUntil is how long a callback waits for whom it belongs to: half of the
// promised window, and never to the end of the promise.
func (d *Desk) ownedUntil(c Callback) time.Time {
	half := d.told(c).Add(d.Policy.Window.Duration() / 2)
	if last := d.breaksAnew(c).Add(-lastCall); last.Before(half) {
		return last
	}
	return half
}
