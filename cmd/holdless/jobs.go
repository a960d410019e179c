package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// copies is how many nightly backups are kept.
const copies = 7

// jobs is what is done by the timetable.
func (s *service) jobs() []scheduler.Job {
	all := []scheduler.Job{
		s.sched.Safety(),
		{Name: "settle", When: "25 * * * *", CatchUp: time.Hour, Do: s.desk.Settle},
		s.forgetVoicemail(),
		{Name: "backup", When: "15 3 * * *", CatchUp: 12 * time.Hour, Do: s.backup},
	}
	if keep := s.config.Retention.Calls.Duration(); keep > 0 {
		all = append(all, s.sched.Retention(keep, s.forget))
	}
	if s.config.Lists != "" {
		all = append(all, s.lists().Job())
	}
	if when := s.config.Reminders; when != "" {
		all = append(all, scheduler.Reminders{When: when, Zone: s.config.zoneOf(""), Now: s.with.now, Remind: s.desk.Remind}.Job())
	}
	return all
}

// forget deletes what was over before an instant, and the lists of days before
// it, which have names and numbers too.
func (s *service) forget(ctx context.Context, before time.Time) (int64, error) {
	days, err := filepath.Glob(filepath.Join(s.config.Data, "lists", "????-??-??"))
	errs := []error{err}
	for _, day := range days {
		if filepath.Base(day) < before.In(s.config.zoneOf("")).Format(time.DateOnly) {
			errs = append(errs, os.RemoveAll(day))
		}
	}
	if err := s.desk.Settle(ctx); err != nil { // what is deleted cannot be counted any more
		return 0, errors.Join(append(errs, err)...)
	}
	n, err := s.store.Purge(ctx, before)
	return n, errors.Join(append(errs, err)...)
}

// lists are what every agent has to do today, one file each.
func (s *service) lists() scheduler.Lists {
	return scheduler.Lists{
		When: s.config.Lists, Agents: slices.Sorted(maps.Keys(s.config.Agents)), Today: s.todayOf, Send: s.sendList,
	}
}

// todayOf finds the callbacks that an agent may have to keep today: his own,
// and those of the team in his queues.
func (s *service) todayOf(ctx context.Context, agent string) ([]callback.Callback, error) {
	var all []callback.Callback
	for _, name := range s.config.queuesOf(agent) {
		found, err := s.desk.Today(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return notOthers(all, agent), nil
}

// queuesOf names the queues of an agent.
func (c config) queuesOf(agent string) []string {
	names := slices.Sorted(maps.Keys(c.Queues))
	return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(c.Queues[name].Agents, agent) })
}

// notOthers leaves out what belongs to other agents.
func notOthers(all []callback.Callback, agent string) []callback.Callback {
	return slices.DeleteFunc(all, func(c callback.Callback) bool { return c.Owner != "" && c.Owner != agent })
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
	if err := s.store.Backup(ctx, filepath.Join(dir, backupName(s.with.now(), ""))); err != nil {
		return fmt.Errorf("nightly backup: %w", err)
	}
	return thin(dir)
}

// backupName begins with the time, so that names sort by it.
func backupName(at time.Time, why string) string {
	return "holdless-" + at.UTC().Format("20060102-150405") + why + ".db"
}

// thin removes all backups but the newest, and what a crash has left of one.
func thin(dir string) error {
	parts, err := filepath.Glob(filepath.Join(dir, "holdless-*.db.part*"))
	if err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, "holdless-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(names) // by date: the name begins with it
	var errs []error
	for _, name := range append(parts, names[:max(0, len(names)-copies)]...) {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
