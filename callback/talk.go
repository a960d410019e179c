package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/holdless/holdless/ivr"
)

// Answer begins a talk with someone who called us.
func (d *Desk) Answer(ctx context.Context, in Inbound) (ivr.Turn, error) {
	route, ok := d.Numbers[in.To]
	key, star := starCode(in.To)
	if !ok && star {
		route, ok = d.Numbers[StarCodes]
	}
	if !ok {
		route, ok = d.Numbers[AnyNumber]
	}
	if !ok {
		return ivr.Turn{}, fmt.Errorf("call to a number of nobody: %w", ErrNotFound)
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

// errCircle is a mistake in a menu.
var errCircle = errors.New("menu goes round in circles")

// rounds is how often the desk may answer itself within one turn.
const rounds = 12

// step asks the menu what comes next, and answers what it asks of the desk,
// until there is something for the line to do.
func (d *Desk) step(tx Tx, t *Talk, e ivr.Event) error {
	menu, err := d.menuOf(tx, t)
	if err == nil && menu == nil {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("menu %q: %w", t.Menu, err)
	}
	var said []ivr.Prompt
	name := t.Menu
	for range rounds {
		if t.Menu != name { // an agent has taken a callback
			if menu, err = d.menuOf(tx, t); err != nil || menu == nil {
				return errors.Join(err, fmt.Errorf("menu %q: %w", t.Menu, ErrNotFound))
			}
			name = t.Menu
		}
		if err := d.turn(tx, t, menu, e); err != nil {
			return err
		}
		if err := d.write(tx, t); err != nil {
			return err
		}
		said = append(said, t.Last.Say...)
		next, done, err := d.obey(tx, t)
		if err != nil || done {
			t.Last.Say, t.Closed = said, t.Last.End
			return errors.Join(err, d.asks(tx, t, menu), d.beginWait(tx, t))
		}
		e = next
	}
	return fmt.Errorf("talk %s at %s: %w", t.ID, t.State.Node, errCircle)
}

// turn asks the menu once. Counting the free times of a week is by far the
// dearest of the facts, and few turns depend on it. A menu is pure and quick,
// so it is asked what it would do with no time free and with all of them: only
// when the two differ is the truth found out.
func (d *Desk) turn(tx Tx, t *Talk, menu *ivr.Menu, e ivr.Event) error {
	f, err := d.facts(tx, t)
	if err != nil {
		return err
	}
	var way []string
	tell := func(node string) { way = append(way, node) }
	state, turn := menu.Trace(t.State, e, f, tell)
	if menu.Offers() {
		q := d.Queues[t.Queue]
		f.Slots = q.Times(f.Now)
		if s, other := menu.Step(t.State, e, f); !reflect.DeepEqual(s, state) || !reflect.DeepEqual(other, turn) {
			if f.Slots, err = d.free(tx, q, t.calls(), f.Now); err != nil {
				return err
			}
			if f.Slots, err = d.heldToo(tx, t, q, f); err != nil {
				return err
			}
			if f.Slots, err = choosable(tx, t, f.Slots); err != nil {
				return err
			}
			f.Slots = slices.DeleteFunc(f.Slots, f.Booking.Equal) // it is theirs already
			way = nil
			state, turn = menu.Trace(t.State, e, f, tell)
		} else {
			f.Slots = nil
		}
	}
	t.State, t.Last = state, turn
	t.walked(f.Now, e, f, way)
	return nil
}

// obey does what a turn asks of the desk. It returns the event that answers
// the menu, or true when the turn is for the line.
func (d *Desk) obey(tx Tx, t *Talk) (ivr.Event, bool, error) {
	switch {
	case t.Last.Book != nil:
		e, err := d.book(tx, t, *t.Last.Book)
		return e, false, err
	case t.Last.Connect != nil:
		return d.connect(tx, t)
	}
	return ivr.Event{}, true, nil
}

// write takes down the notes of a turn.
func (d *Desk) write(tx Tx, t *Talk) error {
	for _, n := range t.Last.Notes {
		if err := d.journal(tx, t, "talk.note", n.Name, n.Value); err != nil {
			return err
		}
		if err := d.heed(tx, t, n); err != nil {
			return err
		}
	}
	return nil
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
