package callback

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// Transfers says to which numbers outside agents may put people through.
type Transfers struct {
	Allowed []string `yaml:"allowed"` // numbers, and how numbers begin: "+35850*"; none for no number outside
}

// Why nobody is put through to a place that an agent asks for. Each is an
// [ErrForbidden].
var (
	ErrUnlisted   = fmt.Errorf("a number that is not under transfers.allowed: %w", ErrForbidden)
	ErrNobodyFree = fmt.Errorf("a queue in which nobody is free, or an agent in a call: %w", ErrForbidden)
)

var beginning = regexp.MustCompile(`^\+[1-9][0-9]{0,13}$`)

// check looks at the list. A number on it that may not be called would be
// refused in mid-call, so it is a mistake here.
func (t Transfers) check(m *mistakes, r *number.Rules) {
	const place = "transfers.allowed"
	for _, a := range t.Allowed {
		begin, all := strings.CutSuffix(a, "*")
		switch {
		case all && !beginning.MatchString(begin):
			m.add(place, `%q is not how numbers begin; write it like "+35850*"`, a)
		case all:
		case !Phone(a).Valid():
			m.phone(place, Phone(a))
		default:
			m.check(place+": "+a, r.Check(Phone(a)))
		}
	}
}

// allow reports whether a number is on the list.
func (t Transfers) allow(p Phone) bool {
	return slices.ContainsFunc(t.Allowed, func(a string) bool {
		begin, all := strings.CutSuffix(a, "*")
		return a == string(p) || all && strings.HasPrefix(string(p), begin)
	})
}

// placeFor finds out whom the agent of a talk means, if he may put people through.
func (d *Desk) placeFor(tx Tx, t *Talk, to string) (Attempt, error) {
	if t.Agent == "" || t.Menu != agentMenu && t.Menu != whisperMenu {
		return Attempt{}, ErrForbidden
	}
	return d.placeOf(tx, t, to)
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
	team, n, err := d.atHand(tx)
	if err != nil {
		return "", err
	}
	for _, w := range []wish{{lang: lang}, {}} { // an agent who puts somebody through can say in which
		if free, spared := n.Sort(d.freeFor(team, q, w)); spared > 0 {
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
