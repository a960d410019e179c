package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// The tones of the test: what stands for somebody's voice, and the beep after
// which one speaks.
const (
	tuned = 700.0
	beep  = 1000.0
)

// hears waits until a quarter of a second of a call is a tone.
func hears(ctx context.Context, t *testing.T, c *phone.Call, from int, hz float64) {
	t.Helper()
	const quarter = 2000
	at := from
	err := c.Hear(ctx, func(heard []byte) bool {
		for ; at+quarter <= len(heard); at += quarter / 8 {
			if c.Strength(heard[at:at+quarter], hz) > 0.5 {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("%.0f Hz are not heard: %v", hz, err)
	}
}

// TestRecordByTelephone calls in, keys in the PIN and the number of the greeting,
// speaks, hears it and keeps it; the next caller hears it, without a restart.
func TestRecordByTelephone(t *testing.T) {
	t.Parallel()
	file := written(t, "sounds: {cache: false}\nlanguages: [en]\n")
	text := strings.Replace(read(t, file), "numbers: {", "numbers: {+358912346: {menu: desk, queue: billing}, ", 1)
	text = strings.Replace(text, "{name: Anna,", `{name: Anna, pin: "471100", prompts: true,`, 1)
	write(t, file, text)
	r := startWith(t, file)
	defer func() {
		r.stop()
		r.end(t)
	}()
	ctx, late := context.WithTimeout(t.Context(), 10*time.Minute)
	defer late()
	number := ""
	for _, s := range r.studio.Scripts() {
		if s.Name == "welcome" {
			number = s.Number
		}
	}
	_, call := r.callTo(t, "+358401234567", "+358912346")
	keyed := func(keys, node string, is func(s ivr.State) bool) {
		t.Helper()
		if err := call.Press(ctx, keys); err != nil {
			t.Fatal(err)
		}
		eventually(t, keys+" is heard", func() bool {
			s := r.talkOf(t, "+358401234567").State
			return s.Node == node && is(s)
		})
	}
	there := func(ivr.State) bool { return true }
	keyed("471100#", "duties", there)
	keyed("5", "prompts", there)
	keyed(number+"#", "prompts", func(s ivr.State) bool { return s.Script == number })
	hears(ctx, t, call, 0, beep)
	if err := call.Say(ctx, call.Tone(tuned, 100)); err != nil {
		t.Fatal(err)
	}
	before := len(call.Heard())
	keyed("#", "prompts", func(s ivr.State) bool { return s.Take != "" })
	hears(ctx, t, call, before, tuned)
	keyed("1", "prompts", func(s ivr.State) bool { return s.Take == "" && s.Script == "" })
	eventually(t, "what was kept is what callers hear", func() bool { // its file is there a moment before
		one, ok := r.studio.Find(number)
		return ok && one.State == sounds.HeardOwn
	})
	if _, err := os.Stat(filepath.Join(r.config.recordingsDir(), "en", "welcome.wav")); err != nil {
		t.Error(err)
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}
	_, next := r.callTo(t, "+358401234568", "+358912345")
	hears(ctx, t, next, 0, tuned)
	if err := next.Hangup(ctx); err != nil {
		t.Error(err)
	}
	changes, err := r.menus.Changes(ctx, 1)
	if err != nil || len(changes) != 1 || changes[0].Menu != "en/welcome" || changes[0].Value != "by telephone" || changes[0].By != "agent:anna" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
}
