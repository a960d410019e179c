package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// slots is how many parts a frame's time has; the streams are spread over
// them, so that their packets do not leave in one burst.
const slots = 4

// span is the time from one slot to the next.
const span = Frame / slots

// full is how many packets in a row are no burst yet: a slot takes so many
// streams before the next one is begun. To wake up costs as much as some
// twenty packets, so few streams share one slot.
const full = 100

// maxLag is how many steps are made good when the wheel was kept from turning;
// older ones are left out, as a burst would only overflow the peer's buffer.
const maxLag = 2 * slots

// A wheel is the one clock of all streams: one goroutine that turns a step
// every 5 ms, and on each step serves the streams of one slot, reading what
// has come and sending one packet each. Steps without a stream are slept
// through. That costs a third of a ticker per call, and is as punctual.
type wheel struct {
	log    *slog.Logger
	inbox  *inbox
	joined chan struct{} // receives when a stream has come

	mu      sync.Mutex
	slots   [slots][]*Stream
	bridged []*Stream // read on every step, so that a bridge adds little delay

	turn []*Stream // those served in this step
	near []*Stream // those only read
}

func newWheel(log *slog.Logger) *wheel {
	return &wheel{log: log, inbox: newInbox(), joined: make(chan struct{}, 1)}
}

// join puts a stream into the first slot that is not full, or else into the
// least loaded one.
func (w *wheel) join(s *Stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.slot = 0
	for _, i := range [slots]int{0, 2, 1, 3} { // as far from each other as can be
		if len(w.slots[i]) < len(w.slots[s.slot]) {
			s.slot = i
		}
		if len(w.slots[i]) < full {
			break
		}
	}
	w.slots[s.slot] = append(w.slots[s.slot], s)
	select {
	case w.joined <- struct{}{}:
	default:
	}
}

func (w *wheel) leave(s *Stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slots[s.slot] = without(w.slots[s.slot], s)
	w.bridged = without(w.bridged, s)
}

// listenOften reads a stream on every step, or no longer.
func (w *wheel) listenOften(s *Stream, often bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bridged = without(w.bridged, s)
	if often {
		w.bridged = append(w.bridged, s)
	}
}

func without(all []*Stream, s *Stream) []*Stream {
	for i, x := range all {
		if x == s {
			last := len(all) - 1
			all[i], all[last] = all[last], nil
			return all[:last]
		}
	}
	return all
}

func (w *wheel) run(ctx context.Context) error {
	pacer, err := newPacer()
	if err != nil {
		return fmt.Errorf("start the media clock: %w", err)
	}
	stop := context.AfterFunc(ctx, pacer.close)
	defer stop()
	defer pacer.close()
	defer w.closeAll()
	err = w.roll(ctx, pacer)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("media clock: %w", err)
}

// roll turns the wheel until ctx is done, or the pacer fails.
func (w *wheel) roll(ctx context.Context, p *pacer) error {
	began := time.Now()
	for tick := int64(0); ; tick++ {
		next, some := w.next(tick)
		if !some {
			select {
			case <-w.joined:
			case <-ctx.Done():
				return ctx.Err()
			}
			tick = int64(time.Since(began) / span)
			continue
		}
		if err := p.wait(began.Add(time.Duration(next) * span)); err != nil {
			return err
		}
		now := int64(time.Since(began) / span)
		if late := now - next + 1 - maxLag; late > 0 {
			w.log.Warn("media clock was late", "dur", time.Duration(late)*span)
			next += late
		}
		for tick = next; tick < now; tick++ {
			w.step(tick)
		}
		w.step(tick)
	}
}

// next returns the first step, from tick on, that has something to do.
func (w *wheel) next(tick int64) (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range int64(slots) {
		if len(w.bridged)+len(w.slots[(tick+i)%slots]) > 0 {
			return tick + i, true
		}
	}
	return 0, false
}

func (w *wheel) step(tick int64) {
	w.mu.Lock()
	w.turn = append(w.turn[:0], w.slots[tick%slots]...)
	w.near = append(w.near[:0], w.bridged...)
	w.mu.Unlock()
	now := time.Now()
	for _, s := range w.near {
		w.hear(s, now)
	}
	for _, s := range w.turn {
		w.serve(s, now, uint32(tick/slots))
	}
}

func (w *wheel) hear(s *Stream, now time.Time) {
	defer w.survive(s)
	s.listen(w.inbox, now)
}

func (w *wheel) serve(s *Stream, now time.Time, round uint32) {
	defer w.survive(s)
	s.serve(w.inbox, now, round)
}

// survive ends only the call whose media went wrong, where a panic would end
// them all.
func (w *wheel) survive(s *Stream) {
	if cause := recover(); cause != nil {
		w.log.Error("media of a call failed", "err", cause)
		_ = s.Close() // which cannot fail
	}
}

func (w *wheel) closeAll() {
	w.mu.Lock()
	var all []*Stream
	for _, slot := range w.slots {
		all = append(all, slot...)
	}
	w.mu.Unlock()
	var errs []error
	for _, s := range all {
		errs = append(errs, s.Close())
	}
	if err := errors.Join(errs...); err != nil {
		w.log.Warn("media not closed", "err", err)
	}
}
