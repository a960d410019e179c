package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// noon is a time as the store keeps it: whole milliseconds, UTC.
var noon = time.Date(2026, 11, 23, 12, 0, 0, int(7*time.Millisecond), time.UTC)

// must runs fn in an Update that has to land.
func must(t testing.TB, s *store.Store, fn func(callback.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// look runs fn in a View that has to succeed.
func look(t testing.TB, s *store.Store, fn func(callback.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error = %v, want %v", got, want)
	}
}

func booked(id string) callback.Callback {
	return callback.Callback{
		ID: id, Queue: "billing", Phone: callback.Phone("+358" + id), State: callback.BookedState,
		At: noon, DueAt: noon, Until: noon.Add(time.Hour), Wall: "2026-11-23T14:00", Zone: "Europe/Helsinki",
		CreatedAt: noon.Add(-time.Hour), UpdatedAt: noon.Add(-time.Hour),
	}
}

func TestTalks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Talk{
			ID: "t1", Line: "sip", Phone: "+358401", Dialled: "+358900", Menu: "main", Queue: "billing",
			Callback: "c1", Attempt: "a1", Agent: "anna", BeganAt: noon,
			State: ivr.State{Turn: 3, Node: "times", Offered: []time.Time{noon}, Data: map[string]string{"topic": "lasku ä\x00"}},
			Last:  ivr.Turn{No: 3, Say: []ivr.Prompt{{Name: "slots", At: noon}}, Listen: &ivr.Listen{Max: 1}},
		}
		must(t, s, func(tx callback.Tx) error {
			_, err := tx.Talk("t1")
			wantErr(t, err, callback.ErrNotFound)
			return tx.PutTalk(want)
		})
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Talk("t1")
			same(t, got, want)
			newer := want
			newer.ID = "t2"
			return errors.Join(err, tx.PutTalk(newer))
		})
		look(t, s, func(tx callback.Tx) error {
			got, err := tx.OpenTalk("sip", "+358401")
			if got.ID != "t2" {
				t.Errorf("open talk = %s, want the newer", got.ID)
			}
			_, none := tx.OpenTalk("text", "+358401")
			wantErr(t, none, callback.ErrNotFound)
			return err
		})
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Talk("t2")
			got.Closed, got.EndedAt = true, noon
			return errors.Join(err, tx.PutTalk(got))
		})
		look(t, s, func(tx callback.Tx) error {
			got, err := tx.OpenTalk("sip", "+358401")
			same(t, got, want)
			closed, err2 := tx.Talk("t2")
			if !closed.Closed || !closed.EndedAt.Equal(noon) {
				t.Errorf("closed talk = %+v", closed)
			}
			return errors.Join(err, err2)
		})
	})
}

// A digit must never answer two questions.
func TestOneOpenQuestion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first := callback.Talk{ID: "q1", Line: "text", Phone: "+358401", BeganAt: noon}
		second := callback.Talk{ID: "q2", Line: "text", Phone: "+358401", BeganAt: noon}
		must(t, s, func(tx callback.Tx) error { return tx.PutTalk(first) })
		if err := s.Update(t.Context(), func(tx callback.Tx) error { return tx.PutTalk(second) }); err == nil {
			t.Error("two questions are open")
		}
		must(t, s, func(tx callback.Tx) error {
			first.Closed = true
			return errors.Join(tx.PutTalk(first), tx.PutTalk(second))
		})
	})
}

func TestAddCallback(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Callback{
			ID: "c1", Queue: "billing", Phone: "+358401", Name: "Äiti", Topic: "lasku", Lang: "fi", Note: "n",
			Owner: "anna", Agent: "bo", Talk: "t1", State: callback.HeldState, At: noon, Wall: "2026-11-23T14:00",
			Zone: "Europe/Helsinki", HoldUntil: noon.Add(time.Minute), DueAt: noon, Until: noon.Add(time.Hour),
			Attempts: 2, Boot: "b1", Key: "k1", CreatedAt: noon, UpdatedAt: noon,
		}
		must(t, s, func(tx callback.Tx) error {
			_, err := tx.Callback("c1")
			wantErr(t, err, callback.ErrNotFound)
			return tx.AddCallback(want)
		})
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Callback("c1")
			same(t, got, want)
			_, held := tx.OpenCallback("billing", "+358401")
			wantErr(t, held, callback.ErrNotFound)
			want.State = callback.BookedState
			err = errors.Join(err, tx.MoveCallback(want, callback.HeldState))
			want.Version = 1
			open, err2 := tx.OpenCallback("billing", "+358401")
			same(t, open, want)
			_, err3 := tx.OpenCallback("sales", "+358401")
			wantErr(t, err3, callback.ErrNotFound)
			return errors.Join(err, err2)
		})
		must(t, s, func(tx callback.Tx) error {
			again := want
			again.ID, again.Key = "c2", ""
			wantErr(t, tx.AddCallback(again), callback.ErrBooked)
			again.Phone, again.Key = "+358402", "k1"
			wantErr(t, tx.AddCallback(again), callback.ErrKnown)
			again.ID, again.Key = "c1", ""
			wantErr(t, tx.AddCallback(again), callback.ErrKnown)
			again.ID = "c3"
			return tx.AddCallback(again) // refused inserts leave the transaction alive
		})
		must(t, s, func(tx callback.Tx) error {
			over := booked("4")
			over.State = callback.Done
			second := over
			second.ID = "5"
			held := over
			held.ID, held.State, held.HoldUntil = "6", callback.HeldState, noon
			third := held
			third.ID = "7"
			// Neither what is at an end nor what is only held is open.
			err := errors.Join(tx.AddCallback(over), tx.AddCallback(second), tx.AddCallback(held), tx.AddCallback(third))
			held.State = callback.BookedState
			err = errors.Join(err, tx.MoveCallback(held, callback.HeldState))
			third.State = callback.BookedState
			wantErr(t, tx.MoveCallback(third, callback.HeldState), callback.ErrBooked)
			return err
		})
	})
}

func TestMoveCallback(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			return errors.Join(tx.AddCallback(booked("1")), tx.AddCallback(booked("2")))
		})
		c := booked("1")
		c.State, c.Boot, c.Attempts, c.UpdatedAt = callback.Claimed, "b1", 1, noon
		must(t, s, func(tx callback.Tx) error { return tx.MoveCallback(c, callback.BookedState) })
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Callback("1")
			want := c
			want.Version = 1
			same(t, got, want)
			return err
		})
		must(t, s, func(tx callback.Tx) error {
			wantErr(t, tx.MoveCallback(c, callback.BookedState), callback.ErrMoved) // wrong state
			wantErr(t, tx.MoveCallback(c, callback.Claimed), callback.ErrMoved)     // wrong version
			missing := booked("9")
			wantErr(t, tx.MoveCallback(missing, callback.BookedState), callback.ErrMoved)
			other := booked("2")
			other.Phone = "+3581"
			wantErr(t, tx.MoveCallback(other, callback.BookedState), callback.ErrBooked)
			other.State = callback.CancelledState
			return tx.MoveCallback(other, callback.BookedState)
		})
	})
}

func TestFindCallbacks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		must(t, s, func(tx callback.Tx) error {
			for i, id := range []string{"1", "2", "3", "4", "5"} {
				c := booked(id)
				c.At = noon.Add(time.Duration(i) * time.Hour)
				c.DueAt = noon.Add(time.Duration(i/2) * time.Hour) // two at a time
				switch id {
				case "2":
					c.Owner = "anna"
				case "3":
					c.Queue, c.Agent = "sales", "anna"
				case "4":
					c.State, c.Boot = callback.Claimed, "b1"
				case "5":
					c.State = callback.Done
				}
				if err := tx.AddCallback(c); err != nil {
					return err
				}
			}
			return nil
		})
		tests := []struct {
			name   string
			filter callback.Filter
			want   string
		}{
			{"all", callback.Filter{}, "12345"},
			{"queue", callback.Filter{Queue: "sales"}, "3"},
			{"phone", callback.Filter{Phone: "+3582"}, "2"},
			{"owner or agent", callback.Filter{Agent: "anna"}, "23"},
			{"boot", callback.Filter{Boot: "b1"}, "4"},
			{"states", callback.Filter{States: []callback.State{callback.Claimed, callback.Done}}, "45"},
			{"from and to", callback.Filter{From: noon.Add(time.Hour), To: noon.Add(3 * time.Hour)}, "23"},
			{"first page", callback.Filter{Max: 3}, "123"},
			{"next page", callback.Filter{Max: 3, After: callback.Mark{At: noon.Add(time.Hour), ID: "3"}}, "45"},
			{"in the order of their making", callback.Filter{Max: 2, Made: true}, "12"},
			{"page within the same time", callback.Filter{Max: 1, After: callback.Mark{At: noon, ID: "1"}}, "2"},
			{"together", callback.Filter{Queue: "billing", States: []callback.State{callback.BookedState}, Agent: "anna"}, "2"},
			{"none", callback.Filter{Phone: "+999"}, ""},
		}
		for _, tt := range tests {
			look(t, s, func(tx callback.Tx) error {
				found, err := tx.FindCallbacks(tt.filter)
				if got := ids(found); got != tt.want {
					t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
				}
				return err
			})
		}
	})
}

func ids(found []callback.Callback) string {
	var all string
	for _, c := range found {
		all += c.ID
	}
	return all
}

func TestDueCallbacks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		look(t, s, func(tx callback.Tx) error {
			due, err := tx.NextDue(time.Time{})
			if !due.IsZero() {
				t.Errorf("next due of nothing = %v", due)
			}
			return err
		})
		states := map[string]callback.State{
			"1": callback.BookedState, "2": callback.RetryWait, "3": callback.Wrapup, "4": callback.BookedState, "5": callback.BookedState,
		}
		must(t, s, func(tx callback.Tx) error {
			for id, state := range states {
				c := booked(id)
				c.State, c.DueAt = state, noon.Add(time.Duration(id[0]-'0')*time.Second)
				if err := tx.AddCallback(c); err != nil {
					return err
				}
			}
			return nil
		})
		must(t, s, func(tx callback.Tx) error {
			due, err := tx.DueCallbacks(noon.Add(4*time.Second), 10)
			if got := ids(due); got != "124" {
				t.Errorf("due = %s, want 124", got)
			}
			first, err2 := tx.DueCallbacks(noon.Add(4*time.Second), 2)
			if got := ids(first); got != "12" {
				t.Errorf("first two = %s, want 12", got)
			}
			next, err3 := tx.NextDue(time.Time{})
			if want := noon.Add(time.Second); !next.Equal(want) {
				t.Errorf("next due = %v, want %v", next, want)
			}
			later, err4 := tx.NextDue(noon.Add(2 * time.Second))
			if want := noon.Add(4 * time.Second); !later.Equal(want) {
				t.Errorf("due after the second = %v, want %v", later, want)
			}
			return errors.Join(err, err2, err3, err4)
		})
	})
}

func TestNextDueOfMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		m    callback.Message
		want time.Time
	}{
		{"waiting", callback.Message{DueAt: noon}, noon},
		{"leased", callback.Message{DueAt: noon, Lease: noon.Add(time.Minute)}, noon.Add(time.Minute)},
		{"tried again later", callback.Message{DueAt: noon.Add(time.Hour), Lease: noon}, noon.Add(time.Hour)},
		{"done", callback.Message{DueAt: noon, DoneAt: noon}, time.Time{}},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, tt := range tests {
			tt.m.ID = "m"
			must(t, s, func(tx callback.Tx) error {
				if err := tx.PutMessage(tt.m); !errors.Is(err, callback.ErrNotFound) {
					return err
				}
				return tx.AddMessage(tt.m)
			})
			look(t, s, func(tx callback.Tx) error {
				got, err := tx.NextDue(time.Time{})
				if !got.Equal(tt.want) {
					t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
				}
				return err
			})
		}
	})
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Attempt{
			Callback: "1", No: 1, Leg: callback.AgentLeg, Agent: "anna", Boot: "b1", Ref: "r1", Provider: "p1", IntentAt: noon,
			SentAt: noon.Add(1), AnsweredAt: noon.Add(time.Second), EndedAt: noon.Add(time.Minute), Outcome: "spoke",
		}
		want.SentAt = noon.Add(time.Millisecond)
		must(t, s, func(tx callback.Tx) error {
			return errors.Join(tx.AddCallback(booked("1")), tx.AddAttempt(want))
		})
		must(t, s, func(tx callback.Tx) error {
			again := want
			again.Ref = "r2"
			wantErr(t, tx.AddAttempt(again), callback.ErrKnown) // the number
			again.Ref, again.No = "r1", 2
			wantErr(t, tx.AddAttempt(again), callback.ErrKnown) // the ref
			again.Ref, again.No, again.Leg, again.Provider = "r3", 1, callback.CustomerLeg, "p3"
			lone := callback.Attempt{Ref: "r4", Leg: callback.AgentLeg, IntentAt: noon}
			lone2 := callback.Attempt{Ref: "r5", Leg: callback.AgentLeg, IntentAt: noon}
			return errors.Join(tx.AddAttempt(again), tx.AddAttempt(lone), tx.AddAttempt(lone2))
		})
		must(t, s, func(tx callback.Tx) error {
			got, err := tx.Attempt("r1")
			same(t, got, want)
			got.Outcome = "busy"
			_, none := tx.Attempt("r9")
			wantErr(t, none, callback.ErrNotFound)
			wantErr(t, tx.PutAttempt(callback.Attempt{Ref: "r9", Leg: callback.AgentLeg}), callback.ErrNotFound)
			return errors.Join(err, tx.PutAttempt(got))
		})
		look(t, s, func(tx callback.Tx) error {
			all, err := tx.AttemptsOf("1")
			if len(all) != 2 || all[0].Outcome != "busy" || all[1].Ref != "r3" {
				t.Errorf("attempts = %+v", all)
			}
			one, found := tx.AttemptAs("p1")
			same(t, one, all[0])
			_, none := tx.AttemptAs("p9")
			wantErr(t, none, callback.ErrNotFound)
			return errors.Join(err, found)
		})
	})
}
