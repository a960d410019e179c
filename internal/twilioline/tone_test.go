package twilioline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A machine is spoken to after its tone, however late that sounds, and once; one
// without a tone hears it all the same. Whoever is listened for, or not, the first
// words are said at once.
func TestMachineIsSpokenToAfterItsTone(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	for _, tt := range []struct {
		name   string
		on     bool
		by     string
		greets time.Duration
		double bool
		tone   string        // when it comes: before or after the words, or never
		lasts  time.Duration // the call; two times nobody presses a key in 12 s
	}{
		{"long before", true, "machine_end_beep", 5 * time.Second, false, "before", 12 * time.Second},
		{"while it is waited for", true, "machine_end_beep", 20 * time.Second, false, "before", 20 * time.Second},
		{"told twice", true, "machine_end_silence", 20 * time.Second, true, "before", 20 * time.Second},
		{"none", true, "machine_end_other", never, false, "never", 12*time.Second + toneWithin},
		{"nobody listens", false, "machine_end_beep", 20 * time.Second, false, "never", 12 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var began, first, over time.Time
			day(t, func(w *town) {
				w.customerFirst()
				w.config.DetectMachines = tt.on
				if tt.double {
					w.mischief.Double = 1
				}
				w.customer.Answer = func(ctx context.Context, _ twiliosim.Call) twiliosim.Answer {
					began = w.desk.Now()
					context.AfterFunc(ctx, func() { over = w.desk.Now() })
					return twiliosim.Answer{By: tt.by, Greets: tt.greets}
				}
				w.customer.Press = func(context.Context, twiliosim.Call, []string) string {
					if first.IsZero() {
						first = w.desk.Now()
					}
					return ""
				}
			}, func(w *town) {
				w.books()
				w.until("14:30")
				w.passes(80 * time.Second)
				if first != began {
					t.Errorf("the first words came %s late", first.Sub(began))
				}
				w.saidOnce(w.calls(string(aino))[0], tt.tone)
				if lasted := over.Sub(began); lasted != tt.lasts {
					t.Errorf("the call lasted %s, want %s", lasted, tt.lasts)
				}
			})
		})
	}
}

// saidOnce looks whether the last words for a machine were said once, and when
// Twilio told of its tone.
func (w *town) saidOnce(call twiliosim.Call, tone string) {
	w.Helper()
	log := strings.Join(call.Log, "\n")
	words := "hears " + sounds.Text("en", ivr.Prompt{Name: "tried_you"})
	before, _, said := strings.Cut(log, words)
	if !said || strings.Count(log, words) != 1 {
		w.Errorf("said %d times", strings.Count(log, words))
	}
	told := strings.Contains(log, "is taken for")
	if early := strings.Contains(before, "is taken for"); early != (tone == "before") || told != early {
		w.Errorf("the tone was told of: %v, before the words: %v", told, early)
	}
}
