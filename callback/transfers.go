package callback

import (
	"errors"
	"fmt"
	"maps"
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
