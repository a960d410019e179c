package callback_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// TestWish promises what a page asks for, by the rules that callers have: one
// code, one promise, and no number that may not be called.
func TestWish(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Limits.PerCaller = 1 })
	for written, want := range map[string]callback.Phone{"040 123 4567": aino, "+358 40 1234567": aino, "112": "", "+88216123456": ""} {
		got, err := w.WishNumber("billing", written)
		if err == nil {
			err = w.Prove(t.Context(), callback.Wish{Queue: "billing", Phone: got}, "1", w.now.Add(time.Minute))
		}
		_, refused := errors.AsType[*number.RefusalError](err)
		if want != "" && (got != want || err != nil) || want == "" && !refused {
			t.Errorf("%q: %s, %v", written, got, err)
		}
	}
	free, err := w.WishTimes(t.Context(), "billing")
	if err != nil || len(free) == 0 || !free[0].After(w.now) {
		t.Fatalf("%v, %v", free, err)
	}
	wish := callback.Wish{Queue: "billing", Phone: eero, Lang: "fi", At: free[0]}
	for range 2 {
		if err := w.Prove(t.Context(), wish, "123456", w.now.Add(15*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	codes := 0
	all, err := w.ClaimMessages(t.Context(), 10)
	for _, m := range all {
		if m.To == string(eero) && strings.HasPrefix(m.Key, "code:") {
			codes++
		}
	}
	if err != nil || codes != 1 {
		t.Errorf("%d codes, %v", codes, err)
	}
	c, err := w.Grant(t.Context(), wish)
	if err != nil || !c.At.Equal(free[0]) || c.Lang != "fi" {
		t.Fatalf("%+v, %v", c, err)
	}
	if again, err := w.Grant(t.Context(), wish); !errors.Is(err, callback.ErrBooked) || again.ID != c.ID {
		t.Errorf("a second time: %s, %v", again.ID, err)
	}
}

// TestCodesAreBounded holds that a stranger whose number somebody types gets few
// texts, none at night, and those that he waits for all the same.
func TestCodesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Texts, c.Survey.Quiet = 2, "20:00-09:00" })
	wish := callback.Wish{Queue: "billing", Phone: eero}
	prove := func() string {
		w.pass(30 * time.Minute)
		err := w.Prove(t.Context(), wish, "123456", w.now.Add(15*time.Minute))
		if why, ok := errors.AsType[*number.RefusalError](err); ok {
			return why.Reason
		}
		if err != nil {
			t.Fatal(err)
		}
		w.wantTexts("text_code")
		return ""
	}
	for n, want := range []string{"", "", "", ivr.TooMany} {
		if got := prove(); got != want {
			t.Errorf("code %d: refused as %q, want %q", n+1, got, want)
		}
	}
	w.books(eero)
	w.wantTexts("text_booked")
	wish.Phone = aino
	for clock, want := range map[string]string{"21:00": number.ReasonQuiet, "10:00": ""} {
		w.at(clock)
		if got := prove(); got != want {
			t.Errorf("at %s: refused as %q, want %q", clock, got, want)
		}
	}
}
