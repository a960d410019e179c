package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Name: "Aino", Topic: "invoice", Key: "web-1"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Key: "web-1"})
	if err != nil || again.ID != c.ID {
		t.Errorf("the same request: %s, %v", again.ID, err)
	}
	other, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Key: "web-2"})
	if !errors.Is(err, callback.ErrBooked) || other.ID != c.ID {
		t.Errorf("a second one: %s, %v", other.ID, err)
	}
	for _, tt := range []struct {
		name string
		r    callback.Request
		want error
	}{
		{"no queue", callback.Request{Queue: "sales", Phone: eero}, callback.ErrNotFound},
		{"in the night", callback.Request{Queue: "billing", Phone: eero, At: w.now.Add(12 * time.Hour)}, callback.ErrTaken},
		{"off the grid", callback.Request{Queue: "billing", Phone: eero, At: w.now.Add(16 * time.Minute)}, callback.ErrTaken},
		{"in the past", callback.Request{Queue: "billing", Phone: eero, At: w.now.Add(-time.Hour)}, callback.ErrTaken},
	} {
		if _, err := w.Book(t.Context(), tt.r); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	moved, err := w.Move(t.Context(), c.ID, w.now.Add(time.Hour), "operator")
	if err != nil || moved.Wall != "2026-06-01T13:00" {
		t.Errorf("moved to %s, %v", moved.Wall, err)
	}
	if _, err := w.Move(t.Context(), c.ID, w.now, "operator"); !errors.Is(err, callback.ErrTaken) {
		t.Errorf("moved to now: %v", err)
	}
	if err := w.Close(t.Context(), c.ID, "agent:anna", "answered by mail"); err != nil {
		t.Error(err)
	}
	if got := w.state(c.ID, callback.CancelledState); got.Note != "answered by mail" {
		t.Errorf("note %q", got.Note)
	}
	if err := w.Cancel(t.Context(), c.ID, "operator"); !errors.Is(err, callback.ErrMoved) {
		t.Errorf("cancelled what is over: %v", err)
	}
	if _, _, err := w.Show(t.Context(), "nobody's"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("shown: %v", err)
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: eero, At: w.now.Add(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := w.Today(t.Context(), "")
		if err != nil || len(got) != 1 || got[0].ID != now.ID {
			t.Errorf("today %v, %v", got, err)
		}
	}
	w.pass(24 * time.Hour)
	if got, err := w.Today(t.Context(), "billing"); err != nil || len(got) != 2 {
		t.Errorf("tomorrow %d, %v", len(got), err)
	}
	if got, err := w.Today(t.Context(), "sales"); err != nil || len(got) != 0 {
		t.Errorf("another queue %d, %v", len(got), err)
	}
}

func TestSetAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		agent string
		state callback.AgentState
		ok    bool
	}{
		{"anna", callback.OnBreak, true},
		{"anna", callback.Available, true},
		{"anna", callback.OnCall, false},
		{"nobody", callback.Available, false},
	} {
		if err := w.SetAgent(t.Context(), tt.agent, tt.state); (err == nil) != tt.ok {
			t.Errorf("%s %s: %v", tt.agent, tt.state, err)
		}
	}
	c := w.books(aino)
	w.now = c.At
	if r := w.ring(); r.Addr != "sip:bo@127.0.0.1" { // longer idle than anna
		t.Fatalf("%s is rung", r.Addr)
	}
	if err := w.SetAgent(t.Context(), "bo", callback.OnBreak); !errors.Is(err, callback.ErrMoved) {
		t.Errorf("on a break in mid-call: %v", err)
	}
}

// Written notes end the wrap-up at once.
func TestWrapUpEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.speaks(aino)
	w.state(c.ID, callback.Wrapup)
	if err := w.SetAgent(t.Context(), "anna", callback.Available); err != nil {
		t.Fatal(err)
	}
	w.state(c.ID, callback.Done)
}
