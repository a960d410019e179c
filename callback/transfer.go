package callback

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// ErrForbidden means that nobody may be put through there.
var ErrForbidden = errors.New("not a place to put people through to")

// A Handover is an agent putting the person he speaks with through to somebody.
type Handover struct {
	To   ivr.Connect // whom the line rings
	Back ivr.Connect // the agent himself, if nobody takes it and he has left
}

// Transfer is asked when the telephone of an agent wants the other party to be
// put through. Only agents may, and only to other agents and to numbers that
// may be called: whoever could name any place would call at our expense. Talk is
// the one with him who asks; all else is [ErrForbidden].
func (d *Desk) Transfer(ctx context.Context, talk, to string) (Handover, error) {
	var h Handover
	var allowed bool
	err := d.update(ctx, func(tx Tx) error {
		t, err := d.load(tx, Talk{ID: talk})
		if err != nil {
			return err
		}
		if h, allowed, err = d.handover(tx, &t, to); err != nil {
			return err
		}
		if !allowed {
			return d.journal(tx, &t, "transfer.refused", "to", to)
		}
		return d.journal(tx, &t, "transfer", "to", h.To.Addr)
	})
	if err == nil && !allowed {
		err = ErrForbidden
	}
	if err != nil {
		return Handover{}, fmt.Errorf("transfer from talk %s: %w", talk, err)
	}
	return h, nil
}

func (d *Desk) handover(tx Tx, t *Talk, to string) (h Handover, allowed bool, err error) {
	if t.Agent == "" || t.Menu != agentMenu && t.Menu != whisperMenu {
		return h, false, nil
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return h, false, err
	}
	addr, err := d.placeOf(tx, to, t.Phone)
	if err != nil || addr == "" {
		return h, false, err
	}
	ring := ivr.Connect{CallerID: string(q.CallerID), Ring: d.Policy.Ring.Duration(), Before: d.Now().Add(fenceWaiting)}
	h.To, h.Back = ring, ring
	h.To.Addr, h.To.Ref = addr, newID()
	h.Back.Addr, h.Back.Ref = d.Agents[t.Agent].Phone, newID()
	h.Back.Before = h.To.Before.Add(h.To.Ring) // he is rung when the other was in vain
	return h, true, nil
}

// placeOf finds what a telephone means by an address: the telephone of an
// agent, the name of one, or a number as people in the country of like dial it.
// It is "" when nobody may be put through there.
func (d *Desk) placeOf(tx Tx, to string, like Phone) (string, error) {
	user, host := subscriber(to)
	for _, name := range sorted(d.Agents) {
		phone := d.Agents[name].Phone
		if u, h := subscriber(phone); strings.EqualFold(user, name) || u == user && h == host {
			return phone, nil
		}
	}
	p := Phone(user)
	if !strings.HasPrefix(user, "+") {
		var err error
		if p, err = d.Rules.Number(user, like); err != nil {
			return "", nil //nolint:nilerr // it is refused, which is no fault
		}
	}
	e, err := refused(d.mayDial(tx, p))
	if err != nil || e.Kind == ivr.Refused {
		return "", err
	}
	return string(p), nil
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

// Phones lists where agents are rung: from there they put people through to each
// other.
func (d *Desk) Phones() []string {
	var all []string
	for _, name := range sorted(d.Agents) {
		all = append(all, d.Agents[name].Phone)
	}
	return all
}

// errNowhere means that a SIP address is nobody's that we know.
var errNowhere = errors.New("neither an agent's address nor one that a menu hands calls to")

// MayRing is asked right before each call: agents are rung wherever they are, a
// SIP address when a menu hands calls over to it, and everybody else by the
// rules for numbers.
func (d *Desk) MayRing(addr string) error {
	for _, a := range d.Agents {
		if a.Phone == addr {
			return nil
		}
	}
	if !isURI(addr) {
		return d.Rules.Check(Phone(addr))
	}
	live := d.Live()
	for name, m := range live.Menus {
		if m.HandsTo(addr) || live.Trials[name].Menu != nil && live.Trials[name].Menu.HandsTo(addr) {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", addr, errNowhere)
}

// Transferred takes how it ended: outcome is "" when somebody has taken over,
// and the agent is free.
func (d *Desk) Transferred(ctx context.Context, talk string, outcome ivr.Outcome) error {
	err := d.update(ctx, func(tx Tx) error {
		t, err := d.load(tx, Talk{ID: talk})
		if err != nil {
			return err
		}
		if outcome != "" {
			return d.journal(tx, &t, "transfer.missed", "outcome", string(outcome))
		}
		s, err := d.statusOf(tx, t.Agent)
		if err != nil {
			return err
		}
		if t.Menu == whisperMenu { // the caller's own talk goes on, and must not keep him
			if err := d.freeAgent(tx, t.Agent, s.Ref, true); err != nil {
				return err
			}
		}
		return d.journal(tx, &t, "transfer.taken", "agent", t.Agent)
	})
	if err != nil {
		return fmt.Errorf("transfer from talk %s: %w", talk, err)
	}
	return nil
}
