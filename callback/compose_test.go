package callback_test

import (
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// A text about a promise has our number when that makes it no dearer.
func TestNumberWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	const link = "https://x.example/c/abc"
	costs := func(dear ...string) func(string) int {
		return func(body string) int {
			n := 1
			for _, word := range dear {
				if strings.Contains(body, word) {
					n++
				}
			}
			return n
		}
	}
	tests := []struct {
		name     string
		messages func(string) int
		link     bool
		want     string
	}{
		{"room for all", nil, true, "text_booked Mon 12:15 text_answers " + link + " text_from"},
		{"room for all but our number", costs("text_from"), true, "text_booked Mon 12:15 text_answers " + link},
		{"room for few words how to answer", costs("text_answers"), true, "text_booked Mon 12:15 text_brief_answers " + link + " text_from"},
		{"two messages, whatever is said", costs(link), true, "text_booked Mon 12:15 text_answers " + link + " text_from"},
		{"no pages", costs("text_answers"), false, "text_booked Mon 12:15 text_answers text_from"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Messages = tt.messages
			if tt.link {
				w.Link = func(callback.Callback) string { return link }
			}
			w.books(aino)
			if got := w.texts(); len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What was called off and what came to nothing has a link, too: there another
// call can be had. What was kept has none.
func TestLinkAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Link = func(c callback.Callback) string { return "page:" + c.ID }
	c := w.books(aino)
	w.texts()
	if _, err := w.CallOff(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.texts(); len(got) != 1 || got[0] != "text_cancelled Mon 12:15 text_again page:"+c.ID {
		t.Errorf("got %q", got)
	}
}
