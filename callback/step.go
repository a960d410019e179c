package callback

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

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

// walked notes one step of a talk.
func (t *Talk) walked(now time.Time, e ivr.Event, f ivr.Facts, to []string) {
	if len(t.Walk) >= walk.Most {
		return
	}
	s := walk.StepOf(e, f)
	s.At, s.Lost, s.To = now.Sub(t.BeganAt).Milliseconds(), t.Last.Misheard, to
	t.Walk = append(slices.Clip(t.Walk), s)
}

// outcome says how a call ended, or why nobody took it.
func (t *Talk) outcome() string {
	if len(t.Walk) == 1 && t.Walk[0].Kind == ivr.NoAnswer {
		return t.Walk[0].Text
	}
	return walk.EndOf(t.Walk)
}

// tallies counts what happened in a talk that is over.
func (t *Talk) tallies() []walk.Tally {
	return walk.Walk{Menu: t.Menu, Version: t.Version, Began: t.BeganAt, Ended: t.EndedAt, Steps: t.Walk}.Tallies()
}
