package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/holdless/holdless/scheduler"
)

// copies is how many nightly backups are kept.
const copies = 7

// jobs is what is done by the timetable.
func (s *service) jobs() []scheduler.Job {
	return []scheduler.Job{
		s.sched.Safety(),
		{Name: "backup", When: "15 3 * * *", CatchUp: 12 * time.Hour, Do: s.backup},
	}
}

// backup copies a SQLite database into the data directory, once a day. A
// PostgreSQL server has its own ways.
func (s *service) backup(ctx context.Context) error {
	if s.config.Database != "" {
		return nil
	}
	dir := filepath.Join(s.config.Data, "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("nightly backup: %w", err)
	}
	name := "holdless-" + s.with.now().UTC().Format("20060102-150405") + ".db"
	if err := s.store.Backup(ctx, filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("nightly backup: %w", err)
	}
	return thin(dir)
}

// thin removes all backups but the newest.
func thin(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "holdless-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(names) // by date: the name begins with it
	var errs []error
	for _, name := range names[:max(0, len(names)-copies)] {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
