package liveline

import (
	"context"
	"io"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Listener is a [Leg] that can tell when a machine is ready to record.
type Listener interface {
	// Overhear listens for the tone of a machine, and closes beeped when it is
	// over. Stop ends it.
	Overhear() (beeped <-chan struct{}, stop func())
}

// beepWithin is how long the tone of a machine is waited for. Most have sounded
// it by the time that nobody has pressed a key.
const beepWithin = 10 * time.Second

// overhear begins to listen for a machine with somebody whom we have called.
func (c *conversation) overhear() {
	if l, ok := c.leg.(Listener); ok {
		c.beeped, c.deaf = l.Overhear()
	}
}

// unhear ends it: a person is there, or the call is over.
func (c *conversation) unhear() {
	if c.deaf != nil {
		c.deaf()
		c.beeped, c.deaf = nil, nil
	}
}

// afterBeep waits until a machine records, when the menu takes whom we have
// called for one: what is said before is lost. A machine that sounds no tone is
// spoken to all the same.
func (c *conversation) afterBeep(ctx context.Context) error {
	if c.beeped == nil || !c.turn.End || c.noted != ivr.Machine {
		return nil
	}
	late := time.NewTimer(beepWithin)
	defer late.Stop()
	select {
	case <-c.beeped:
	case <-late.C:
	case <-c.leg.Gone():
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
