package store_test

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func same[T any](t testing.TB, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Message{
			ID: "m1", Kind: "text", Key: "survey:1", To: "+358401", Body: "Kiitos", Talk: "t1", Callback: "1",
			DueAt: noon, Until: noon.Add(time.Hour), Once: true, Tries: 2, Unclear: 1, Boot: "b1", Status: "sent", Err: "e",
			Ref: "carrier-1", Receipt: callback.ReceiptLost, ReceiptAt: noon,
		}
		must(t, s, func(tx callback.Tx) error { return tx.AddMessage(want) })
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Message("m1")
			same(t, got, want)
			byRef, err2 := tx.MessageByRef("carrier-1")
			same(t, byRef, want)
			err = errors.Join(err, err2)
			_, nameless := tx.MessageByRef("")
			wantErr(t, nameless, callback.ErrNotFound)
			_, none := tx.Message("m9")
			wantErr(t, none, callback.ErrNotFound)
			wantErr(t, tx.PutMessage(callback.Message{ID: "m9"}), callback.ErrNotFound)
			wantErr(t, tx.AddMessage(callback.Message{ID: "m2", Key: "survey:1"}), callback.ErrKnown)
			second := callback.Message{ID: "m2", To: "+358401", DueAt: noon.Add(-time.Second)}
			third := callback.Message{ID: "m3", To: "+358402", DueAt: noon.Add(time.Second)}
			return errors.Join(err, tx.AddMessage(second), tx.AddMessage(third))
		})
		must(t, s, func(tx callback.Tx) error {
			due, err := tx.DueMessages(noon, 10)
			if len(due) != 2 || due[0].ID != "m2" || due[1].ID != "m1" {
				t.Errorf("due = %+v, want m2, m1", due)
			}
			due[0].Unclear = 2
			due[0].Lease = noon.Add(time.Minute)
			due[1].DoneAt = noon
			return errors.Join(err, tx.PutMessage(due[0]), tx.PutMessage(due[1]))
		})
		must(t, s, func(tx callback.Tx) error {
			now, err := tx.DueMessages(noon, 10)
			later, err2 := tx.DueMessages(noon.Add(time.Minute), 1)
			if len(now) != 0 || len(later) != 1 || later[0].ID != "m2" || later[0].Unclear != 2 {
				t.Errorf("now = %+v, later = %+v, want none and m2", now, later)
			}
			return errors.Join(err, err2)
		})
		must(t, s, func(tx callback.Tx) error {
			sent := callback.Message{ID: "m4", To: "+358403", DoneAt: noon, Status: "sent"}
			lost := callback.Message{ID: "m5", To: "+358403", Key: "k5", DoneAt: noon, Status: "failed"}
			code := callback.Message{ID: "m6", To: "+358403", Key: "code:1", DoneAt: noon, Status: "sent"} // not counted
			err := errors.Join(tx.AddMessage(sent), tx.AddMessage(lost), tx.AddMessage(code))
			n, err2 := tx.SentTo("+358403", noon.Add(-time.Second))
			none, err3 := tx.SentTo("+358403", noon)
			if n != 1 || none != 0 {
				t.Errorf("%d and %d were sent, want 1 and 0", n, none)
			}
			return errors.Join(err, err2, err3)
		})
		look(t, s, func(tx callback.Tx) error {
			one, err := tx.MessagesTo("+358401", 1)
			all, err2 := tx.MessagesTo("", 10)
			if len(one) != 1 || one[0].ID != "m2" || len(all) != 6 || all[3].ID != "m3" {
				t.Errorf("one = %+v, all = %+v, want m2 and six", one, all)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestInbox(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			text := callback.InText{Line: "kannel", ID: "1", From: "+358401", To: "+358900", Body: "5"}
			err := tx.AddText(text, noon)
			wantErr(t, tx.AddText(text, noon.Add(time.Hour)), callback.ErrKnown)
			text.Line = "http"
			nameless := callback.InText{Line: "http"}
			return errors.Join(err, tx.AddText(text, noon), tx.AddText(nameless, noon), tx.AddText(nameless, noon))
		})
	})
}

// A text that comes twice at once, by two doors, is taken once.
func TestSameTextAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var all sync.WaitGroup
		var taken atomic.Int32
		for range 16 {
			all.Go(func() {
				err := s.Update(t.Context(), func(tx callback.Tx) error {
					return tx.AddText(callback.InText{Line: "kannel", ID: "1", From: "+358401", Body: "5"}, noon)
				})
				switch {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, callback.ErrKnown):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := taken.Load(); n != 1 {
			t.Errorf("it was taken %d times", n)
		}
	})
}

func TestRoster(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		anna := callback.Status{Agent: "anna", State: callback.Available, Since: noon}
		must(t, s, func(tx callback.Tx) error {
			_, none := tx.Status("anna")
			wantErr(t, none, callback.ErrNotFound)
			return errors.Join(tx.PutStatus(anna), tx.PutStatus(callback.Status{Agent: "aada", State: callback.Offline}))
		})
		must(t, s, func(tx callback.Tx) error {
			wantErr(t, tx.PutStatus(anna), callback.ErrMoved) // there already
			got, err := tx.Status("anna")
			want := anna
			want.Version = 1
			same(t, got, want)
			got.State, got.Ref, got.Boot = callback.OnRing, "r1", "b1"
			stale := got
			err = errors.Join(err, tx.PutStatus(got))
			wantErr(t, tx.PutStatus(stale), callback.ErrMoved)
			all, err2 := tx.Statuses()
			again, err3 := tx.Status("anna")
			if len(all) != 2 || again.Ref != "r1" || again != all[1] {
				t.Errorf("within the transaction: %+v, %+v", again, all)
			}
			err4 := tx.PutStatus(callback.Status{Agent: "Zoe", State: callback.Offline})
			zoe, err5 := tx.Status("Zoe")
			zoe.State = callback.OnBreak
			return errors.Join(err, err2, err3, err4, err5, tx.PutStatus(zoe))
		})
		look(t, s, func(tx callback.Tx) error {
			all, err := tx.Statuses()
			if len(all) != 3 || all[0].State != callback.OnBreak || all[1].Agent != "aada" || all[2].Ref != "r1" || all[2].Version != 2 {
				t.Errorf("statuses = %+v", all)
			}
			return err
		})
	})
}

func TestNodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Now().UTC().Truncate(time.Millisecond)
		node := callback.Node{Boot: "b1", Host: "h", StartedAt: noon, SeenAt: began}
		must(t, s, func(tx callback.Tx) error {
			wantErr(t, tx.Beat(callback.Node{Boot: "b9", DeadAt: noon}), callback.ErrNotFound)
			return errors.Join(tx.Beat(node), tx.Beat(node))
		})
		look(t, s, func(tx callback.Tx) error {
			all, err := tx.Nodes()
			if len(all) != 1 || all[0].Host != "h" || !all[0].StartedAt.Equal(noon) || !all[0].DeadAt.IsZero() {
				t.Fatalf("nodes = %+v", all)
			}
			if age := all[0].SeenAt.Sub(began); age < 0 || age > time.Minute {
				t.Errorf("seen %v after the test began", age)
			}
			return err
		})
		dead := node
		dead.DeadAt = noon
		must(t, s, func(tx callback.Tx) error { return tx.Beat(dead) })
		must(t, s, func(tx callback.Tx) error {
			wantErr(t, tx.Beat(node), callback.ErrMoved) // it must not come back to life
			all, err := tx.Nodes()
			if len(all) != 1 || !all[0].DeadAt.Equal(noon) || all[0].SeenAt.Before(began) {
				t.Errorf("nodes = %+v", all)
			}
			return err
		})
	})
}

func TestRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			_, _, none := tx.LastRun("list")
			wantErr(t, none, callback.ErrNotFound)
			wantErr(t, tx.FinishRun("list", "k", noon), callback.ErrNotFound)
			for _, run := range []struct {
				key  string
				at   time.Time
				want bool
			}{{"k1", noon, true}, {"k1", noon, false}, {"k2", noon.Add(time.Hour), true}} {
				got, err := tx.StartRun("list", run.key, "b1", run.at)
				if err != nil || got != run.want {
					t.Errorf("start %s = %v, %v, want %v", run.key, got, err, run.want)
				}
			}
			key, at, err := tx.LastRun("list")
			if key != "k2" || !at.Equal(noon.Add(time.Hour)) {
				t.Errorf("last = %s at %v", key, at)
			}
			for _, boot := range []string{"b1", "b2"} {
				if err := errors.Join(tx.Beat(callback.Node{Boot: boot, SeenAt: noon}), tx.Beat(callback.Node{Boot: boot, SeenAt: noon, DeadAt: noon})); err != nil {
					return err
				}
			}
			for _, boot := range []string{"b3", "b4"} { // the first takes it from who died over it
				if got, err := tx.StartRun("list", "k1", boot, noon); err != nil || got != (boot == "b3") {
					t.Errorf("%s takes it over: %v, %v", boot, got, err)
				}
			}
			err = errors.Join(err, tx.FinishRun("list", "k2", noon))
			if got, late := tx.StartRun("list", "k2", "b3", noon); late != nil || got {
				t.Errorf("what was finished is taken over: %v, %v", got, late)
			}
			return err
		})
	})
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		until time.Time
		want  bool
	}{
		{"until later", noon.Add(time.Second), true},
		{"until now", noon, false},
		{"for good", time.Time{}, true},
		{"lifted", noon.Add(-time.Second), false},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, tt := range tests {
			must(t, s, func(tx callback.Tx) error {
				err := tx.Block("+358401", callback.NoCalls, tt.until)
				got, err2 := tx.Blocked("+358401", callback.NoCalls, noon)
				if got != tt.want {
					t.Errorf("%s: blocked = %v, want %v", tt.name, got, tt.want)
				}
				text, err3 := tx.Blocked("+358401", callback.NoTexts, noon)
				if text {
					t.Errorf("%s: a block of calls blocks texts", tt.name)
				}
				return errors.Join(err, err2, err3)
			})
		}
	})
}

func TestJournal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Entry{
			At: noon, Kind: "talk.note", Talk: "t1", Callback: "1", Queue: "billing", Phone: "+358401",
			Actor: "caller", Name: "topic", Value: "broken \xff and \x00 here",
		}
		must(t, s, func(tx callback.Tx) error {
			err := errors.Join(tx.Record(want), tx.Record(callback.Entry{Kind: "second"}))
			got, err2 := tx.Entries(0, 10) // it is there at once
			if len(got) != 2 || got[1].Kind != "second" || got[0].Seq >= got[1].Seq {
				t.Fatalf("entries = %+v", got)
			}
			want.Seq, want.Value = got[0].Seq, "broken \uFFFD and  here"
			same(t, got[0], want)
			return errors.Join(err, err2)
		})
		look(t, s, func(tx callback.Tx) error {
			rest, err := tx.Entries(want.Seq, 10)
			if len(rest) != 1 || rest[0].Kind != "second" {
				t.Errorf("after the first = %+v", rest)
			}
			return err
		})
	})
}
