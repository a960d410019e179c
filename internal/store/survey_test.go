package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestSurveys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := callback.Asked{
			Talk: "t1", Callback: "c1", Call: "a1", Queue: "billing", Agent: "anna", Topic: "lasku", Phone: "+358401",
			Menu: "survey", Version: "v1", At: noon,
		}
		older := callback.Asked{Talk: "t0", Phone: "+358401", At: noon.Add(-time.Hour)}
		must(t, s, func(tx callback.Tx) error { return errors.Join(tx.PutAsked(want), tx.PutAsked(older)) })
		want.SentAt, want.DeliveredAt, want.AnsweredAt, want.StoppedAt = noon, noon, noon, noon
		must(t, s, func(tx callback.Tx) error {
			err := tx.PutAsked(want)
			got, err2 := tx.Asked("t1")
			same(t, got, want)
			last, err3 := tx.LastAsked("+358401")
			same(t, last, want)
			_, none := tx.LastAsked("+358402")
			wantErr(t, none, callback.ErrNotFound)
			return errors.Join(err, err2, err3)
		})
	})
}

func TestConsent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := callback.Consent{Phone: "+358401", Given: true, At: noon, Talk: "t1", Line: "sip", Version: "v1"}
		must(t, s, func(tx callback.Tx) error {
			_, none := tx.Consent("+358401")
			wantErr(t, none, callback.ErrNotFound)
			return tx.PutConsent(c)
		})
		c.Given = false
		must(t, s, func(tx callback.Tx) error {
			err := tx.PutConsent(c)
			got, err2 := tx.Consent("+358401")
			same(t, got, c)
			return errors.Join(err, err2)
		})
	})
}

func TestFigures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		week := 7 * 24 * time.Hour
		kept := func(id string, created time.Time, topic string) callback.Callback {
			c := booked(id)
			c.Phone, c.Topic, c.Agent, c.State = "+358401", topic, "anna", callback.Done
			c.CreatedAt, c.UpdatedAt, c.At = created, created.Add(time.Hour), created
			return c
		}
		call := func(id string, p callback.Phone, at time.Time, topic, agent string) callback.Contact {
			c := callback.Contact{ID: id, Phone: p, Queue: "billing", Topic: topic, At: at, Agent: agent}
			if agent != "" {
				c.SpokeAt = at.Add(time.Minute)
			}
			return c
		}
		must(t, s, func(tx callback.Tx) error {
			var all []error
			for i, value := range []int{5, 4, 4, 1} {
				talk := fmt.Sprint("t", i)
				a := callback.Asked{Talk: talk, Queue: "billing", Agent: "anna", At: noon, SentAt: noon, DeliveredAt: noon, AnsweredAt: noon}
				sc := callback.Score{Talk: talk, Question: "csat", Value: value, Queue: "billing", Agent: "anna", At: noon}
				all = append(all, tx.PutAsked(a), tx.PutScore(sc))
			}
			second := callback.Score{Talk: "t3", Question: "csat", Value: 5, Words: "sorry", Queue: "billing", Agent: "anna", At: noon}
			return errors.Join(append(all, tx.PutScore(second),
				tx.PutScore(callback.Score{Talk: "t0", Question: "solved", Value: 1, Queue: "billing", Agent: "anna", At: noon}),
				tx.PutAsked(callback.Asked{Talk: "t9", Queue: "billing", At: noon, SentAt: noon, DeliveredAt: noon, StoppedAt: noon}),
				tx.PutAsked(callback.Asked{Talk: "t8", Queue: "billing", At: noon}),
				tx.PutAsked(callback.Asked{Talk: "t7", Queue: "other", At: noon, SentAt: noon}),
				// solved at once; came back after six days; is too fresh to know
				tx.AddCallback(kept("c1", noon.Add(-4*week), "lasku")),
				tx.AddCallback(kept("c2", noon.Add(-2*week), "tilaus")),
				tx.AddCallback(kept("c3", noon.Add(-2*week+6*24*time.Hour), "tilaus")),
				tx.AddCallback(kept("c4", noon.Add(-time.Hour), "lasku")),
				// answered at once and solved; called again two days later; nobody answered; too fresh
				tx.AddContact(call("k1", "+358402", noon.Add(-3*week), "lasku", "anna")),
				tx.AddContact(call("k2", "+358403", noon.Add(-2*week), "", "anna")),
				tx.AddContact(call("k3", "+358403", noon.Add(-2*week+48*time.Hour), "lasku", "")),
				tx.AddContact(call("k4", "+358404", noon.Add(-time.Hour), "lasku", "anna")),
			)...)
		})
		look(t, s, func(tx callback.Tx) error {
			f := callback.FigureFilter{From: noon.Add(-5 * week), To: noon.Add(time.Second), Queue: "billing", Now: noon}
			got, err := tx.Figures(f)
			want := feedback.Figures{
				Scores: map[string]map[int]int{"csat": {5: 2, 4: 2}, "solved": {1: 1}},
				Asked:  6, Sent: 5, Delivered: 5, Answered: 4, Stopped: 1, Kept: 5, Repeated: 2,
			}
			same(t, got, want)
			f.Agent = "bo"
			none, err2 := tx.Figures(f)
			same(t, none, feedback.Figures{Scores: map[string]map[int]int{}})
			return errors.Join(err, err2)
		})
		must(t, s, func(tx callback.Tx) error { return settled(t, tx) })
		look(t, s, func(tx callback.Tx) error { // what was counted once stays as it is
			got, err := tx.Figures(callback.FigureFilter{From: noon.Add(-5 * week), To: noon.Add(time.Second), Queue: "billing", Now: noon})
			if got.Kept != 5 || got.Repeated != 2 {
				t.Errorf("after it was settled, %d of %d came again", got.Repeated, got.Kept)
			}
			return err
		})
	})
}

// settled settles whom somebody spoke with a week ago, and sees who came again.
func settled(t *testing.T, tx callback.Tx) error {
	t.Helper()
	all, err := tx.Unsettled(noon.Add(-7*24*time.Hour), 100)
	again := ""
	for _, c := range all {
		if c.Again {
			again += c.ID
		}
	}
	if len(all) != 5 || again != "c2k2" {
		t.Errorf("%d are to be settled, %s came again", len(all), again)
	}
	if err := errors.Join(err, tx.Settle(all)); err != nil {
		return err
	}
	left, err := tx.Unsettled(noon.Add(-7*24*time.Hour), 100)
	if len(left) > 0 {
		t.Errorf("%d are to be settled again", len(left))
	}
	return err
}

// hundredThousand are answered surveys, and callbacks that were kept, of half
// a year.
var hundredThousand = []string{
	`INSERT INTO survey (talk, callback, call, queue, agent, topic, phone, menu, version, asked_at, sent_at, delivered_at, answered_at, stopped_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT CAST(i AS TEXT), '', '', 'billing', 'anna', '', '+358' || CAST(i % 20000 AS TEXT), '', '', CAST(155520 AS BIGINT) * i, CAST(155520 AS BIGINT) * i, CAST(155520 AS BIGINT) * i, CASE WHEN i % 2 = 0 THEN CAST(155520 AS BIGINT) * i ELSE 0 END, 0 FROM n`,
	`INSERT INTO score (talk, question, value, words, queue, agent, at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT CAST(i AS TEXT), 'csat', 1 + i % 5, '', 'billing', 'anna', CAST(155520 AS BIGINT) * i FROM n`,
	`INSERT INTO callback (id, queue, phone, name, topic, lang, note, owner, agent, talk, state, at, wall, zone,
		hold_until, due_at, until, attempts, boot, version, idem_key, created_at, updated_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT CAST(i AS TEXT), 'billing', '+358' || CAST(i % 20000 AS TEXT), '', CASE WHEN i % 3 = 0 THEN 'a' ELSE 'b' END, '', '', '', 'anna', '',
		'done', CAST(155520 AS BIGINT) * i, '', '', 0, 0, 0, 0, '', 0, '', CAST(155520 AS BIGINT) * i, CAST(155520 AS BIGINT) * i FROM n`,
}

// BenchmarkFigures counts one month of half a year with 100,000 calls.
func BenchmarkFigures(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		for _, statement := range hundredThousand {
			if err := s.Exec(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		end := time.UnixMilli(155520 * 100_000)
		f := callback.FigureFilter{From: end.Add(-60 * 24 * time.Hour), To: end.Add(-30 * 24 * time.Hour), Queue: "billing", Now: end}
		for b.Loop() {
			look(b, s, func(tx callback.Tx) error {
				got, err := tx.Figures(f)
				if got.Asked < 16_000 || got.Kept < 16_000 || len(got.Scores["csat"]) != 5 {
					b.Fatalf("counted %+v", got)
				}
				return err
			})
		}
	})
}
