package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// When the clock is set back, what was written down before it was keeps nobody from
// being served until that time has come once more.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before func(w *world)
		after  func(w *world)
	}{
		{"free agent", func(w *world) {
			w.puts("anna", callback.Available, "")
			w.puts("bo", callback.OnBreak, "")
		}, func(w *world) {
			if got := w.calls(aino).presses("0").connect(); got.Addr != "sip:anna@127.0.0.1" {
				w.Errorf("rings %q", got.Addr)
			}
		}},
		{"notes", func(w *world) { w.puts("anna", callback.WrappingUp, "") }, func(w *world) {
			w.sweep()
			w.agent("anna", callback.Available)
		}},
		{"pace of texts", func(w *world) {
			w.TextsPerSecond = 1
			w.books(eero)
			w.wantTexts("text_booked")
		}, func(w *world) {
			w.books(aino)
			w.wantTexts("text_booked")
		}},
		{"calls of a minute", func(w *world) {
			w.Limits.PerMinute = 1
			w.dialled("+358409991234", w.now)
		}, func(w *world) {
			w.now = w.books(aino).At
			w.rings(1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.before(w)
			w.pass(-2 * time.Hour)
			tt.after(w)
		})
	}
}
