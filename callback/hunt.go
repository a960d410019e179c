package callback

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// connect finds out whom a turn rings. It returns the event that tells the
// menu that nobody can be rung, or true when the line has something to do.
func (d *Desk) connect(tx Tx, t *Talk) (ivr.Event, bool, error) {
	c := t.Last.Connect
	switch {
	case toAgent(c):
		found, err := d.hunt(tx, t)
		return missed(ivr.Unanswered), found, err
	case c.To == "customer":
		return d.dial(tx, t)
	case c.To == ivr.Waiting:
		return d.meet(tx, t)
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return ivr.Event{}, false, err
	}
	c.Addr, c.Ref, c.CallerID = c.To, d.NewID(), string(q.CallerID)
	allowed := isURI(c.To) || d.Rules.Check(Phone(c.To)) == nil
	if allowed {
		err = d.outside(tx, c)
	}
	return missed(ivr.BadNumber), allowed, err
}

func missed(o ivr.Outcome) ivr.Event { return ivr.Event{Kind: ivr.NoAnswer, Text: string(o)} }

// toAgent reports whether a connect is for an agent of ours.
func toAgent(c *ivr.Connect) bool {
	return c != nil && (c.To == "agents" || strings.HasPrefix(c.To, "agent:"))
}

// hunt reserves the agent who is rung next for a caller. It reports false when
// nobody is left.
func (d *Desk) hunt(tx Tx, t *Talk) (bool, error) {
	if lost, err := d.orphaned(tx, t); err != nil || lost {
		return false, err
	}
	c := t.Last.Connect
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return false, err
	}
	free, _, err := d.freeOnLine(tx, t, q)
	if err != nil {
		return false, err
	}
	all, err := tx.Statuses()
	if err != nil {
		return false, err
	}
	if d.find(all, t.Agent).busyWith(t.ID) { // who is kept for this customer
		free = append([]string{t.Agent}, free...)
	}
	free = slices.DeleteFunc(free, func(a string) bool {
		return slices.Contains(c.Tried, a) || c.To != "agents" && c.To != "agent:"+a
	})
	t.Agent = ""
	if len(free) == 0 {
		return false, nil
	}
	t.Agent = free[0]
	c.Addr, c.Ref, c.CallerID = d.Agents[t.Agent].Phone, d.NewID(), string(q.CallerID)
	if d.Live().Menus[whisperMenu] != nil && !c.Transfer {
		c.Talk = d.NewID()
		if err := tx.PutTalk(d.whisper(t)); err != nil {
			return false, err
		}
	}
	return true, errors.Join(d.occupy(tx, t.Agent, OnRing, t.ID), d.agentIntent(tx, t))
}

// whisper is the talk with an agent before the caller is put through.
func (d *Desk) whisper(t *Talk) Talk {
	return Talk{
		ID: t.Last.Connect.Talk, Line: t.Line, Phone: t.Phone, Dialled: t.Dialled, Menu: whisperMenu,
		Queue: t.Queue, Attempt: t.Last.Connect.Ref, Agent: t.Agent, BeganAt: d.Now(),
		State: ivr.State{Data: maps.Clone(t.State.Data)},
	}
}

// afterHunt takes how ringing an agent for a caller ended. It reports true
// when the next agent is rung, without a word to the menu.
func (d *Desk) afterHunt(tx Tx, t *Talk, e ivr.Event) (bool, error) {
	agent := t.Agent
	if agent == "" {
		return false, nil
	}
	if t.Menu != customerMenu {
		if err := d.rung(tx, t, e); err != nil {
			return false, err
		}
	}
	if err := d.letGo(tx, t, e.Kind); err != nil {
		return false, err
	}
	if e.Kind != ivr.NoAnswer {
		return false, d.journal(tx, t, "talk."+string(e.Kind), "agent", agent)
	}
	if err := d.journal(tx, t, "agent.missed", agent, e.Text); err != nil {
		return false, err
	}
	if d.hasLine(t) || t.Menu == customerMenu { // who waits on must not ring him again and again
		if err := d.rests(tx, agent); err != nil {
			return false, err
		}
	}
	next := *t.Last.Connect
	next.Tried = append(slices.Clone(next.Tried), agent)
	last := t.Last
	if theirs, err := d.freeForOthers(tx, t, next.Tried); err != nil || theirs {
		return false, err
	}
	t.Last = ivr.Turn{No: last.No + 1, Lang: last.Lang, Connect: &next}
	found, err := d.hunt(tx, t)
	if !found || err != nil {
		t.Last = last
		return false, err
	}
	t.State.Turn = t.Last.No
	return true, nil
}

// freeForOthers reports whether whoever is free is for those who stand in line
// before a caller whose agent has not answered: in the second in which somebody is
// free again, they may not have been called up yet. Then he has his place among them.
func (d *Desk) freeForOthers(tx Tx, t *Talk, tried []string) (bool, error) {
	if !d.hasLine(t) {
		return false, nil
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return false, err
	}
	all, err := tx.Waiters(q.Name)
	if err != nil {
		return false, err
	}
	place, _, err := d.standing(tx, t, q, all)
	if err != nil {
		return false, err
	}
	free, most, err := d.freeOnLine(tx, t, q)
	free = slices.DeleteFunc(free, func(a string) bool { return slices.Contains(tried, a) })
	_, ready := goBefore(all, t.ID, place)
	return ready > 0 && min(most, len(free)) <= ready, err
}

// rung takes how ringing an agent for a caller ended. Of a call that was placed
// while the store failed it knows nothing.
func (d *Desk) rung(tx Tx, t *Talk, e ivr.Event) error {
	how := "released"
	switch e.Kind {
	case ivr.Spoke:
		how = spoke
	case ivr.NoAnswer:
		how = e.Text
	default:
	}
	if _, err := d.endAttempt(tx, t.Last.Connect.Ref, how); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if e.Kind != ivr.Spoke {
		return nil
	}
	return errors.Join(d.calledIn(tx, t), d.survey(tx, t, t.matter()))
}

// meet lets a party that was rung take the call.
func (d *Desk) meet(tx Tx, t *Talk) (ivr.Event, bool, error) {
	if t.Menu == customerMenu {
		return d.customerAccepts(tx, t)
	}
	if t.State.Data[handedOver] != "" {
		ok, err := d.takesOver(tx, t)
		return missed(ivr.Unsent), ok, err
	}
	s, err := d.statusOf(tx, t.Agent)
	if err != nil || s.State != OnRing {
		return missed(ivr.Unsent), false, err
	}
	caller, err := waitsFor(tx, s.Ref, t)
	if err != nil || caller.ID == "" {
		return missed(ivr.Unsent), false, err
	}
	if caller.Menu == customerMenu {
		ok, err := d.agentTakes(tx, &caller, t)
		return missed(ivr.Unsent), ok, err
	}
	return ivr.Event{}, true, errors.Join(
		d.pickedUp(tx, t), d.leaveLine(tx, &caller, "line.served"), d.occupy(tx, t.Agent, OnCall, s.Ref))
}

// waitsFor returns the talk of the caller for whom an agent is rung, if he still
// waits for the talk with that agent. The agent may be rung for somebody else by
// now.
func waitsFor(tx Tx, caller string, whisper *Talk) (Talk, error) {
	t, err := tx.Talk(caller)
	if errors.Is(err, ErrNotFound) {
		return Talk{}, nil
	}
	if c := t.Last.Connect; err != nil || t.Closed || c == nil || c.Talk != whisper.ID {
		return Talk{}, err
	}
	return t, nil
}

// calledIn cancels the open callback of a caller who has spoken with an agent.
// That the agent took the call is not enough: the caller may just have hung up.
func (d *Desk) calledIn(tx Tx, t *Talk) error {
	if t.Phone == "" {
		return nil
	}
	c, err := tx.OpenCallback(t.Queue, t.Phone)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, ok := c.State.After(CallerCalledIn); !ok {
		return nil // it is in flight: this is the call
	}
	return errors.Join(d.settled(tx, c), d.move(tx, &c, CallerCalledIn, t.speaker()))
}
