package phone

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// hangupWait is how long a BYE may take.
const hangupWait = 4 * time.Second

// Side says who ended a call.
type Side string

// The sides that can end a call.
const (
	ByUs   Side = "us"
	ByThem Side = "them"
)

// A Call is one call that was answered.
type Call struct {
	phone  *Phone
	dialog *dialog
	sound  *sound

	once   sync.Once
	done   chan struct{}
	side   Side
	late   bool     // the caller made no offer: ours is answered in the ACK
	news   chan int // of a transfer
	acked  chan struct{}
	ackOne sync.Once
}

func (p *Phone) newCall(d *dialog, s *sound) *Call {
	c := &Call{phone: p, dialog: d, sound: s, done: make(chan struct{}), news: make(chan int, 8), acked: make(chan struct{})}
	p.keep(c)
	return c
}

// ID is the Call-ID.
func (c *Call) ID() string { return c.dialog.callID.Value() }

// Done is closed when the call is over.
func (c *Call) Done() <-chan struct{} { return c.done }

// EndedBy says who hung up; call it after Done.
func (c *Call) EndedBy() Side { return c.side }

// Hangup ends the call. It is harmless on a call that has ended.
func (c *Call) Hangup(ctx context.Context) error {
	if !c.ended(ByUs) {
		return nil
	}
	bye := c.dialog.request(sip.BYE)
	if _, err := c.phone.client.Do(ctx, bye, addVia); err != nil {
		return fmt.Errorf("hang up: %w", err)
	}
	return nil
}

// ended closes the call once, and tells whether this was the first time.
func (c *Call) ended(side Side) (first bool) {
	c.once.Do(func() {
		first = true
		c.side = side
		c.phone.forget(c)
		if err := c.sound.stream.Close(); err != nil {
			c.phone.log.Warn("sound not closed", "call", c.ID(), "err", err)
		}
		close(c.done)
	})
	return first
}

// onAck takes the ACK of a 200, which has the answer in it when the 200 had
// the offer (RFC 3264, 5).
func (c *Call) onAck(answer []byte) {
	c.ackOne.Do(func() {
		if c.late && len(answer) > 0 {
			if err := c.sound.stream.Accept(answer); err != nil {
				c.phone.log.Warn("late answer not understood", "err", err)
			}
		}
		close(c.acked)
	})
}
