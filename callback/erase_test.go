package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
)

// A person who is forgotten is not called, and can book anew.
func TestErase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	w.books(eero)
	found, err := w.Erase(t.Context(), aino, "operator")
	if err != nil || found.Callbacks != 1 || found.Talks == 0 || found.Texts == 0 {
		t.Fatalf("found %+v, %v", found, err)
	}
	if got := w.state(c.ID, callback.CancelledState); got.Phone == aino {
		t.Errorf("still known: %+v", got)
	}
	if n := w.journalled("person.erased", ""); n != 1 {
		t.Errorf("journalled %d times", n)
	}
	w.wantTexts("text_booked") // to the other
	w.now = c.At
	w.rings(1)
	w.books(aino)
}

// What is not a customer's number, or a customer who is on the telephone, is
// left as it is.
func TestEraseRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Agents["eero"] = callback.Agent{Phone: string(eero)} })
	var refused *number.RefusalError
	for _, p := range []callback.Phone{"", "112", "aino", "+358 40 1234567", "%"} {
		if _, err := w.Erase(t.Context(), p, "operator"); !errors.As(err, &refused) {
			t.Errorf("%q: got %v", p, err)
		}
	}
	for _, p := range []callback.Phone{service, eero} {
		if _, err := w.Erase(t.Context(), p, "operator"); !errors.Is(err, callback.ErrOurs) {
			t.Errorf("%s: got %v", p, err)
		}
	}
	c := w.books(aino)
	w.now = c.At
	w.dials(w.rings(1)[0])
	if _, err := w.Erase(t.Context(), aino, "operator"); !errors.Is(err, callback.ErrMoved) {
		t.Errorf("got %v", err)
	}
	if got := w.state(c.ID, callback.CustomerDialing); got.Phone != aino {
		t.Errorf("half erased: %+v", got)
	}
}
