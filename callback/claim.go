package callback

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/holdless/holdless/callback/dispatch"
)

// Claim serves those who wait, as long as agents are free: callers in line are
// called up, which Moved tells their lines, and up to limit due callbacks are
// taken in hand. What it returns must be rung at once; beside an error it may be
// stored or not, must not be rung, and [Desk.Unsent] gives it back. For whom nobody
// is free stays as he is; Wake tells when that changes.
func (d *Desk) Claim(ctx context.Context, limit int) ([]Ring, error) {
	work, err := d.anyToServe(ctx)
	if err != nil || !work {
		return nil, err
	}
	rings, talks, err := d.claimAll(ctx, limit)
	if err != nil {
		return rings, err
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

// inVain is how many due callbacks in a row are looked at that cannot be taken up
// though there is an agent: what was found before them must leave soon.
const inVain = 8

// claimDue takes up promises while nobody in line can be called up, by when they
// end, as [round.promises] does. It looks no further once it has found some, or no agent
// can be had at all.
func (d *Desk) claimDue(tx Tx, line []Waiter, limit int) ([]Ring, error) {
	if limit == 0 {
		return nil, nil
	}
	for size := limit + abreast; ; size *= 4 {
		due, err := d.dueFirst(tx, size)
		if err != nil {
			return nil, err
		}
		rings, err := d.claimOf(tx, line, due, limit)
		if err != nil || len(rings) > 0 || len(due) < size || size > widest {
			return rings, err
		}
		team, n, err := d.atHand(tx)
		if err != nil || !d.someoneFree(team, n) {
			return nil, err
		}
	}
}

// claimOf takes up those of some due callbacks for whom an agent can be had. After one
// in vain it is known who can.
func (d *Desk) claimOf(tx Tx, line []Waiter, due []Callback, limit int) ([]Ring, error) {
	var rings []Ring
	var team []Status
	var n dispatch.Needs
	vain := 0
	for _, c := range due {
		if len(rings) == limit || len(rings) > 0 && vain == inVain {
			break
		}
		if vain > 0 && !d.someoneFor(team, c, n) {
			continue
		}
		r, err := d.takeUp(tx, line, c)
		if err != nil {
			return nil, err
		}
		if vain++; len(r) > 0 {
			vain, rings = 0, append(rings, r...)
		}
		if vain == 1 {
			if team, n, err = d.atHand(tx); err != nil {
				return nil, err
			}
		}
	}
	return rings, nil
}

// atHand is what the team does now, and what the customers need who are being rung.
func (d *Desk) atHand(tx Tx) ([]Status, dispatch.Needs, error) {
	team, err := tx.Statuses()
	if err != nil {
		return nil, dispatch.Needs{}, err
	}
	n, err := d.needs(tx, team, "")
	return team, n, err
}

// someoneFree reports whether an agent of any queue can be had for a promise, whomever
// its customer wants to speak with.
func (d *Desk) someoneFree(team []Status, n dispatch.Needs) bool {
	return slices.ContainsFunc(sorted(d.Queues), func(name string) bool {
		q := d.Queues[name]
		_, spared := n.Sort(d.freeOf(d.poolOf(q, q.OverflowAfter == 0), team))
		return spared > 0
	})
}

// someoneFor reports whether an agent can be had for a callback, without a look into the
// store: there may be thousands. Of a queue that is no more, the look itself decides.
func (d *Desk) someoneFor(team []Status, c Callback, n dispatch.Needs) bool {
	q := d.Queues[c.Queue]
	return q == nil || d.agentFor(team, q, c, n) != ""
}

// dueFirst finds callbacks that are due, those first whose promise ends first. Of
// those that end together the one that was made first goes first, whenever it fell
// due: whom a call could not reach, for none has left, has not lost his place.
func (d *Desk) dueFirst(tx Tx, most int) ([]Callback, error) {
	due, err := tx.DueCallbacks(d.Now(), most)
	slices.SortStableFunc(due, func(a, b Callback) int {
		return cmp.Or(d.ends(a).Compare(d.ends(b)), a.CreatedAt.Compare(b.CreatedAt))
	})
	return due, err
}
