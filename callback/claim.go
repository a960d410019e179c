package callback

import (
	"cmp"
	"context"
	"errors"
	"slices"
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

// inVain is how many due callbacks in a row are looked at that cannot be taken up,
// before it is looked whether any agent can be had at all.
const inVain = 8

// claimDue takes up promises while nobody in line can be called up, by when they
// end, as [round.promises] does. It does not go through all of them once no agent
// can be had: the calls that it has found must leave soon.
func (d *Desk) claimDue(tx Tx, line []Waiter, limit int) ([]Ring, error) {
	if limit == 0 {
		return nil, nil
	}
	var rings []Ring
	vain, done, none := 0, map[string]bool{}, map[string]bool{}
	for size := limit + abreast; len(none) < len(d.Queues); size *= 4 {
		due, err := d.dueFirst(tx, size)
		if err != nil {
			return nil, err
		}
		for _, c := range due {
			if done[c.ID] || none[c.Queue] || len(rings) == limit {
				continue
			}
			done[c.ID] = true
			r, err := d.takeUp(tx, line, c)
			if err != nil {
				return nil, err
			}
			if vain++; len(r) > 0 {
				vain, rings = 0, append(rings, r...)
			}
			if vain == inVain {
				none, err = d.withoutAgent(tx)
			}
			if err != nil {
				return nil, err
			}
		}
		if len(rings) == limit || len(due) < size || size > widest {
			break
		}
	}
	return rings, nil
}

// withoutAgent are the queues in which no agent can be had for a promise, whomever its
// customer wants to speak with.
func (d *Desk) withoutAgent(tx Tx) (map[string]bool, error) {
	team, err := tx.Statuses()
	if err != nil {
		return nil, err
	}
	n, err := d.needs(tx, team, "")
	none := map[string]bool{}
	for name, q := range d.Queues {
		if _, spared := n.Sort(d.freeOf(d.poolOf(q, q.OverflowAfter == 0), team)); spared == 0 {
			none[name] = true
		}
	}
	return none, err
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
