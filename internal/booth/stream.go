package booth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	clockEvery = time.Second      // how often the clock is shown
	patience   = 10 * time.Second // how long a browser may not read
)

// shown is what a page is told.
type shown struct {
	State State   `json:"state"`
	Clock string  `json:"clock"`
	Lines []line  `json:"lines"`
	Pace  float64 `json:"pace,omitempty"` // how fast the clock may run
	Next  string  `json:"next,omitempty"` // when it is called, if that is known
}

func (b *Booth) shown(ctx context.Context) (shown, <-chan struct{}) {
	next := b.next(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := shown{State: b.state, Clock: b.config.Now().Format("Mon 15:04"), Lines: b.lines, Next: next}
	if b.config.Pace != nil {
		now.Pace = b.config.Pace()
	}
	return now, b.more
}

// next is when the telephone is called next, as its page shows it.
func (b *Booth) next(ctx context.Context) string {
	if b.config.Next == nil {
		return ""
	}
	at, err := b.config.Next(ctx)
	now := b.config.Now()
	at = at.In(now.Location())
	switch {
	case err != nil:
		b.config.Log.Debug("next call not known", "err", err)
		return ""
	case at.IsZero():
		return ""
	case !at.After(now):
		return "any moment now"
	case at.YearDay() != now.YearDay():
		return at.Format("on Monday at 15:04")
	default:
		return at.Format("at 15:04")
	}
}

// attending is the context of something that is told without end: it is done when
// who listens has gone, or is not let in any more. Whoever has it calls leave.
func (b *Booth) attending(ctx context.Context) (_ context.Context, leave func()) {
	ctx, stop := context.WithCancel(ctx)
	if b.config.Still == nil {
		return ctx, stop
	}
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(clockEvery)
		defer tick.Stop()
		for b.config.Still(ctx) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		stop()
	})
	return ctx, func() {
		stop()
		watch.Wait()
	}
}

// events tells a page what the telephone does, by Server-Sent Events.
func (b *Booth) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // else what reads requests ends it; a server that has none needs none
	defer b.attended()()
	ctx, leave := b.attending(r.Context())
	defer leave()
	for {
		now, more := b.shown(ctx)
		text, err := json.Marshal(now)
		if err != nil {
			return
		}
		if err := out.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-more:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sound is what the telephone hears in its call, from now to its end: mu-law, as
// it came in (RFC 2046, 4.3: audio/basic is mu-law at 8,000 Hz, of one channel).
func (b *Booth) sound(w http.ResponseWriter, r *http.Request) {
	call := b.current()
	if call == nil {
		http.Error(w, "There is no call.", http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "audio/basic")
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // as above
	ctx, leave := b.attending(r.Context())
	defer leave()
	for at := len(call.Heard()); ; {
		var fresh []byte
		err := call.Hear(ctx, func(heard []byte) bool {
			fresh = append(fresh[:0], heard[at:]...)
			return len(fresh) > 0
		})
		if err != nil {
			return
		}
		at += len(fresh)
		if err := out.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return
		}
		if _, err := w.Write(call.Ulaw(fresh)); err != nil || out.Flush() != nil {
			return
		}
	}
}
