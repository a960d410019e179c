package callback_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestInvitations keeps the calendar of an agent right, whatever becomes of a
// callback of his own, and leaves alone who keeps none.
func TestInvitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		anna := c.Agents["anna"]
		anna.Calendar = true
		c.Agents["anna"] = anna
	})
	var got []string
	letters := func() {
		all, err := w.ClaimMessages(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == callback.MailKind {
				got = append(got, fmt.Sprint(m.Body, " ", m.To))
			}
			if err := w.Delivered(t.Context(), m, callback.Delivered, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var ids []string
	for i, owner := range []string{"anna", "bo", ""} {
		phone := callback.Phone(fmt.Sprint("+35840123450", i))
		c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: phone, Owner: owner, At: w.now.Add(time.Hour)})
		if err != nil && i < 2 {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	letters()
	if _, err := w.Move(t.Context(), ids[0], w.now.Add(2*time.Hour), "operator"); err != nil {
		t.Fatal(err)
	}
	letters()
	for _, id := range ids[:2] {
		if err := w.Cancel(t.Context(), id, "operator"); err != nil {
			t.Fatal(err)
		}
	}
	letters()
	if want := []string{"invite anna", "invite anna", "revoke anna"}; !slices.Equal(got, want) {
		t.Errorf("got the letters %q, want %q", got, want)
	}
}

// TestMailOnce sends a letter once, however often it is asked for, and does
// not hold it against what a person may be texted.
func TestMailOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Texts = 1 })
	for range 3 {
		for _, day := range []string{"1", "2"} {
			if err := w.Mail(t.Context(), "anna", "list:anna:"+day, callback.ListLetter, w.now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := w.ClaimMessages(t.Context(), 10)
	if err != nil || len(all) != 2 || !strings.HasPrefix(all[0].Key, "list:anna:") {
		t.Errorf("%d letters, %v", len(all), err)
	}
}
