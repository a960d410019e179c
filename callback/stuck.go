package callback

import (
	"context"
	"errors"
	"fmt"
)

// A stuckError ends the transaction in which a caller was called up whose menu
// leads nowhere: what it did until then must not be kept.
type stuckError struct {
	talk string
	err  error
}

func (e *stuckError) Error() string { return fmt.Sprintf("call up talk %s: %v", e.talk, e.err) }

// Unwrap returns what was wrong.
func (e *stuckError) Unwrap() error { return e.err }

// errInVain is a menu that goes back to the line from where it connects.
var errInVain = errors.New("menu goes back to the line")

// setAside serves a caller not before his next turn, when his place is told
// again.
func (d *Desk) setAside(ctx context.Context, talk string) error {
	return d.update(ctx, func(tx Tx) error {
		w, err := tx.Waiter(talk)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return d.unready(tx, w)
	})
}
