package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestLists writes to each agent what is his, or anybody's, today.
func TestLists(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	c.Agents["bea"] = callback.Agent{Name: "Bea", Phone: "sip:bea@127.0.0.1:9"}
	q := c.Queues["billing"]
	q.Agents = append(q.Agents, "bea")
	c.Queues["billing"] = q
	noon := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, quiet(), parts{now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, r := range []callback.Request{
		{Queue: "billing", Phone: "+358401234567", Name: "Aino"},
		{Queue: "billing", Phone: "+358401234568", Name: "Matti", Owner: "bea"},
		{Queue: "billing", Phone: "+358401234569", Name: "Later", At: noon.Add(26 * time.Hour)},
	} {
		if _, err := s.desk.Book(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.lists().Job().Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	for agent, want := range map[string]string{"anna": "Aino", "bea": "Aino Matti"} {
		got, err := os.ReadFile(filepath.Join(c.Data, "lists", "2026-11-23", agent+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, name := range []string{"Aino", "Matti", "Later"} {
			if strings.Contains(string(got), name) {
				names = append(names, name)
			}
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s: got %q, want %q", agent, names, want)
		}
	}
}

// TestMissedJobs starts a service that was down in the night: it makes up for
// what the timetable had in store then.
func TestMissedJobs(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	began, morning := time.Now(), time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	now := func() time.Time { return morning.Add(time.Since(began)) }
	ctx, stop := context.WithCancel(t.Context())
	s, err := newService(ctx, c, quiet(), parts{now: now})
	if err != nil {
		t.Fatal(err)
	}
	jobs := []string{"backup", "lists", "reminders", "retention", "settle"}
	err = s.store.Update(ctx, func(tx callback.Tx) error {
		for _, job := range jobs {
			if _, err := tx.StartRun(job, "yesterday", "a boot", morning.AddDate(0, 0, -1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{service: s, ended: make(chan error, 1)}
	go func() { r.ended <- s.run(ctx) }()
	for _, job := range jobs {
		eventually(t, job+" is made up for", func() bool {
			var last time.Time
			err := s.store.View(ctx, func(tx callback.Tx) (err error) {
				_, last, err = tx.LastRun(job)
				return err
			})
			return err == nil && last.After(morning.AddDate(0, 0, -1))
		})
	}
	for _, made := range []string{"backups/holdless-20261123-07*.db", "lists/2026-11-23/anna.txt"} {
		eventually(t, made, func() bool {
			found, err := filepath.Glob(filepath.Join(c.Data, made))
			return err == nil && len(found) == 1
		})
	}
	stop()
	r.end(t)
}

// TestBackups keeps the newest copies.
func TestBackups(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 1, 15, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, quiet(), parts{now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for range copies + 2 {
		now = now.AddDate(0, 0, 1)
		if err := s.backup(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(c.Data, "backups", "*"))
	if err != nil || len(kept) != copies || !strings.HasSuffix(kept[copies-1], now.Format("20060102-150405")+".db") {
		t.Errorf("got %q, %v; want %d, the newest of %v", kept, err, copies, now)
	}
}

// TestForget removes what is old in the data directory, and what a crash left
// of a backup.
func TestForget(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 1, 15, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, quiet(), parts{now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for range 3 {
		if err := s.sendList(t.Context(), "anna", nil); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
	part := filepath.Join(c.Data, "backups", "holdless-20261101-011500.db.part")
	if err := os.MkdirAll(filepath.Dir(part), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, part, "half a backup")
	if err := s.backup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); !os.IsNotExist(err) {
		t.Errorf("half a backup is still there: %v", err)
	}
	if _, err := s.forget(t.Context(), time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	days, err := filepath.Glob(filepath.Join(c.Data, "lists", "*"))
	if err != nil || len(days) != 1 || filepath.Base(days[0]) != "2026-11-25" {
		t.Errorf("lists of %v, %v", days, err)
	}
}
