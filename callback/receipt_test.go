package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
)

// leaves sends the one text that is due, and returns it.
func (w *world) leaves() callback.Message {
	w.Helper()
	due, err := w.ClaimMessages(w.Context(), 10)
	if err != nil || len(due) != 1 {
		w.Fatalf("claimed %v, %v", due, err)
	}
	if err := w.Delivered(w.Context(), due[0], callback.Delivered, nil); err != nil {
		w.Fatal(err)
	}
	return due[0]
}

func (w *world) message(id string) (m callback.Message) {
	w.Helper()
	w.view(func(tx callback.Tx) (err error) {
		m, err = tx.Message(id)
		return err
	})
	return m
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	const taken, lost, arrived = callback.ReceiptTaken, callback.ReceiptLost, callback.ReceiptArrived
	tests := []struct {
		name string
		told []callback.ReceiptState
		want callback.ReceiptState
		err  string
		news int // lines in the journal
	}{
		{"in order", []callback.ReceiptState{taken, arrived}, arrived, "", 1},
		{"out of order", []callback.ReceiptState{arrived, taken}, arrived, "", 1},
		{"twice", []callback.ReceiptState{taken, taken, arrived, arrived}, arrived, "", 1},
		{"lost", []callback.ReceiptState{taken, lost, taken}, lost, "absent", 1},
		{"lost, and found", []callback.ReceiptState{lost, arrived, lost}, arrived, "", 2},
		{"of no meaning", []callback.ReceiptState{"buffered"}, "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.books(aino)
			m := w.leaves()
			for _, state := range tt.told {
				r := callback.Receipt{Message: m.ID, Ref: "carrier-1", State: state, Reason: "absent"}
				if err := w.Receipt(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			got := w.message(m.ID)
			if got.Receipt != tt.want || got.Err != tt.err || got.Ref != "carrier-1" {
				t.Errorf("stored %q, %q, %q", got.Receipt, got.Err, got.Ref)
			}
			if n := w.journalled("message.delivered", "text_booked") + w.journalled("message.undelivered", "text_booked"); n != tt.news {
				t.Errorf("%d lines in the journal, want %d", n, tt.news)
			}
		})
	}
}

func TestReceiptByTheCarriersName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	m := w.leaves()
	arrived := callback.Receipt{Ref: "carrier-1", State: callback.ReceiptArrived}
	if err := w.Receipt(t.Context(), arrived); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("a name that is not known yet: %v", err)
	}
	if err := w.Receipt(t.Context(), callback.Receipt{}); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("no name: %v", err)
	}
	taken := callback.Receipt{Message: m.ID, Ref: "carrier-1", State: callback.ReceiptTaken}
	if err := errors.Join(w.Receipt(t.Context(), taken), w.Receipt(t.Context(), arrived)); err != nil {
		t.Fatal(err)
	}
	if got := w.message(m.ID); got.Receipt != callback.ReceiptArrived {
		t.Errorf("stored %q", got.Receipt)
	}
}

// The carrier's word that somebody wants no texts counts like his own.
func TestReceiptOptedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	r := callback.Receipt{Message: w.leaves().ID, State: callback.ReceiptLost, Reason: "opted out", OptedOut: true}
	if err := w.Receipt(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.calls(aino).presses("3").hears("cancelled")
	w.wantTexts()
}
