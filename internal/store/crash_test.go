package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// What was acknowledged before the process was killed is there afterwards,
// whole, and nothing is there by half.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		acknowledged := map[string]bool{}
		for round := range 6 {
			for _, id := range killedAfter(t, cfg, 5+round*17) {
				acknowledged[id] = true
			}
			s := opened(t, cfg)
			wantAll(t, s, acknowledged)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// killedAfter runs a writer, kills it after it has acknowledged n promises, and
// returns all that it has acknowledged.
func killedAfter(t *testing.T, cfg store.Config, n int) []string {
	t.Helper()
	cmd := helperCommand(t, "write", cfg.Dir+cfg.Database)
	out, err := cmd.StdoutPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		ids = append(ids, lines.Text())
		if len(ids) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) || len(ids) < n {
		t.Fatalf("the writer ended by itself after %d promises: %v", len(ids), err)
	}
	return ids
}

func wantAll(t *testing.T, s *store.Store, acknowledged map[string]bool) {
	t.Helper()
	look(t, s, func(tx callback.Tx) error {
		for id := range acknowledged {
			if _, err := tx.Callback(id); err != nil {
				t.Errorf("acknowledged %s: %v", id, err)
			}
		}
		found, err := tx.FindCallbacks(callback.Filter{Max: 100_000})
		for _, c := range found {
			if attempts, err := tx.AttemptsOf(c.ID); len(attempts) != 1 || err != nil {
				t.Errorf("%s is there by half: %d attempts, %v", c.ID, len(attempts), err)
			}
		}
		if len(found) < len(acknowledged) {
			t.Errorf("%d callbacks, %d were acknowledged", len(found), len(acknowledged))
		}
		return err
	})
}

// writeForEver is the helper that writes promises and acknowledges each on
// standard output, until it is killed.
func writeForEver(where string) error {
	cfg := store.Config{Dir: where}
	if where[0] != '/' {
		cfg = store.Config{Database: where}
	}
	s, err := store.Open(background, cfg)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		c := booked(fmt.Sprint(os.Getpid(), "-", i))
		err := s.Update(background, func(tx callback.Tx) error {
			return errors.Join(tx.AddCallback(c),
				tx.AddAttempt(callback.Attempt{Callback: c.ID, No: 1, Ref: c.ID, Leg: callback.AgentLeg}),
				tx.Record(callback.Entry{Kind: "callback.booked", Callback: c.ID}))
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(os.Stdout, c.ID); err != nil {
			return err
		}
	}
}
