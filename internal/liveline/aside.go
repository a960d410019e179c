package liveline

import (
	"fmt"
	"runtime/debug"
)

// Aside runs fn on a stack of its own, and returns when it has. The stack of a
// call is as large as the deepest thing that was done on it, and the desk and
// its database go deep for a millisecond, while a call waits for minutes.
func Aside(fn func()) {
	var cause error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				cause = fmt.Errorf("%v, at %s", p, debug.Stack())
			}
		}()
		fn()
	}()
	<-done
	if cause != nil {
		panic(cause) // the call that asked has its guard
	}
}
