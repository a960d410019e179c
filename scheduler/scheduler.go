// Package scheduler does what has been promised, when its time comes.
//
// The desk never acts on the world: it writes down what must follow. The
// scheduler carries that out through its ports, [Dialer] and [Texter], and
// keeps the timetable.
package scheduler

import (
	"context"

	"github.com/holdless/holdless/callback"
)

// A Dialer places calls. Dial returns once the call was begun, or with an
// error when nothing left this machine; all that follows is told to the desk
// through [callback.Desk.Next].
type Dialer interface {
	Dial(ctx context.Context, r callback.Ring) error
}

// A Texter sends text messages. An error that wraps [ErrPermanent] will not
// be tried again; one that wraps [ErrUnknown] may have reached the person.
type Texter interface {
	Text(ctx context.Context, m callback.Message) error
}
