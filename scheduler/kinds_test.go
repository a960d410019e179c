package scheduler

import (
	"context"
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
)

type carrier func(callback.Message) error

func (c carrier) Text(_ context.Context, m callback.Message) error { return c(m) }

func TestCarriers(t *testing.T) {
	t.Parallel()
	lost := errors.New("lost")
	c := Carriers{callback.MailKind: carrier(func(callback.Message) error { return lost })}
	if err := c.Text(t.Context(), callback.Message{Kind: callback.MailKind}); !errors.Is(err, lost) {
		t.Errorf("mail: %v", err)
	}
	if err := c.Text(t.Context(), callback.Message{Kind: callback.TextKind}); !errors.Is(err, ErrPermanent) {
		t.Errorf("what nobody carries: %v", err)
	}
}
