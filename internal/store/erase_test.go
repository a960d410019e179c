package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

const (
	person = callback.Phone("+358401234567")
	other  = callback.Phone("+358407654321")
	like   = "401234567" // as people write it
)

// remembered fills every table with what is known of a person, and of another
// who must not be touched.
func remembered(tx callback.Tx) error {
	mine, asked, theirs := dueAt("c1", person, noon), dueAt("c2", other, noon), dueAt("c3", other, noon)
	mine.State, mine.Name, mine.Note, mine.Key = callback.Done, "Matti Meikäläinen", "wants his money", "key-"+string(person)
	asked.Caller, asked.Queue = person, "other"
	theirs.Queue, theirs.Note = "third", "a friend of 0401234567"
	call := called("ref1", person, "+3589", 1, "spoke")
	call.Callback = "c1"
	all := []error{
		tx.AddCallback(mine), tx.AddCallback(asked), tx.AddCallback(theirs), tx.AddAttempt(call),
		tx.PutTalk(callback.Talk{ID: "t1", Line: "sip", Phone: person, Callback: "c1", Closed: true}),
		tx.PutTalk(callback.Talk{ID: "t2", Line: "agent", Phone: "sip:anna@127.0.0.1", Callback: "c1", Closed: true}),
		tx.PutTalk(callback.Talk{ID: "t3", Line: "sip", Phone: other, Closed: true, State: ivr.State{Phone: string(person)}}),
		tx.PutTalk(callback.Talk{ID: "t4", Line: "sip", Phone: other, Closed: true}),
		tx.AddMessage(callback.Message{ID: "m1", To: string(person), Body: "Moi Matti Meikäläinen", Status: "sent", DoneAt: noon}),
		tx.AddMessage(callback.Message{ID: "m2", To: string(other), Body: "call 040 1234567, or 0401234567"}),
		tx.AddMessage(callback.Message{ID: "m3", To: string(other), Body: "moi"}),
		tx.AddText(callback.InText{Line: "text", ID: "i1", From: person, Body: "terveisin Matti Meikäläinen"}, noon),
		tx.AddText(callback.InText{Line: "text", ID: "i2", From: other, Body: "4"}, noon),
		tx.PutAsked(callback.Asked{Talk: "s1", Callback: "c1", Phone: person, At: noon, SentAt: noon, AnsweredAt: noon}),
		tx.PutScore(callback.Score{Talk: "s1", Question: "csat", Value: 2, Words: "Matti Meikäläinen waited", At: noon}),
		tx.PutConsent(callback.Consent{Phone: person, Given: false, At: noon}),
		tx.PutLanguage(person, "fi", noon),
		tx.AddErrand(callback.Errand{ID: "e1", To: "0" + like}),
		tx.PutUndo(callback.Undo{Callback: "c1", Do: callback.DoClaim, At: noon}), tx.PutUndo(callback.Undo{Callback: "c3", At: noon}),
		tx.AddContact(callback.Contact{ID: "k1", Phone: person, At: noon}),
		tx.Block(person, callback.NoTexts, time.Time{}),
		tx.Record(callback.Entry{At: noon, Kind: "callback.done", Callback: "c1", Phone: person, Value: "2026-06-01T09:00:00Z"}),
		tx.Record(callback.Entry{At: noon, Kind: "talk.note", Talk: "t1", Phone: person, Name: "csat", Value: "2"}),
		tx.Record(callback.Entry{At: noon, Kind: "talk.note", Talk: "t1", Phone: person, Name: "words", Value: "Matti Meikäläinen waited"}),
		tx.Record(callback.Entry{At: noon, Kind: "message.failed", Value: "+358401234567 is no mobile"}),
		tx.Record(callback.Entry{At: noon, Kind: "talk.note", Phone: other, Name: "words", Value: "all well"}),
	}
	return errors.Join(all...)
}

// A person who was erased is in no table any more; figures, and the wish to be
// left alone, stay.
func TestErase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, remembered)
		all := callback.FigureFilter{From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Now: noon.Add(30 * 24 * time.Hour)}
		before := figures(t, s, all)
		if where, err := s.Mentions(t.Context(), like); err != nil || len(where) < 12 {
			t.Fatalf("before, it is only in %v, %v", where, err)
		}
		var found callback.Erased
		must(t, s, func(tx callback.Tx) (err error) {
			found, err = tx.Erase(person, "erased-1", like)
			return err
		})
		same(t, found, callback.Erased{Callbacks: 1, Talks: 3, Texts: 3, Blocks: 2})
		if err := s.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{like, "Matti", "money"} {
			if where, err := s.Mentions(t.Context(), word); err != nil || len(where) > 0 {
				t.Errorf("%s is in %v, %v", word, where, err)
			}
		}
		same(t, figures(t, s, all), before)
		must(t, s, func(tx callback.Tx) error {
			for _, kind := range []callback.BlockKind{callback.NoTexts, callback.NoSurveys} {
				if no, err := tx.Blocked(person, kind, noon); err != nil || !no {
					t.Errorf("%s may be sent again: %v", kind, err)
				}
			}
			if no, err := tx.Blocked(other, callback.NoTexts, noon); err != nil || no {
				t.Errorf("another is blocked: %v", err)
			}
			// Who takes the wish back is heard, though it was only a hash.
			err := tx.Block(person, callback.NoTexts, noon.Add(-time.Hour))
			if no, err := tx.Blocked(person, callback.NoTexts, noon); err != nil || no {
				t.Errorf("still blocked: %v", err)
			}
			_, err2 := tx.Talk("t4")
			_, err3 := tx.Message("m3")
			return errors.Join(err, err2, err3)
		})
	})
}

func figures(t *testing.T, s *store.Store, f callback.FigureFilter) (got feedback.Figures) {
	t.Helper()
	look(t, s, func(tx callback.Tx) (err error) {
		got, err = tx.Figures(f)
		return err
	})
	return got
}

// Nothing of a person can be found in the files of SQLite, also by who reads
// them as they lie on the disk, and while somebody else has them open.
func TestEraseFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	must(t, s, remembered)
	for i := range 300 { // and has moved from page to page
		must(t, s, func(tx callback.Tx) error {
			return tx.Record(callback.Entry{At: noon, Kind: fmt.Sprint("k", i), Phone: person, Value: "Matti Meikäläinen"})
		})
	}
	if n := mentions(t, dir, like); n == 0 {
		t.Fatal("the number is not in the files before: this test sees nothing")
	}
	must(t, s, func(tx callback.Tx) error {
		_, err := tx.Erase(person, "erased-1", like)
		return err
	})
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{like, "Matti", "money"} {
		if n := mentions(t, dir, word); n != 0 {
			t.Errorf("%s is in the files %d times", word, n)
		}
	}
}

// mentions counts a word in all files of a directory.
func mentions(t *testing.T, dir, word string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(src, []byte(word))
	}
	return n
}
