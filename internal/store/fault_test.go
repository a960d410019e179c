package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// Whoever locks rows in the other order is begun again, not refused.
func TestDeadlockIsBegunAgain(t *testing.T) {
	t.Parallel()
	s := opened(t, store.Config{Database: storetest.Postgres(t)})
	add(t, s, "1")
	add(t, s, "2")
	var met sync.WaitGroup // both have their first row
	met.Add(2)
	orders := [][]string{{"1", "2"}, {"2", "1"}}
	errs := together(2, func(i int) error {
		first := true
		return s.Update(t.Context(), func(tx callback.Tx) error {
			for n, id := range orders[i] {
				c, err := tx.Callback(id)
				if err != nil {
					return err
				}
				c.Attempts++
				if err := tx.MoveCallback(c, callback.BookedState); err != nil {
					return err
				}
				if n == 0 && first {
					first = false
					met.Done()
					met.Wait()
				}
			}
			return nil
		})
	})
	count(t, errs, nil)
	look(t, s, func(tx callback.Tx) error {
		for _, id := range []string{"1", "2"} {
			if c, err := tx.Callback(id); c.Attempts != 2 || err != nil {
				t.Errorf("callback %s: %d attempts, %v, want 2", id, c.Attempts, err)
			}
		}
		return nil
	})
}

func TestCollisionsAreBounded(t *testing.T) {
	t.Parallel()
	s := opened(t, store.Config{Database: storetest.Postgres(t)})
	collision := &pgconn.PgError{Code: "40001"}
	runs := 0
	err := s.Update(t.Context(), func(callback.Tx) error {
		runs++
		return collision
	})
	if !errors.Is(err, collision) || runs < 2 || runs > 20 {
		t.Errorf("error %v after %d runs, want the collision after some", err, runs)
	}
}

// A shell or a copy job that keeps the file locked makes bookings fail soon and
// honestly, and readers notice nothing.
func TestStrangerLocksTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, store.Config{Dir: dir})
	add(t, s, "1")
	stranger, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "holdless.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	locked, err := stranger.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCallbacks(t, s, "1")
	err = s.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(booked("2")) })
	wantProblem(t, err, "another program keeps it locked", "end that program")
	if err := locked.Rollback(); err != nil {
		t.Fatal(err)
	}
	add(t, s, "2")
	wantCallbacks(t, s, "12")
}

// What waits for the database gives up by itself, even when its caller would
// wait for ever.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	s := opened(t, store.Config{Dir: t.TempDir(), Patience: 100 * time.Millisecond})
	err := s.Update(context.WithoutCancel(t.Context()), func(callback.Tx) error {
		return s.Update(context.WithoutCancel(t.Context()), func(callback.Tx) error { return nil }) // waits for itself
	})
	wantProblem(t, err, "no answer within 100ms", "stuck")
	add(t, s, "1")
}

func TestPostgresComesBack(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	s := opened(t, store.Config{Database: server.Address})
	add(t, s, "1")
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // whichever way the connections find out
		err := s.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(booked("2")) })
		wantProblem(t, err, "PostgreSQL", "start")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	add(t, s, "3")
	wantCallbacks(t, s, "13")
}

// Nothing is lost when a standby that has every commit takes the place of its primary,
// and nobody starts us again: of two hosts the one is found that may be written to.
func TestStandbyTakesThePlace(t *testing.T) {
	t.Parallel()
	primary := storetest.NewServer(t)
	standby := primary.Standby(t)
	_, err := store.Open(t.Context(), store.Config{Database: standby.Address})
	wantProblem(t, err, "PostgreSQL is read-only", "connect to the primary")
	s := opened(t, store.Config{Database: standby.Or(primary)})
	add(t, s, "1")
	if err := errors.Join(primary.Kill(), standby.Promote()); err != nil {
		t.Fatal(err)
	}
	for ok := false; !ok; { // as soon as it is known which connections are dead
		ok = s.View(t.Context(), func(tx callback.Tx) error { _, err := tx.Callback("1"); return err }) == nil
	}
	add(t, s, "2")
	wantCallbacks(t, s, "12")
}
