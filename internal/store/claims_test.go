package store_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A work is something that several processes take from the store, each its own
// part.
type work struct {
	name string
	add  func(callback.Tx, int) error
	take func(tx callback.Tx, most int) ([]string, error)
}

var works = []work{
	{
		"callbacks",
		func(tx callback.Tx, i int) error { return tx.AddCallback(booked(fmt.Sprint(i))) },
		func(tx callback.Tx, most int) ([]string, error) {
			all, err := tx.DueCallbacks(noon, most)
			return names(all, func(c callback.Callback) string { return c.ID }), err
		},
	},
	{
		"messages",
		func(tx callback.Tx, i int) error {
			return tx.AddMessage(callback.Message{ID: fmt.Sprint(i), Key: fmt.Sprint(i), DueAt: noon})
		},
		func(tx callback.Tx, most int) ([]string, error) {
			all, err := tx.DueMessages(noon, most)
			return names(all, func(m callback.Message) string { return m.ID }), err
		},
	},
	{
		"deliveries",
		func(tx callback.Tx, i int) error {
			return tx.(hooks.Tx).AddDelivery(hooks.Delivery{ID: fmt.Sprint(i), Hook: "crm", Seq: int64(i), DueAt: noon})
		},
		func(tx callback.Tx, most int) ([]string, error) {
			all, err := tx.(hooks.Tx).DueDeliveries("crm", noon, most)
			return names(all, func(d hooks.Delivery) string { return d.ID }), err
		},
	},
}

func names[T any](all []T, of func(T) string) (ids []string) {
	for _, v := range all {
		ids = append(ids, of(v))
	}
	return ids
}

// twoProcesses are two that share a database. On SQLite there is never more
// than one. The database is patient with who holds a row while the machine is
// busy, and not with who waits for one.
func twoProcesses(t *testing.T) (one, other *store.Store) {
	t.Helper()
	u, err := url.Parse(storetest.Tables(t))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("idle_in_transaction_session_timeout", "5min")
	u.RawQuery = q.Encode()
	cfg := store.Config{Database: u.String(), Patience: 5 * time.Minute}
	return opened(t, cfg), opened(t, cfg)
}

// TestClaimsDoNotWait: while one process has claimed and not committed, another
// gets the next ones at once. It would wait for the first one's rows in vain: that
// one is not done before.
func TestClaimsDoNotWait(t *testing.T) {
	t.Parallel()
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			one, other := twoProcesses(t)
			must(t, one, func(tx callback.Tx) error {
				for i := range 10 {
					if err := w.add(tx, i); err != nil {
						return err
					}
				}
				return nil
			})
			var first, second []string
			must(t, one, func(tx callback.Tx) (err error) {
				if first, err = w.take(tx, 4); err != nil {
					return err
				}
				return other.Update(t.Context(), func(tx callback.Tx) (err error) {
					second, err = w.take(tx, 10)
					return err
				})
			})
			if want := []string{"0", "1", "2", "3"}; !slices.Equal(first, want) {
				t.Errorf("the first got %v, want %v", first, want)
			}
			if want := []string{"4", "5", "6", "7", "8", "9"}; !slices.Equal(second, want) {
				t.Errorf("the second got %v, want %v", second, want)
			}
		})
	}
}

// TestDeskPassesOver: a callback that another process is changing holds up none
// of the others.
func TestDeskPassesOver(t *testing.T) {
	t.Parallel()
	one, other := twoProcesses(t)
	d := desk(t, one, "boot1", 1)
	ready(t, one, d, 1)
	must(t, one, func(tx callback.Tx) error {
		past := time.Now().Add(-time.Minute)
		return errors.Join(tx.AddCallback(dueAt("first", number(1), past)), tx.AddCallback(dueAt("second", number(2), past.Add(time.Second))))
	})
	var rings []callback.Ring
	must(t, other, func(tx callback.Tx) error {
		_, err := tx.Callback("first") // who reads it here means to change it
		if err != nil {
			return err
		}
		rings, err = d.Claim(t.Context(), 1)
		return err
	})
	if len(rings) != 1 || rings[0].Callback != "second" {
		t.Errorf("claimed %v, want the second", rings)
	}
}
