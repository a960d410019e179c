package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nyaruka/phonenumbers"

	"github.com/holdless/holdless/callback/number"
)

// ErrOurs says that a number is one of ours, or of an agent.
var ErrOurs = errors.New("the number is in the configuration, and not a customer's")

// Erasure takes a person out of everything that is kept.
type Erasure interface {
	// Erase leaves another name in the place of the number where figures need
	// one, and deletes the rest. What contains like is about the person too.
	Erase(p Phone, as, like string) (Erased, error)
}

// Erased counts what was found of a person.
type Erased struct {
	Callbacks int
	Talks     int
	Texts     int // sent to, and received from
	Blocks    int // wishes to be left alone, which are kept without the number
}

// Erase forgets a person: open callbacks are called off without a word, and the
// number, the name and all that was said go. Figures stay, and so does the wish
// to be left alone, without the number. It is [ErrMoved] while the person is on
// the telephone.
func (d *Desk) Erase(ctx context.Context, p Phone, actor string) (Erased, error) {
	found, err := d.erase(ctx, p, actor)
	if err != nil {
		return Erased{}, fmt.Errorf("erase: %w", err)
	}
	return found, nil
}

func (d *Desk) erase(ctx context.Context, p Phone, actor string) (Erased, error) {
	var found Erased
	n, err := phonenumbers.Parse(string(p), "")
	if err != nil || !p.Valid() {
		return found, &number.RefusalError{Phone: p, Reason: number.ReasonInvalid}
	}
	if d.ours(p) {
		return found, ErrOurs
	}
	if err := d.update(ctx, func(tx Tx) error { return d.release(tx, p, actor) }); err != nil {
		return found, err
	}
	// A transaction of its own: what the one before has written in the journal
	// must be there to be found.
	var said []string
	err = d.update(ctx, func(tx Tx) (err error) {
		if said, err = voicemailsOf(tx, p); err != nil {
			return err
		}
		as := "erased-" + d.NewID()
		if found, err = tx.Erase(p, as, phonenumbers.GetNationalSignificantNumber(n)); err != nil {
			return err
		}
		return tx.Record(Entry{At: d.Now(), Kind: "person.erased", Phone: Phone(as), Actor: actor})
	})
	if err != nil {
		return found, err
	}
	return found, d.unsay(said)
}

// ours reports whether a number belongs to the service or its people.
func (d *Desk) ours(p Phone) bool {
	if _, ok := d.Numbers[p]; ok || d.Rules.Own[p] {
		return true
	}
	for _, a := range d.Agents {
		if a.Phone == string(p) {
			return true
		}
	}
	return false
}

// release lets go of whatever is still to be done for a person.
func (d *Desk) release(tx Tx, p Phone, actor string) error {
	if err := tx.LockPhone(p); err != nil {
		return err
	}
	all, err := tx.FindCallbacks(Filter{Phone: p, States: append([]State{HeldState}, open...)})
	if err != nil {
		return err
	}
	for _, c := range all {
		why := CallerCancel
		switch {
		case slices.Contains(inFlight, c.State):
			return fmt.Errorf("the number is being called just now: %w", ErrMoved)
		case c.State == Wrapup:
			why = WrapupDone
		}
		if err := d.move(tx, &c, why, actor); err != nil {
			return err
		}
	}
	return nil
}

// AllowCalls lets a number be called again from which somebody had said that he
// wants no calls. Only a person can know that it is right.
func (d *Desk) AllowCalls(ctx context.Context, p Phone, actor string) error {
	err := d.update(ctx, func(tx Tx) error {
		blocked, err := tx.Blocked(p, NoCalls, d.Now())
		if err == nil && !blocked {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := tx.Block(p, NoCalls, d.Now()); err != nil {
			return err
		}
		return tx.Record(Entry{At: d.Now(), Kind: "number.allowed", Phone: p, Actor: actor, Name: string(NoCalls)})
	})
	if err != nil {
		return fmt.Errorf("allow calls to %s: %w", p.LogValue(), err)
	}
	return nil
}
