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
	carrier := func(state callback.ReceiptState) func(*world, callback.Message) {
		return func(w *world, m callback.Message) {
			told(w, m)
			if err := w.Receipt(w.Context(), callback.Receipt{Message: m.ID, State: state}); err != nil {
				w.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		ends   func(*world, callback.Message)
		asks   bool
		expect []string
		left   int // as the journal has it
	}{
		{"question", told, true, nil, 0},
		{"question, lost", lost, true, nil, 0},
		{"question, its carrier has it", carrier(callback.ReceiptTaken), true, nil, 1},
		{"question, its carrier lost it", carrier(callback.ReceiptLost), true, nil, 0},
		{"confirmation", told, false, []string{"text_booked"}, 1},
		{"confirmation, lost", lost, false, []string{"text_booked"}, 1},
		{"confirmation, its carrier has it", carrier(callback.ReceiptTaken), false, nil, 1},
		{"confirmation, it arrived", carrier(callback.ReceiptArrived), false, nil, 1},
		{"confirmation, its carrier lost it", carrier(callback.ReceiptLost), false, []string{"text_booked"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, about := newWorld(t), "text_booked"
			if tt.asks {
				w.speaks(aino)
				w.pass(3 * time.Minute)
				about = "survey"
				tt.ends(w, w.leaving("csat"))
			} else {
				w.books(aino)
				tt.ends(w, w.leaving("text_booked"))
			}
			w.pass(10 * time.Minute)
			w.wantTexts(tt.expect...)
			w.pass(time.Hour)
			w.wantTexts()
			if n := w.journalled("message.sent", about); n != tt.left {
				t.Errorf("it left %d times, want %d", n, tt.left)
			}
		})
	}
}

// TestReceiptBeforeItsWord has a gateway that delivers, and does not answer: the
// receipt is there before the sending is given up, and counts.
func TestReceiptBeforeItsWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	m := w.leaving("text_booked")
	for range 2 {
		if err := w.Receipt(t.Context(), callback.Receipt{Message: m.ID, State: callback.ReceiptArrived}); err != nil {
			t.Fatal(err)
		}
		if err := w.Delivered(t.Context(), m, callback.Unclear, errors.New("no answer")); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(10 * time.Minute)
	w.wantTexts()
	if got := w.message(m.ID); got.Status != "sent" || got.Unclear != 0 || got.Receipt != callback.ReceiptArrived {
		t.Errorf("stored %+v", got)
	}
}

// TestReceiptsOfEachSending has a carrier lose a text, and take it when it is sent again:
// that is news, and it is not sent a third time.
func TestReceiptsOfEachSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bookedAhead()
	for _, state := range []callback.ReceiptState{callback.ReceiptLost, callback.ReceiptTaken} {
		m := w.leaving("text_booked")
		if err := w.Delivered(t.Context(), m, callback.Unclear, errors.New("no answer")); err != nil {
			t.Fatal(err)
		}
		if err := w.Receipt(t.Context(), callback.Receipt{Message: m.ID, State: state}); err != nil {
			t.Fatal(err)
		}
		w.pass(3 * time.Minute)
	}
	w.pass(time.Hour)
	w.wantTexts()
}
