package liveline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A machine presses no key, and is ready to record after its tone.
type machine struct {
	*person
	beeped chan struct{}
	deaf   bool
}

func (m *machine) Overhear() (<-chan struct{}, func()) { return m.beeped, func() { m.deaf = true } }

// TestAfterBeep holds when a customer's machine is spoken to: once its tone is
// over, at once when that was before, and anyway when no tone comes.
func TestAfterBeep(t *testing.T) {
	for _, tt := range []struct {
		name    string
		beep    time.Duration // after it has answered; 0 for never
		verdict time.Duration // when the menu takes it for a machine
		outcome string
		want    time.Duration
	}{
		{"later", 12 * time.Second, 8 * time.Second, "machine", 12 * time.Second},
		{"before", 3 * time.Second, 8 * time.Second, "machine", 8 * time.Second},
		{"never", 0, 8 * time.Second, "machine", 18 * time.Second},
		{"too late", 30 * time.Second, 8 * time.Second, "machine", 18 * time.Second},
		{"a person", 12 * time.Second, 8 * time.Second, "later", 8 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := newPerson("near"), &machine{person: newPerson("far"), beeped: make(chan struct{})}
				began := time.Now()
				var spoken time.Duration
				far.play = func(p ivr.Prompt) {
					switch p.Name {
					case "callback_here":
						time.Sleep(tt.verdict) //nolint:forbidigo // virtual time
					case "tried_you":
						spoken = time.Since(began)
					}
				}
				if tt.beep > 0 {
					late := time.AfterFunc(tt.beep, func() { close(far.beeped) })
					defer late.Stop()
				}
				tried := ivr.Turn{
					Say: []ivr.Prompt{{Name: "tried_you"}}, Notes: []ivr.Note{{Name: "outcome", Value: tt.outcome}}, End: true,
				}
				d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}, "far": {ask("callback_here"), tried}}}
				if err := hold(t, d, line{ring: answeredLeg(far)}, near, reach("x", "far")); err != nil {
					t.Error(err)
				}
				if spoken != tt.want {
					t.Errorf("it is spoken to after %v, want %v", spoken, tt.want)
				}
				if !far.deaf {
					t.Error("it is listened to for ever")
				}
			})
		})
	}
}
