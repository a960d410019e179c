package desk

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestMessage holds that what a caller has said is on the page of his callback,
// and played to those who may see that, and to nobody else.
func TestMessage(t *testing.T) {
	t.Parallel()
	const name, old = "ABCDEFGHIJKLMNOPQRSTUVWXY2", "ABCDEFGHIJKLMNOPQRSTUVWXY3"
	w := newWorld(t)
	w.Play = func(message string) ([]byte, error) {
		if message != name {
			return nil, fs.ErrNotExist
		}
		return []byte("RIFF the words"), nil
	}
	c, other := w.add(noon.Add(time.Hour)), w.add(noon.Add(time.Hour))
	w.write(func(tx callback.Tx) error {
		for _, n := range []string{name, old} {
			if err := tx.Record(callback.Entry{At: noon, Kind: "voicemail.left", Callback: c.ID, Queue: "billing", Name: "7", Value: n}); err != nil {
				return err
			}
		}
		return nil
	})
	path := "/desk/" + c.ID + "/message/" + name
	page := w.ask(anna, "/desk/"+c.ID, nil)
	if !strings.Contains(page.Body.String(), `src="`+path+`"`) || !strings.Contains(page.Body.String(), "7s") {
		t.Errorf("the message is not on the page:\n%s", page.Body)
	}
	if csp := page.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "media-src 'self'") {
		t.Errorf("a browser would not play it: %s", csp)
	}
	got := w.ask(anna, path, nil)
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "audio/wav" || got.Body.String() != "RIFF the words" {
		t.Errorf("got %d %s %q", got.Code, got.Header(), got.Body)
	}
	for _, tt := range []struct {
		who  Person
		path string
		code int
	}{
		{super, path, http.StatusOK},
		{eve, path, http.StatusNotFound}, // of another queue
		{anna, "/desk/" + other.ID + "/message/" + name, http.StatusNotFound},
		{anna, "/desk/" + c.ID + "/message/" + old, http.StatusGone},
		{anna, "/desk/" + c.ID + "/message/..%2f" + name, http.StatusNotFound},
	} {
		if got := w.ask(tt.who, tt.path, nil); got.Code != tt.code {
			t.Errorf("%s, %s: %d, want %d", tt.who.Name, tt.path, got.Code, tt.code)
		}
	}
}

// TestMessageWithoutNumber holds that the message of whom nobody can call stands
// among what needs a decision, with words in the place of a number.
func TestMessageWithoutNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(time.Hour), func(c *callback.Callback) {
		c.Phone, c.Name, c.State = callback.Anonymous, "", callback.Interrupted
	})
	for _, path := range []string{"/", "/desk/" + c.ID} {
		page := w.ask(anna, path, nil).Body.String()
		for _, want := range []string{"withheld", "needs a decision"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q:\n%s", path, want, page)
			}
		}
	}
}
