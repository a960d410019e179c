package callback

import (
	"context"
	"fmt"
)

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
