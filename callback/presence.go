package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// withAgent reports whether a person who called us is with an agent, or about
// to be, in whatever process that call is held. That an agent is busy with him
// says so: what a crash leaves of a talk keeps nobody busy.
func (d *Desk) withAgent(tx Tx, p Phone) (bool, error) {
	if d.live.with(p) { // the store may know less than we do
		return true, nil
	}
	talks, err := tx.LiveTalks(p)
	if err != nil || len(talks) == 0 {
		return false, err
	}
	all, err := tx.Statuses()
	return slices.ContainsFunc(talks, func(t Talk) bool {
		return toAgent(t.Last.Connect) && d.find(all, t.Agent).busyWith(t.ID)
	}), err
}

// keeps returns the talk that keeps an agent busy and goes on at a carrier,
// whatever becomes of the process that held it; none when there is no such talk.
func (d *Desk) keeps(tx Tx, s Status) (Talk, error) {
	if s.State != OnRing && s.State != OnCall {
		return Talk{}, nil
	}
	t, err := tx.Talk(s.Ref)
	if errors.Is(err, ErrNotFound) {
		return Talk{}, nil
	}
	lives := t.Line == carrierLine && toAgent(t.Last.Connect)
	switch {
	case err != nil:
	case sentOn(t.Last.Connect):
		lives = true // with a colleague he may speak on when his callback is over
	case t.Callback != "":
		var c Callback
		if c, err = tx.Callback(t.Callback); err == nil {
			lives, err = goesOn(tx, c)
		}
	}
	if err != nil || t.Closed || !lives {
		return Talk{}, err
	}
	return t, nil
}

// goesOn reports whether the two of a callback speak with each other at a
// carrier: no process is needed for that. The name that a carrier gives to a
// call is only known of such calls.
func goesOn(tx Tx, c Callback) (bool, error) {
	if c.State != Connected {
		return false, nil
	}
	all, err := tx.AttemptsOf(c.ID)
	for _, a := range all {
		if a.EndedAt.IsZero() && a.Provider == "" {
			return false, err
		}
	}
	return err == nil, err
}

// Carried returns the talks that keep an agent busy and go on at a carrier. Only
// the carrier knows when they end.
func (d *Desk) Carried(ctx context.Context) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) error {
		all = all[:0]
		team, err := tx.Statuses()
		for _, s := range team {
			t, err := d.keeps(tx, s)
			if err != nil {
				return fmt.Errorf("agent %s: %w", s.Agent, err)
			}
			if t.ID != "" {
				all = append(all, t)
			}
		}
		return err
	})
	return all, err
}

// Stranded returns the talks of agents who wait at a carrier for customers whom
// nobody calls any more: the process that was to call them has died.
func (d *Desk) Stranded(ctx context.Context) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) error {
		all = all[:0]
		for _, name := range sorted(d.Agents) {
			found, err := stranded(tx, Phone(d.Agents[name].Phone))
			if err != nil {
				return fmt.Errorf("agent %s: %w", name, err)
			}
			all = append(all, found...)
		}
		return nil
	})
	return all, err
}

func stranded(tx Tx, agent Phone) ([]Talk, error) {
	talks, err := tx.LiveTalks(agent)
	var all []Talk
	for _, t := range talks {
		alone, err := waitsInVain(tx, t)
		if err != nil {
			return nil, err
		}
		if alone {
			all = append(all, t)
		}
	}
	return all, err
}

func waitsInVain(tx Tx, t Talk) (bool, error) {
	c := t.Last.Connect
	if t.Menu != agentMenu || c == nil || c.To != "customer" {
		return false, nil
	}
	own, err := tx.Attempt(t.Attempt)
	if err != nil || own.Provider == "" {
		return false, err
	}
	call, err := tx.Attempt(c.Ref)
	if err != nil || call.EndedAt.IsZero() {
		return false, err
	}
	far, err := tx.Talk(c.Talk)
	joined := !far.Closed && far.Last.Connect != nil && far.Last.Connect.To == ivr.Waiting
	return err == nil && !joined, err
}

// Idle returns where those agents are rung whom nothing keeps busy, and whose
// telephone nobody calls for anything else.
func (d *Desk) Idle(ctx context.Context) ([]string, error) {
	var phones []string
	err := d.Store.View(ctx, func(tx Tx) error {
		phones = phones[:0]
		team, err := tx.Statuses()
		if err != nil {
			return err
		}
		for _, name := range sorted(d.Agents) {
			s, phone := d.find(team, name), d.Agents[name].Phone
			if s.State == OnRing || s.State == OnCall {
				continue
			}
			talks, err := tx.LiveTalks(Phone(phone))
			if err != nil {
				return fmt.Errorf("agent %s: %w", name, err)
			}
			other := func(t Talk) bool { return t.Menu != agentMenu && t.Menu != whisperMenu }
			if !slices.ContainsFunc(talks, other) {
				phones = append(phones, phone)
			}
		}
		return nil
	})
	return phones, err
}

// asksWithin is how long the call of a person who was put through may take until it
// asks what it does now.
const asksWithin = 10 * time.Second

// Adrift returns the talks with persons who were put through, and whose calls have
// not asked to whom: whoever was to have them ask has died, or was not heard.
func (d *Desk) Adrift(ctx context.Context) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) error {
		all = all[:0]
		team, err := tx.Statuses()
		for _, s := range team {
			t, err := d.adrift(tx, s)
			if err != nil {
				return fmt.Errorf("agent %s: %w", s.Agent, err)
			}
			known := slices.ContainsFunc(all, func(o Talk) bool { return o.ID == t.ID })
			if t.ID != "" && !known {
				all = append(all, t)
			}
		}
		return err
	})
	return all, err
}

// adrift is such a talk in which an agent is, or was last.
func (d *Desk) adrift(tx Tx, s Status) (Talk, error) {
	t, err := tx.Talk(s.Ref)
	if c := t.Last.Connect; err == nil && t.Menu == agentMenu && c != nil {
		t, err = tx.Talk(c.Talk)
	}
	if c := t.Last.Connect; err != nil || t.Closed || !sentOn(c) {
		return Talk{}, missing(err)
	}
	a, err := tx.Attempt(t.Last.Connect.Ref)
	if err != nil || !a.SentAt.IsZero() || !a.EndedAt.IsZero() || d.Now().Sub(a.IntentAt) < asksWithin {
		return Talk{}, err
	}
	return t, nil
}
