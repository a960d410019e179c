package scheduler

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestMessages(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		l.text = func(m callback.Message) error {
			switch m.Body {
			case "never":
				return fmt.Errorf("gateway: %w", ErrPermanent)
			case "perhaps":
				return fmt.Errorf("gateway: %w", ErrUnknown)
			case "later":
				return errors.New("429")
			case "panic":
				panic("nil gateway")
			}
			return nil
		}
		lease := time.Now().Add(time.Minute)
		d.with(func() {
			for i, body := range []string{"now", "never", "perhaps", "later", "panic"} {
				d.letters = append(d.letters, callback.Message{ID: fmt.Sprint(i), Body: body, Lease: lease})
			}
			d.letters = append(d.letters, callback.Message{ID: "lapsed", Lease: time.Now()})
		})
		pass(time.Second)
		slices.Sort(d.told)
		d.check(t, "0 sent", "1 failed", "2 unknown", "3 again", "4 unknown", "lapsed again")
	})
}

// A text waits for its turn to leave.
func TestTextsLeaveInTurn(t *testing.T) {
	bubble(t, func(_ *Scheduler, d *fakeDesk, l *fakeLine) {
		began := time.Now()
		left := map[string]time.Duration{}
		l.text = func(m callback.Message) error {
			d.with(func() { left[m.ID] = time.Since(began) })
			return nil
		}
		d.with(func() {
			for i, wait := range []time.Duration{0, 100 * time.Millisecond, 1900 * time.Millisecond} {
				d.letters = append(d.letters, callback.Message{ID: fmt.Sprint(i), Leaves: began.Add(wait), Lease: began.Add(time.Minute)})
			}
		})
		d.wake <- struct{}{}
		pass(3 * time.Second)
		if left["1"]-left["0"] != 100*time.Millisecond || left["2"] != 1900*time.Millisecond {
			t.Errorf("left at %v", left)
		}
	})
}
