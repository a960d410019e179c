package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// Answer begins a talk with someone who called us.
func (d *Desk) Answer(ctx context.Context, in Inbound) (ivr.Turn, error) {
	in = d.inFull(in)
	route, ok := d.Numbers[in.To]
	key, star := starCode(in.To)
	if !ok && star {
		route, ok = d.Numbers[StarCodes]
	}
	if !ok {
		route, ok = d.Numbers[AnyNumber]
	}
	if !ok {
		return ivr.Turn{}, fmt.Errorf("call to %s, which is not in numbers: %w", in.To, ErrNotFound)
	}
	t := Talk{
		ID: in.Talk, Line: in.Line, Phone: in.From, Dialled: in.To,
		Menu: route.Menu, Queue: route.Queue, BeganAt: d.Now(),
	}
	t.State.Lang = cmp.Or(route.Lang, d.Lang)
	if in.Withheld {
		t.Phone = ""
	}
	if star && route.Menu == deskMenu {
		t.Agent = d.agentAt(t.Phone)
	}
	first, err := d.take(ctx, t, 0, ivr.Event{Kind: ivr.Begin})
	if err != nil || t.Agent == "" || first.No != 1 {
		return first, err
	}
	return d.take(ctx, Talk{ID: t.ID}, first.No, ivr.Event{Kind: ivr.Heard, Text: key})
}

// inFull writes the numbers of a call as all others are: many carriers leave the
// plus away, or the country.
func (d *Desk) inFull(in Inbound) Inbound {
	for _, ours := range sorted(d.Numbers) { // without the country two may be alike: it is always the first
		if number.Means(in.To, ours) {
			in.To = ours
			break
		}
	}
	in.From = number.Full(in.From, in.To)
	return in
}

// Next takes one event of a talk and returns what happens next. Turn is the
// number of the turn that the event answers, so that an event which is
// delivered twice is taken once and gets the same answer.
func (d *Desk) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	return d.take(ctx, Talk{ID: talk}, turn, e)
}

// take moves a talk on by one event. A talk with a menu is new, unless the
// store knows better.
func (d *Desk) take(ctx context.Context, fresh Talk, turn int, e ivr.Event) (ivr.Turn, error) {
	var t Talk
	before := d.live.owedTo(fresh.ID)
	err := d.update(ctx, func(tx Tx) (err error) {
		if t, err = d.load(tx, fresh); err != nil {
			return err
		}
		if err := d.catchUp(tx, &t, before); err != nil {
			return err
		}
		return d.hear(tx, &t, turn, e)
	})
	switch {
	case err == nil:
		d.live.keep(t)
		d.live.paid(t.ID, before)
		return t.Last, nil
	case errors.Is(err, ErrNotFound):
		d.live.drop(fresh.ID)
		return ivr.Turn{}, fmt.Errorf("talk %s: %w", fresh.ID, err)
	}
	return d.improvise(fresh, turn, e, err)
}

// load returns a talk as it stands.
func (d *Desk) load(tx Tx, fresh Talk) (Talk, error) {
	if t, ok := d.live.ahead(fresh.ID); ok {
		return t, nil
	}
	t, err := tx.Talk(fresh.ID)
	if errors.Is(err, ErrNotFound) && fresh.Menu != "" {
		return fresh, nil
	}
	if err == nil {
		d.live.doubt(t)
	}
	return t, err
}

// stale reports whether an event answers a turn that was answered already.
func (t *Talk) stale(turn int, e ivr.Event) bool {
	return t.Closed || turn != t.State.Turn && e.Kind != ivr.Gone
}

// hear takes one event within a transaction.
func (d *Desk) hear(tx Tx, t *Talk, turn int, e ivr.Event) error {
	if t.endedBefore(turn, e) {
		return d.leaveLate(tx, t, e.Text)
	}
	if t.stale(turn, e) || e.Kind == ivr.Free { // only the desk says who is free
		return nil
	}
	answered, err := d.settle(tx, t, &e)
	if err != nil {
		return err
	}
	if !answered {
		if err := d.step(tx, t, e); err != nil {
			return err
		}
	}
	return d.settleTalk(tx, t, e)
}

// settleTalk takes down where an event has led a talk to.
func (d *Desk) settleTalk(tx Tx, t *Talk, e ivr.Event) error {
	if err := d.keepOnLine(tx, t); err != nil {
		return err
	}
	if t.Closed {
		if err := d.close(tx, t, e); err != nil {
			return err
		}
	}
	return errors.Join(d.stand(tx, t, e), tx.PutTalk(*t))
}

// close writes down how a talk ended: at which node, in which menu, after how
// many seconds. It is "talk.gone" when the person left before it was over.
func (d *Desk) close(tx Tx, t *Talk, e ivr.Event) error {
	t.EndedAt = d.Now()
	kind := "talk.ended"
	if e.Kind == ivr.Gone {
		kind = "talk.gone"
	}
	seconds := int(t.EndedAt.Sub(t.BeganAt).Seconds())
	if err := errors.Join(d.part(tx, t), tx.Count(t.tallies()), d.inTouch(tx, t), d.measureTalk(tx, t, e)); err != nil {
		return err
	}
	return d.journal(tx, t, kind, t.State.Node, t.Menu+" "+strconv.Itoa(seconds))
}

// journal writes a line about a talk.
func (d *Desk) journal(tx Tx, t *Talk, kind, name, value string) error {
	return tx.Record(Entry{
		At: d.Now(), Kind: kind, Talk: t.ID, Callback: t.Callback, Queue: t.Queue, Phone: t.Phone,
		Actor: t.speaker(), Name: name, Value: value,
	})
}

// speaker names the person a talk is held with.
func (t *Talk) speaker() string {
	switch t.Menu {
	case whisperMenu:
		if t.Agent == "" {
			return "outside"
		}
		fallthrough
	case agentMenu, deskMenu:
		return "agent:" + t.Agent
	case customerMenu:
		return "customer"
	}
	return "caller"
}
