package callback

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/holdless/holdless/ivr"
)

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

// outside writes down that a menu hands a call over. The place is one that the
// operator has written there: it is none of those that limits are for.
func (d *Desk) outside(tx Tx, w *ivr.Connect) error {
	a := Attempt{No: 1, Leg: AgentLeg, Boot: d.Boot, Ref: w.Ref, IntentAt: d.Now()}
	if !isURI(w.To) {
		a.Phone = Phone(w.To)
	}
	return tx.AddAttempt(a)
}

// afterOutside ends what outside began.
func (d *Desk) afterOutside(tx Tx, t *Talk, e ivr.Event) error {
	outcome := cmp.Or(e.Text, string(e.Kind))
	_, err := d.endAttempt(tx, t.Last.Connect.Ref, outcome)
	if errors.Is(err, ErrNotFound) {
		return nil // handed over by an older version
	}
	return err
}

// handsOver reports whether a turn hands a call over to a place outside.
func handsOver(w *ivr.Connect) bool {
	return w != nil && w.Ref != "" && w.To != "customer" && w.To != ivr.Waiting && !toAgent(w)
}
