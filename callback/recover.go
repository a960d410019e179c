package callback

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// deadAfter is how long a process may be silent before the others take over
// its work.
const deadAfter = 15 * time.Second

// Beat says that this process lives. It is [ErrMoved] when the others have
// given it up: then it must end.
func (d *Desk) Beat(ctx context.Context) error {
	return d.Store.Update(ctx, func(tx Tx) error { return d.beat(tx) })
}

func (d *Desk) beat(tx Tx) error {
	n := Node{Boot: d.Boot, Host: d.Host, StartedAt: d.Now(), SeenAt: d.Now()}
	all, err := tx.Nodes()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(o Node) bool { return o.Boot == d.Boot }); i >= 0 {
		n.StartedAt = all[i].StartedAt
	}
	return tx.Beat(n)
}

// Recover takes care of what dead processes had in hand. A callback whose
// customer may have been reached is never dialled again by the machine.
func (d *Desk) Recover(ctx context.Context) error {
	var dead []string
	var flights []Callback
	err := d.Store.Update(ctx, func(tx Tx) (err error) {
		if err := d.beat(tx); err != nil {
			return err
		}
		if dead, err = d.dead(tx); err != nil {
			return err
		}
		flights, err = tx.FindCallbacks(Filter{States: inFlight})
		return err
	})
	if err != nil {
		return err
	}
	all := []error{d.rezone(ctx)}
	for _, c := range flights {
		if slices.Contains(dead, c.Boot) {
			all = append(all, d.rescue(ctx, c))
		}
	}
	return errors.Join(append(all, d.relieve(ctx, dead))...)
}

// dead declares processes dead that were silent for too long, and returns all
// that are.
func (d *Desk) dead(tx Tx) ([]string, error) {
	nodes, err := tx.Nodes()
	if err != nil {
		return nil, err
	}
	self := slices.IndexFunc(nodes, func(n Node) bool { return n.Boot == d.Boot })
	if self < 0 {
		return nil, nil
	}
	var dead []string
	for _, n := range nodes {
		silent := nodes[self].SeenAt.Sub(n.SeenAt)
		if n.Boot == d.Boot || !d.Alone && n.DeadAt.IsZero() && silent < deadAfter {
			continue
		}
		dead = append(dead, n.Boot)
		if n.DeadAt.IsZero() {
			n.DeadAt = nodes[self].SeenAt
			if err := tx.Beat(n); err != nil {
				return nil, err
			}
		}
	}
	return dead, nil
}

// rezone makes the instants of promises fit the zone rules that this process
// knows: what was promised is a time on the customer's wall. Once is enough.
func (d *Desk) rezone(ctx context.Context) error {
	if d.rezoned.Load() {
		return nil
	}
	err := d.page(ctx, Filter{States: []State{BookedState}, From: d.Now()}, func(c Callback) error {
		return d.rezoneOne(ctx, c)
	})
	if err == nil {
		d.rezoned.Store(true)
	}
	return err
}

func (d *Desk) rezoneOne(ctx context.Context, c Callback) error {
	place := d.places.Zone(c.Zone)
	if place == nil {
		return nil // this machine does not know the zone any more: the instant stands
	}
	at, err := opening.FromWall(c.Wall, place)
	if err != nil || at.Equal(c.At) {
		return err
	}
	return d.change(ctx, c.ID, func(tx Tx, c *Callback) error {
		c.At, c.DueAt, c.Until = at, at, at.Add(d.Policy.Window.Duration())
		return d.move(tx, c, ZoneChanged, "desk")
	})
}

// rescue takes a callback out of dead hands.
func (d *Desk) rescue(ctx context.Context, found Callback) error {
	return d.update(ctx, func(tx Tx) error {
		c, err := tx.Callback(found.ID)
		if err != nil || c.Boot != found.Boot || !c.State.InFlight() {
			return err
		}
		if on, err := goesOn(tx, c); err != nil || on {
			c.Boot = d.Boot
			return errors.Join(err, tx.MoveCallback(c, c.State))
		}
		return d.nodeDead(tx, c)
	})
}

// nodeDead moves a callback on whose call was lost.
func (d *Desk) nodeDead(tx Tx, c Callback) error {
	all, err := tx.AttemptsOf(c.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.EndedAt.IsZero() {
			if _, err := d.endAttempt(tx, a.Ref, interrupted); err != nil {
				return err
			}
		}
	}
	c.DueAt = d.Now()
	if to, _ := c.State.After(NodeDead); to == Interrupted {
		c.Attempts++
	}
	if err := d.move(tx, &c, NodeDead, "desk"); err != nil || c.State != Interrupted {
		return err
	}
	return errors.Join(d.task(tx, c, "interrupted"), d.apologise(tx, c))
}

// apologise tells a customer whose call was cut off so, once, and offers
// another time. Only he, or a person, can have it dialled again.
func (d *Desk) apologise(tx Tx, c Callback) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	now := d.Now().In(q.Zone)
	free, err := d.free(tx, q, c.Phone, now)
	if err != nil || len(free) == 0 {
		return err
	}
	at := free[0].In(q.Zone)
	t, err := d.pose(tx, c, texts.AskCutOff, []time.Time{at})
	if err != nil {
		return err
	}
	body := d.Text(c.Lang, ivr.Prompt{Name: "text_cut_off", At: at, Now: now, Key: "1"})
	return d.post(tx, Message{
		Kind: TextKind, Key: "text_cut_off:" + c.ID + ":" + strconv.FormatInt(c.Version, 10), To: string(c.Phone), Body: body,
		Talk: t.ID, Callback: c.ID, DueAt: now, Until: at, Once: true,
	})
}

// callAgain takes the answer to an apology: 1 is the offered time, or the
// soonest that is free by now.
func (d *Desk) callAgain(tx Tx, t Talk, c Callback, in InText) (bool, error) {
	if _, can := c.State.After(Reschedule); !can || c.State != Interrupted {
		return false, d.unexpected(tx, in)
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return false, err
	}
	free, err := d.free(tx, q, c.Phone, d.Now().In(q.Zone))
	if err != nil {
		return false, err
	}
	for _, at := range append(slices.Clone(t.State.Offered), free...) {
		ok, err := d.seat(tx, q, c.Phone, at, t.BeganAt)
		if err != nil {
			return false, err
		}
		if ok {
			t.Closed, t.EndedAt = true, d.Now()
			return true, errors.Join(tx.PutTalk(t), d.reschedule(tx, &c, at, "caller"))
		}
	}
	return false, d.unexpected(tx, in)
}

// relieve gives back the agents whom dead processes kept busy, and takes over
// those whose calls go on.
func (d *Desk) relieve(ctx context.Context, dead []string) error {
	if len(dead) == 0 {
		return nil
	}
	return d.update(ctx, func(tx Tx) error {
		if err := errors.Join(d.scatter(tx, dead), dropErrands(tx)); err != nil {
			return err
		}
		all, err := tx.Statuses()
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.State != OnRing && s.State != OnCall || !slices.Contains(dead, s.Boot) {
				continue
			}
			if err := d.relieveOne(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Desk) relieveOne(tx Tx, s Status) error {
	t, err := d.keeps(tx, s)
	if err != nil {
		return err
	}
	if s.Boot = d.Boot; t.ID == "" {
		if err := d.cutOff(tx, s); err != nil {
			return err
		}
		s.rest(Available)
		s.Ref, s.Boot, s.Since = "", "", d.Now()
	}
	return tx.PutStatus(s)
}
