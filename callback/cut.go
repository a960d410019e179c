package callback

import (
	"slices"

	"github.com/holdless/holdless/ivr"
)

// unlessCut says how the call to a customer ended, unless the process has died
// that held it: then the call may have ended for want of us, whatever it looks
// like, and only what the customer has said, or that he never answered, is known.
func (d *Desk) unlessCut(tx Tx, c Callback, a Attempt, how string) (string, error) {
	said := a.Outcome != "" || how == spoke
	if said || a.AnsweredAt.IsZero() && how != agentLeft {
		return how, nil
	}
	dead, err := d.outlived(tx, c.Boot)
	if dead {
		how = string(ivr.Unknown)
	}
	return how, err
}

// outlived reports whether the process is known to be dead that has something
// in hand. Recover may not have come to it yet.
func (d *Desk) outlived(tx Tx, boot string) (bool, error) {
	if boot == d.Boot || boot == "" || d.Alone {
		return boot != d.Boot && boot != "", nil
	}
	all, err := tx.Nodes()
	return slices.ContainsFunc(all, func(n Node) bool { return n.Boot == boot && !n.DeadAt.IsZero() }), err
}
