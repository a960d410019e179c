package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// A text of which nobody knows whether it left goes out once more only where
// two of it do no harm: a question is not asked twice, a time is confirmed.
func TestTextThatMayHaveLeft(t *testing.T) {
	t.Parallel()
	told := func(w *world, m callback.Message) {
		if err := w.Delivered(w.Context(), m, callback.Unclear, errors.New("no answer")); err != nil {
			w.Fatal(err)
		}
	}
	lost := func(*world, callback.Message) {} // whoever sent it has died
	for _, tt := range []struct {
		name   string
		ends   func(*world, callback.Message)
		asks   bool
		expect []string
	}{
		{"question", told, true, nil},
		{"question, lost", lost, true, nil},
		{"confirmation", told, false, []string{"text_booked"}},
		{"confirmation, lost", lost, false, []string{"text_booked"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tt.asks {
				w.speaks(aino)
				w.pass(3 * time.Minute)
				tt.ends(w, w.leaving("csat"))
			} else {
				w.books(aino)
				tt.ends(w, w.leaving("text_booked"))
			}
			w.pass(10 * time.Minute)
			w.wantTexts(tt.expect...)
			w.pass(time.Hour)
			w.wantTexts()
		})
	}
}
