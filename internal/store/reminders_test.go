package store_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/scheduler"
)

// TestReminders has two processes on one database keep the timetable for two
// days: everybody is reminded once, in the evening before or close to the call,
// also of what was missed, and nobody in quiet hours.
func TestReminders(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		synctest.Test(t, func(t *testing.T) { remindTwice(t, c) })
	})
}

// remindTwice begins on 1 January 2000 at midnight UTC, which is two o'clock
// where the people are.
func remindTwice(t *testing.T, c store.Config) {
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	nodes := []*callback.Desk{reminding(t, s, "a"), reminding(t, s, "b")}
	began := time.Now()
	var left []string
	until := func(hours float64) {
		for time.Since(began) < time.Duration(hours*float64(time.Hour)) {
			<-time.After(30 * time.Minute)
			synctest.Wait()
			for _, d := range nodes {
				left = append(left, reminders(t, d)...)
			}
		}
	}
	promise := func(p callback.Phone, hour int) {
		t.Helper()
		at := began.Add(time.Duration(hour) * time.Hour)
		if _, err := nodes[0].Book(t.Context(), callback.Request{Queue: "billing", Phone: p, At: at, Actor: "operator"}); err != nil {
			t.Fatal(err)
		}
	}
	stop := keep(t, nodes)
	until(8)
	promise("+358401234561", 17)    // this evening: two hours before
	promise("+358401234562", 24+10) // tomorrow: this evening
	promise("+358401234563", 48+10) // the day after: missed tomorrow evening
	until(15.5)
	promise("+358401234564", 24+12) // told just before the evening: two hours before
	until(24 + 15)
	stop()
	until(24 + 22.5) // in quiet hours, which end at seven
	stop = keep(t, nodes)
	until(48 + 10)
	stop()
	want := []string{"+358401234561 01T15:00", "+358401234562 01T16:00", "+358401234564 02T10:00", "+358401234563 03T07:00"}
	if !slices.Equal(left, want) {
		t.Errorf("reminded %v, want %v", left, want)
	}
}

// reminding is the desk of one process.
func reminding(t *testing.T, s *store.Store, boot string) *callback.Desk {
	t.Helper()
	c := callback.Defaults()
	c.Zone, c.Callbacks.AllowRegions = "Europe/Helsinki", []string{"FI"}
	c.Agents = map[string]callback.Agent{"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"}}
	c.Queues = map[string]callback.QueueConfig{"billing": {Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Capacity: 9}}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.Boot, d.Log = s, boot, slog.New(slog.DiscardHandler)
	return d
}

// keep runs the timetable of each process until it is told to stop.
func keep(t *testing.T, nodes []*callback.Desk) (stop func()) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, d := range nodes {
		job := scheduler.Reminders{When: "0 18 * * *", Zone: zone, Now: time.Now, Remind: d.Remind}.Job()
		table := &scheduler.Timetable{Jobs: []scheduler.Job{job}, Zone: zone, Store: d.Store, Boot: d.Boot, Now: time.Now, Log: d.Log}
		all.Go(func() {
			if err := table.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// reminders sends what is due, and tells who was reminded when.
func reminders(t *testing.T, d *callback.Desk) (all []string) {
	t.Helper()
	due, err := d.ClaimMessages(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range due {
		if strings.HasPrefix(m.Key, "text_reminder:") {
			all = append(all, m.To+" "+time.Now().UTC().Format("02T15:04"))
		}
		if err := d.Delivered(t.Context(), m, callback.Delivered, nil); err != nil {
			t.Error(err)
		}
	}
	return all
}
