package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
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

// placeFor finds out whom the agent of a talk means, if he may put people through.
func (d *Desk) placeFor(tx Tx, t *Talk, to string) (Attempt, error) {
	if t.Agent == "" || t.Menu != agentMenu && t.Menu != whisperMenu {
		return Attempt{}, ErrForbidden
	}
	return d.placeOf(tx, t, to)
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

// placeOf finds what a telephone means by an address: the telephone of an
// agent, the name of one, a queue, or a number as people in the country dial it of
// whom he speaks with. It is [ErrForbidden] when nobody may be put through there.
func (d *Desk) placeOf(tx Tx, t *Talk, to string) (Attempt, error) {
	a := Attempt{No: 1, Leg: AgentLeg, Boot: d.Boot, IntentAt: d.Now()}
	user, host := subscriber(to)
	for _, name := range sorted(d.Agents) {
		u, h := subscriber(d.Agents[name].Phone)
		if strings.EqualFold(user, name) || u == user && h == host {
			a.Agent, a.Ref = name, d.NewID()
			return a, nil
		}
	}
	if other := d.Queues[strings.ToLower(user)]; other != nil {
		agent, err := d.freeIn(tx, other, d.langOfOther(tx, t))
		a.Agent, a.Ref = agent, d.NewID()
		return a, err
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return a, err
	}
	a.Ref, a.Leg, a.Phone, a.Shown = d.NewID(), CustomerLeg, Phone(user), q.shown()
	return a, d.outsider(tx, q, &a, t.Phone)
}

// langOfOther is the language of the person whom an agent speaks with; "" when it is
// not known.
func (d *Desk) langOfOther(tx Tx, own *Talk) string {
	with, err := d.otherOf(tx, own)
	if err != nil {
		return ""
	}
	t, err := tx.Talk(with)
	if err != nil {
		return ""
	}
	return d.wishOf(tx, &t).lang
}

// freeIn chooses the agent of a queue to whom somebody is put through, if there is
// one who speaks his language: none whom a customer needs who is being rung.
func (d *Desk) freeIn(tx Tx, q *Queue, lang string) (string, error) {
	team, err := tx.Statuses()
	if err != nil {
		return "", err
	}
	n, err := d.needs(tx, team, "")
	if err != nil {
		return "", err
	}
	for _, w := range []wish{{lang: lang}, {}} { // an agent who puts somebody through can say in which
		if free, spared := n.sort(d.freeFor(team, q, w)); spared > 0 {
			return free[0], nil
		}
	}
	return "", ErrNobodyFree
}

// outsider sees that a number outside may be rung: it is on the list, and the
// rules and the limits are kept.
func (d *Desk) outsider(tx Tx, q *Queue, a *Attempt, like Phone) error {
	if !strings.HasPrefix(string(a.Phone), "+") {
		p, err := d.Rules.Read(string(a.Phone), like)
		if err != nil {
			return ErrForbidden
		}
		a.Phone = p
	}
	if !d.Transfers.allow(a.Phone) {
		return ErrUnlisted
	}
	ok, err := d.mayReach(tx, q, a.Phone)
	if err != nil || ok {
		return err
	}
	return ErrForbidden
}

// mayReach is the last look before somebody outside is rung whom nobody has
// promised a call: the rules and the limits are those of every other call.
func (d *Desk) mayReach(tx Tx, q *Queue, p Phone) (bool, error) {
	if err := errors.Join(tx.LockPhone(anyDial), tx.LockPhone(p)); err != nil {
		return false, err
	}
	e, err := refused(d.mayDial(tx, p))
	if err != nil || e.Kind == ivr.Refused {
		return false, err
	}
	wait, err := d.paused(tx, q)
	return !wait, err
}

// subscriber reads the user and the host of an address: a SIP URI, or a number.
func subscriber(addr string) (user, host string) {
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		addr = strings.TrimPrefix(addr, scheme)
	}
	user, host, _ = strings.Cut(addr, "@")
	user, _, _ = strings.Cut(user, ";")
	host, _, _ = strings.Cut(host, ";")
	host, _, _ = strings.Cut(host, "?")
	if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
		host = host[:at]
	}
	return user, strings.ToLower(host)
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
