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

// maxLag is how many steps are made good when the wheel was kept from turning;
// older ones are left out, as a burst would only overflow the peer's buffer.
const maxLag = 2 * slots

// A wheel is the one clock of all streams: one goroutine that turns a step
// every 5 ms, and on each step serves the streams of one slot, reading what
// has come and sending one packet each. That costs a third of a ticker per
// call, and is as punctual.
type wheel struct {
	log   *slog.Logger
	inbox *inbox

	mu      sync.Mutex
	slots   [slots][]*Stream
	bridged []*Stream // read on every step, so that a bridge adds little delay

	turn []*Stream // those served in this step
	near []*Stream // those only read
}

func newWheel(log *slog.Logger) *wheel { return &wheel{log: log, inbox: newInbox()} }

// join puts a stream into the least loaded slot.
func (w *wheel) join(s *Stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.slots {
		if len(w.slots[i]) < len(w.slots[s.slot]) {
			s.slot = i
		}
	}
	w.slots[s.slot] = append(w.slots[s.slot], s)
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
	pacer, err := newPacer(Frame / slots)
	if err != nil {
		return fmt.Errorf("start the media clock: %w", err)
	}
	stop := context.AfterFunc(ctx, pacer.close)
	defer stop()
	defer pacer.close()
	defer w.closeAll()
	err = w.roll(pacer)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("media clock: %w", err)
}

// roll turns the wheel until the pacer ends.
func (w *wheel) roll(p *pacer) error {
	var scratch [8]byte
	for tick := uint32(0); ; {
		due, err := p.wait(&scratch)
		if err != nil {
			return err
		}
		if late := due - maxLag; late > 0 {
			w.log.Warn("media clock was late", "dur", time.Duration(late)*Frame/slots)
			tick += uint32(late)
			due = maxLag
		}
		for range due {
			w.step(tick)
			tick++
		}
	}
}

func (w *wheel) step(tick uint32) {
	w.mu.Lock()
	w.turn = append(w.turn[:0], w.slots[tick%slots]...)
	w.near = append(w.near[:0], w.bridged...)
	w.mu.Unlock()
	now := time.Now()
	for _, s := range w.near {
		w.hear(s, now)
	}
	for _, s := range w.turn {
		w.serve(s, now, tick/slots)
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
