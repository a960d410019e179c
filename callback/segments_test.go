package callback_test

import (
	"strconv"
	"testing"

	"github.com/holdless/holdless/callback"
)

// As how many messages a text is billed is told beside it and in the journal,
// by the words that left.
func TestSegmentsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Messages = func(body string) int { return len(body) }
	c := w.books(aino)
	sent := w.texts()
	if len(sent) != 1 {
		t.Fatalf("sent %q", sent)
	}
	story, err := w.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(story.Sent) != 1 || story.Sent[0].Body != sent[0] || story.Sent[0].Segments != len(sent[0]) {
		t.Errorf("told %+v of %q", story.Sent, sent[0])
	}
	about, err := w.Texts(t.Context(), c.ID)
	if err != nil || len(about) != 1 || about[0].What != "text_booked" || about[0].Segments != len(sent[0]) || about[0].Status != "sent" {
		t.Errorf("about the callback: %+v, %v", about, err)
	}
	w.view(func(tx callback.Tx) error {
		all, err := tx.Entries(0, 10_000)
		for _, e := range all {
			if e.Kind == "message.sent" && e.Value != strconv.Itoa(len(sent[0])) {
				t.Errorf("the journal tells %q of %q", e.Value, sent[0])
			}
		}
		return err
	})
	if w.journalled("message.sent", "text_booked") != 1 {
		t.Error("the journal does not tell of it")
	}
}
