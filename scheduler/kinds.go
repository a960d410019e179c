package scheduler

import (
	"context"
	"fmt"

	"github.com/holdless/holdless/callback"
)

// Carriers sends each message by the carrier of its kind.
type Carriers map[string]Texter

// Text implements [Texter].
func (c Carriers) Text(ctx context.Context, m callback.Message) error {
	if by := c[m.Kind]; by != nil {
		return by.Text(ctx, m)
	}
	return fmt.Errorf("%w: nothing is configured that carries a %s", ErrPermanent, m.Kind)
}
