package sipline

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// TestHangUpEndsMessage holds that what somebody has said is kept when he ends it
// as most do: he hangs up. Who has said nothing has left.
func TestHangUpEndsMessage(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"good": "in 1 recorded take", "": "in 1 gone"} {
		t.Run("says "+name, func(t *testing.T) {
			t.Parallel()
			record := ivr.Turn{Say: say("leave_message"), Record: &ivr.Record{Finish: "#", Max: time.Minute, Pause: 30 * time.Second}}
			d := newDesk(map[string][]ivr.Turn{"in": {record, bye()}})
			l := open(t, d, nil)
			call, err := telephone(t, nil).Call(within(t), uri(l, "1000"), "+358401234567")
			if err != nil {
				t.Fatal(err)
			}
			listens(t, call, "(beep)")
			if name != "" {
				if err := call.Say(within(t), call.Encoded(linetest.Speech(name))); err != nil {
					t.Fatal(err)
				}
			}
			if err := call.Hangup(within(t)); err != nil {
				t.Fatal(err)
			}
			d.hears(t, want)
		})
	}
}

// TestTapeKeepsTime: what is lost on the way is silence, what is late goes where
// it belongs, and a clock that is wrong loses nothing.
func TestTapeKeepsTime(t *testing.T) {
	t.Parallel()
	const frame = media.FrameBytes
	tests := []struct {
		name   string
		frames string   // each its own letter
		at     []uint32 // when, in frames
		want   string   // a dot is silence
	}{
		{"in order", "abc", []uint32{7, 8, 9}, "abc"},
		{"one lost", "abd", []uint32{7, 8, 10}, "ab.d"},
		{"one late", "abdc", []uint32{7, 8, 10, 9}, "abcd"},
		{"two late, the other way round", "aedb", []uint32{7, 11, 10, 8}, "ab.de"},
		{"one twice", "aab", []uint32{7, 7, 8}, "aab"},
		{"nothing is sent while nobody speaks", "ab", []uint32{7, 12}, "a....b"},
		{"the clock goes round", "abd", []uint32{1<<32/frame - 1, 1 << 32 / frame, 1<<32/frame + 2}, "ab.d"},
		{"the clock stands still", "abc", []uint32{7, 7, 7}, "abc"},
		{"another clock", "abcd", []uint32{7, 8, 100_000, 100_002}, "abc.d"},
		{"an earlier clock", "abc", []uint32{100_000, 7, 9}, "ab.c"},
		{"the tape is full", "abcdefghijkl", []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22}, "abcdefghi."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tape := &tape{most: 10 * frame}
			for i, letter := range tt.frames {
				tape.take(media.PCMU, tt.at[i]*frame, []byte(strings.Repeat(string(letter), frame)))
			}
			var got strings.Builder
			for i := 0; i < len(tape.ulaw); i += frame {
				letter := strings.ReplaceAll(string(rune(tape.ulaw[i])), string(rune(audio.ULaw(0))), ".")
				if string(tape.ulaw[i:i+frame]) != strings.Repeat(string(tape.ulaw[i:i+1]), frame) {
					letter = "?"
				}
				got.WriteString(letter)
			}
			if got.String() != tt.want {
				t.Errorf("the tape has %q, want %q", got.String(), tt.want)
			}
		})
	}
}
