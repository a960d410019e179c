package sipline

import (
	"sync"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
)

var _ liveline.Listener = (*leg)(nil)

// Overhear implements [liveline.Listener].
func (l *leg) Overhear() (beeped <-chan struct{}, stop func()) {
	var b media.Beep
	over := make(chan struct{})
	tell := sync.OnceFunc(func() { close(over) })
	l.stream.Tap(func(codec media.Codec, _ uint32, payload []byte) { // on the wheel, a packet at a time
		for _, x := range payload {
			if b.Hear(codec.Decode(x)) {
				tell()
			}
		}
	})
	return over, func() { l.stream.Tap(nil) }
}
