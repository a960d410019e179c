package liveline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Leg is one live call that we carry ourselves. Methods that wait return
// [io.EOF] once the person has hung up.
type Leg interface {
	// Play says prompts in a language. It returns early when a key is pressed,
	// and leaves the key for Keys.
	Play(ctx context.Context, lang string, say []ivr.Prompt) error
	// Keys waits for keys; "" means none came in time. [ErrUnheard] asks for what
	// was said to be said again.
	Keys(ctx context.Context, l ivr.Listen) (string, error)
	// Record takes down what the person says after a tone, and returns the name of
	// the take; "" when nothing was said. There may be one beside [io.EOF]: what was
	// said before hanging up.
	Record(ctx context.Context, r ivr.Record) (take string, err error)
	// Wait turns on or off the sound of waiting for another party.
	Wait(on bool)
	// Bridge passes sound both ways until one of the two leaves, or asks that the
	// other be put through: then its error is a [*TransferError], and they are parted.
	Bridge(ctx context.Context, far Leg) error
	// Confirm waits until it is certain that the person knows of being answered.
	// Nobody else is brought into a call before that.
	Confirm(ctx context.Context) error
	// Gone is closed when the person has hung up.
	Gone() <-chan struct{}
	// Hangup ends the call. It is harmless on a call that has ended.
	Hangup(ctx context.Context) error
}

// ErrUnheard means that sound has come back which was gone for so long that the
// person may not have heard what was said.
var ErrUnheard = errors.New("what was said may not have been heard")

// A Line places calls.
type Line interface {
	// Ring calls somebody and returns when the call is answered. When nobody
	// takes it, the error is a [*NotTakenError].
	Ring(ctx context.Context, c Call) (Leg, error)
	// Refer hands the call of a leg over to another party and leaves (RFC 3515).
	Refer(ctx context.Context, l Leg, addr string) error
}

// A Call is one to be placed.
type Call struct {
	Addr     string        // E.164 number or SIP URI
	Ref      string        // our own name of it, the SIP Call-ID
	CallerID string        // the number to show
	Ring     time.Duration // how long to let it ring
	Before   time.Time     // nothing may be sent after this instant; zero for no limit
	Replaces string        // the call of the called party that this one takes the place of (RFC 3891)
	Begun    func()        // called, if set, when the call has left this machine
	Ringing  func()        // called, if set, when the telephone rings
}

// NotTakenError reports that nobody took a call, and why.
type NotTakenError struct {
	Outcome ivr.Outcome
	Err     error
}

func (e *NotTakenError) Error() string {
	return fmt.Sprintf("call not taken: %s: %v", e.Outcome, e.Err)
}

// Unwrap returns the cause.
func (e *NotTakenError) Unwrap() error { return e.Err }
