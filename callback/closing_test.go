package callback_test

import (
	"strings"
	"testing"
)

// A place in line is kept only for who can be called before the team goes home.
// Whose turn could come after it is promised nothing of the kind, and hears
// times of the next day.
func TestNoPlaceAfterClosing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, comes string
		placed      int
	}{
		{"in good time", "15:00", 1},
		{"a quarter of an hour before closing", "16:45", 1},
		{"too late to be called at once and spoken with", "16:58", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t)
			w.at(tt.comes)
			p := w.calls(aino).presses("0").hears("next_in_line")
			if offered := strings.Contains(said(p.turn), "press_place"); offered != (tt.placed == 1) {
				t.Errorf("a place is offered: %v", offered)
			}
			p.presses("1", "1")
			if n := w.journalled("callback.booked", ""); n != tt.placed {
				t.Errorf("%d places are kept, want %d", n, tt.placed)
			}
			if tt.placed == 1 {
				p.hears("placed")
				return
			}
			p.hears("offer")
			if p.turn.Listen == nil || p.turn.Listen.Hold {
				t.Errorf("he is not offered times, but %+v", p.turn)
			}
		})
	}
}
