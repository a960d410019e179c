package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/holdless/holdless/ivr"
)

// improvise goes on with a caller while the store fails. Nothing is promised
// that is not written: a booking is refused, no times are offered, and the
// caller gets a person. Talks that keep a promise cannot go on like this,
// because nobody may be dialled without a line in the ledger.
func (d *Desk) improvise(fresh Talk, turn int, e ivr.Event, cause error) (ivr.Turn, error) {
	known, ok := d.live.find(fresh.ID)
	t := known.Talk
	if !ok {
		t = fresh
	}
	menu := d.menuAtHand(&t)
	if menu == nil {
		menu = d.Live().choose(&t) // its own is in the store, which does not answer
	}
	if menu == nil || t.keeps() {
		d.live.owe(fresh.ID, turn, e)
		return ivr.Turn{}, cause
	}
	if t.stale(turn, e) || e.Kind == ivr.Free {
		return t.Last, nil
	}
	d.Log.Error("talk goes on without the store", "talk", t.ID, "line", t.Line, "err", cause)
	d.play(menu, &t, e)
	d.live.put(t, true)
	if t.Closed {
		d.live.owe(t.ID, t.State.Turn, ivr.Event{Kind: ivr.Gone})
	}
	return t.Last, nil
}

// play steps through a menu with what is known without the store.
func (d *Desk) play(menu *ivr.Menu, t *Talk, e ivr.Event) {
	var said []ivr.Prompt
	if e.Kind == ivr.NoAnswer && toAgent(t.Last.Connect) {
		if next := d.another(t); next != nil {
			t.State.Turn++
			t.Last = ivr.Turn{No: t.State.Turn, Lang: t.Last.Lang, Connect: next}
			return
		}
	}
	for range rounds {
		t.State, t.Last = menu.Step(t.State, e, d.guess(t))
		said = append(said, t.Last.Say...)
		switch {
		case t.Last.Book != nil:
			e = ivr.Event{Kind: ivr.Refused, Text: ivr.NotWritten}
			continue
		case toAgent(t.Last.Connect):
			next := d.another(t)
			if next == nil {
				e = missed(ivr.Unanswered)
				continue
			}
			t.Last.Connect = next
		}
		break
	}
	t.Last.Say, t.Closed = said, t.Last.End
	if t.Last.Book != nil { // the menu insists: a person it is
		t.Last = ivr.Turn{No: t.State.Turn, Lang: t.State.Lang, Say: said, End: true}
		t.Closed = true
	}
}

// another returns the next agent to ring, who may well be busy elsewhere: only
// the calls of this process are known.
func (d *Desk) another(t *Talk) *ivr.Connect {
	q := d.Queues[t.Queue]
	if q == nil {
		return nil
	}
	next := *t.Last.Connect
	if t.Agent != "" && next.Addr != "" {
		next.Tried = append(slices.Clone(next.Tried), t.Agent)
	}
	for _, a := range q.Agents {
		if !slices.Contains(next.Tried, a) && !d.live.busiesWith(a, t.ID) {
			t.Agent, next.Addr, next.Ref, next.Talk = a, d.Agents[a].Phone, d.NewID(), ""
			return &next
		}
	}
	return nil
}

// guess is what may be told to a caller when the store says nothing.
func (d *Desk) guess(t *Talk) ivr.Facts {
	f := ivr.Facts{Caller: ivr.Caller{Phone: string(t.Phone)}}
	if q := d.Queues[t.Queue]; q != nil {
		f.Now = d.Now().In(q.Zone)
		f.Open, f.Idle = q.Open(f.Now), len(q.Agents)
		if !f.Open {
			f.Opens = q.Opens(f.Now)
		}
	}
	return f
}

// catchUp takes what is owed to a talk, in the order in which it happened.
func (d *Desk) catchUp(tx Tx, t *Talk, all []owed) error {
	for _, o := range all {
		if err := d.hear(tx, t, o.turn, o.event); err != nil {
			return err
		}
	}
	return nil
}

// repay tells the store how calls ended while it did not answer.
func (d *Desk) repay(ctx context.Context) error {
	var failed []error
	for _, id := range d.live.debts() {
		all := d.live.owedTo(id)
		var t Talk
		err := d.update(ctx, func(tx Tx) (err error) {
			if t, err = d.load(tx, Talk{ID: id}); err != nil {
				return err
			}
			return d.catchUp(tx, &t, all)
		})
		switch {
		case err == nil:
			d.live.keep(t)
			d.live.paid(id, all)
		case errors.Is(err, ErrNotFound): // it began and ended without the store
			d.live.paid(id, all)
		default:
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// forgetEnded forgets the talks that other processes have ended: how a call at a
// carrier goes on is told to whichever is reached.
func (d *Desk) forgetEnded(ctx context.Context) error {
	known := d.live.known()
	if d.Alone || len(known) == 0 {
		return nil
	}
	var ended []string
	err := d.Store.View(ctx, func(tx Tx) error {
		open, err := tx.CallbacksOf("", known)
		ended = slices.DeleteFunc(slices.Clone(known), func(id string) bool {
			_, goesOn := open[id]
			return goesOn || d.improvised(tx, id)
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("talks that are over: %w", err)
	}
	for _, id := range ended {
		d.live.drop(id)
	}
	return nil
}

// improvised reports whether a talk goes on here though the store says that it is
// over, or knows of none: it was away. At a carrier it is believed that it is over.
func (d *Desk) improvised(tx Tx, id string) bool {
	if _, ahead := d.live.ahead(id); !ahead {
		return false
	}
	t, err := tx.Talk(id)
	return err != nil || t.Line != carrierLine
}
