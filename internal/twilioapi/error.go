package twilioapi

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class says whether a request can have had an effect at Twilio.
type Class int

// The outcomes of a request that did not succeed.
const (
	Rejected  Class = iota // Twilio said no: nothing happened, and never will
	Retryable              // nothing happened, but it may later
	Unknown                // it may have happened: look before anything else is done
)

// String names the class.
func (c Class) String() string {
	switch c {
	case Rejected:
		return "rejected"
	case Retryable:
		return "retryable"
	case Unknown:
		return "unknown"
	}
	return fmt.Sprintf("class %d", int(c))
}

// Error is why a request did not succeed. Every error of a [Client] is one, or
// wraps [ErrNotPlaced].
type Error struct {
	Class      Class
	Status     int           // of HTTP; 0 when there was no answer
	Code       int           // Twilio's own, see its error catalogue
	Message    string        // Twilio's own
	RetryAfter time.Duration // how long Twilio asks us to wait
	Sent       time.Time     // when a create left us; zero when it did not
	Err        error         // what went wrong on the way
}

// Why nothing was sent.
var (
	ErrLate  = errors.New("too late to be sent")
	ErrFull  = errors.New("all calls that the account allows are in use")
	ErrToken = errors.New("the status address does not carry the token")
	ErrKnown = errors.New("a call with this token was begun already")
)

// ErrNotPlaced means that a lost request was looked for and never arrived.
var ErrNotPlaced = errors.New("twilio has never seen it")

// Error names the class and all that is known.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "twilio: %s", e.Class)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %d: %s", e.Code, e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns what went wrong on the way.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of an error of this package. Of any other error
// it says Unknown: who cannot tell must look.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Unknown
}
