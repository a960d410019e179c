package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// ErrForbidden means that nobody may be put through there.
var ErrForbidden = errors.New("not a place to put people through to")

// A Handover is an agent putting the person he speaks with through to somebody.
type Handover struct {
	To   ivr.Connect // whom the line rings
	Back ivr.Connect // the agent himself, if nobody takes it and he has left
	With string      // the talk with the person who is put through
}

// Transfer is asked when the telephone of an agent wants the other party to be
// put through. Only agents may, and only to other agents, to queues and to
// numbers on the list: whoever could name any place would call at our expense.
// Talk is the one with him who asks; all else is [ErrForbidden].
func (d *Desk) Transfer(ctx context.Context, talk, to string) (Handover, error) {
	return d.transfer(ctx, talk, to, func(Tx, string) error { return nil })
}

// transfer has somebody rung, if that agent passes the check.
func (d *Desk) transfer(ctx context.Context, talk, to string, check func(tx Tx, agent string) error) (Handover, error) {
	var h Handover
	var refused error
	err := d.update(ctx, func(tx Tx) error {
		t, err := d.load(tx, Talk{ID: talk})
		if err != nil {
			return err
		}
		h, err = d.handover(tx, &t, to, check)
		if refused = nil; errors.Is(err, ErrForbidden) {
			refused = err
			return d.journal(tx, &t, "transfer.refused", "to", to)
		}
		if err != nil {
			return err
		}
		t.State.Data = withMark(maps.Clone(t.State.Data), handsOn, h.To.Ref)
		return errors.Join(tx.PutTalk(t), d.journal(tx, &t, "transfer", "to", h.To.Addr))
	})
	if err = cmp.Or(err, refused); err != nil {
		return Handover{}, fmt.Errorf("transfer from talk %s: %w", talk, err)
	}
	return h, nil
}

func (d *Desk) handover(tx Tx, t *Talk, to string, check func(tx Tx, agent string) error) (Handover, error) {
	a, err := d.placeFor(tx, t, to)
	if err == nil {
		err = check(tx, a.Agent)
	}
	if err != nil {
		return Handover{}, err
	}
	return d.handTo(tx, t, a)
}

// handTo writes down that somebody is rung for the person whom an agent speaks
// with.
func (d *Desk) handTo(tx Tx, t *Talk, a Attempt) (h Handover, err error) {
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return h, err
	}
	ring := ivr.Connect{CallerID: string(q.CallerID), Ring: d.Policy.Ring.Duration(), Before: d.Now().Add(fenceWaiting)}
	h.To, h.Back = ring, ring
	h.To.Addr, h.To.Ref = cmp.Or(d.Agents[a.Agent].Phone, string(a.Phone)), a.Ref
	h.Back.Addr, h.Back.Ref = d.Agents[t.Agent].Phone, d.NewID()
	h.Back.Before = h.To.Before.Add(h.To.Ring + briefedWithin) // he is rung when the other was in vain
	if h.With, err = d.otherOf(tx, t); err != nil {
		return h, err
	}
	return h, errors.Join(tx.AddAttempt(a), d.engage(tx, a.Agent, OnRing, h.With), d.briefing(tx, t, &h, a.Agent))
}

// briefedWithin is longer than anybody listens to what a call is about.
const briefedWithin = 2 * time.Minute

// otherOf is the talk with the person whom an agent speaks with.
func (d *Desk) otherOf(tx Tx, t *Talk) (string, error) {
	if w := t.Last.Connect; t.Menu == agentMenu && w != nil {
		return w.Talk, nil
	}
	s, err := d.statusOf(tx, t.Agent)
	return s.Ref, err
}

// Transferred takes how it ended: outcome is "" when somebody has taken over,
// and the agent is free. Talk is the one with the agent.
func (d *Desk) Transferred(ctx context.Context, talk string, h Handover, outcome ivr.Outcome) error {
	err := d.update(ctx, func(tx Tx) error {
		t, err := d.load(tx, Talk{ID: talk})
		if err != nil {
			return err
		}
		if outcome != "" {
			err := d.parted(tx, h, string(outcome))
			return errors.Join(err, d.journal(tx, &t, "transfer.missed", "outcome", string(outcome)))
		}
		if err := d.takenOver(tx, &t, h); err != nil {
			return err
		}
		return d.journal(tx, &t, "transfer.taken", "agent", t.Agent)
	})
	if err != nil {
		return fmt.Errorf("transfer from talk %s: %w", talk, err)
	}
	return nil
}

func (d *Desk) takenOver(tx Tx, t *Talk, h Handover) error {
	a, err := tx.Attempt(h.To.Ref)
	if err != nil {
		return err
	}
	a.AnsweredAt = d.Now()
	if err := errors.Join(tx.PutAttempt(a), d.engage(tx, a.Agent, OnCall, h.With)); err != nil {
		return err
	}
	if t.Menu != whisperMenu {
		return nil
	}
	// The caller's own talk goes on, and must not keep him.
	return d.freeAgent(tx, t.Agent, h.With, true)
}

// Parted takes that the person who was put through and the third party have
// spoken.
func (d *Desk) Parted(ctx context.Context, h Handover) error {
	if err := d.update(ctx, func(tx Tx) error { return d.parted(tx, h, spoke) }); err != nil {
		return fmt.Errorf("end of transfer %s: %w", h.To.Ref, err)
	}
	return nil
}

// Deserted takes that a person whom we have called was put through by a colleague of
// the agent, and that nobody is there for him any more: he is promised another call.
func (d *Desk) Deserted(ctx context.Context, talk string) error {
	err := d.update(ctx, func(tx Tx) error {
		t, err := d.load(tx, Talk{ID: talk})
		if err != nil || t.Menu != customerMenu {
			return err
		}
		c, err := tx.Callback(t.Callback)
		if err != nil || c.State == Connected { // else the talk with the agent tells
			return err
		}
		return d.promiseAnother(tx, &t, c)
	})
	if err != nil {
		return fmt.Errorf("person of talk %s: %w", talk, err)
	}
	return nil
}

func (d *Desk) parted(tx Tx, h Handover, outcome string) error {
	a, err := tx.Attempt(h.To.Ref)
	if err != nil {
		return err
	}
	if _, err := d.endAttempt(tx, a.Ref, outcome); err != nil {
		return err
	}
	if err := d.unheard(tx, h); err != nil || a.Agent == "" {
		return err
	}
	return d.freeAgent(tx, a.Agent, h.With, outcome == spoke)
}

// handedOver marks the whisper to somebody to whom an agent puts a person
// through. It names the talk with that person.
const handedOver = "handed_over"

// briefing is the whisper to whom the line rings in a [Handover]: what the agent
// knows is told again, so that the customer need not. Without such a menu the two
// are joined at once.
func (d *Desk) briefing(tx Tx, t *Talk, h *Handover, agent string) error {
	if d.Live().Menus[whisperMenu] == nil {
		return nil
	}
	about := maps.Clone(t.State.Data)
	if about == nil {
		about = map[string]string{}
	}
	if t.Callback != "" {
		c, err := tx.Callback(t.Callback)
		if err != nil {
			return err
		}
		about["name"], about["topic"] = c.Name, c.Topic
	}
	about[handedOver] = h.With
	h.To.Talk = d.NewID()
	return tx.PutTalk(Talk{
		ID: h.To.Talk, Line: t.Line, Phone: t.Phone, Dialled: t.Dialled, Menu: whisperMenu, Queue: t.Queue,
		Callback: t.Callback, Attempt: h.To.Ref, Agent: agent, BeganAt: d.Now(),
		State: ivr.State{Lang: d.spokenWith(agent, t.State.Lang), Data: about},
	})
}

// spokenWith is the language in which somebody is told of a transfer: his own,
// if he is an agent, else that of the agent who asks for it.
func (d *Desk) spokenWith(agent, other string) string {
	if all := d.Agents[agent].Languages; len(all) > 0 && !slices.Contains(all, other) {
		return all[0]
	}
	return other
}

// takesOver lets somebody take the person who is put through to him, unless
// that came to nothing meanwhile.
func (d *Desk) takesOver(tx Tx, t *Talk) (bool, error) {
	a, err := tx.Attempt(t.Attempt)
	if err != nil || !a.EndedAt.IsZero() {
		return false, err
	}
	return true, errors.Join(d.pickedUp(tx, t), d.engage(tx, t.Agent, OnCall, t.State.Data[handedOver]), d.takenOn(tx, t))
}

// unheard closes the whisper of a transfer that nobody heard: whom an agent has
// asked before needs none.
func (d *Desk) unheard(tx Tx, h Handover) error {
	t, err := tx.Talk(h.To.Talk)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || t.Closed || t.State.Turn > 0 {
		return err
	}
	t.Closed, t.EndedAt = true, d.Now()
	return tx.PutTalk(t)
}
