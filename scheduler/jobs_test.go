package scheduler

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestLists(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC)
	sent := map[string]string{}
	l := Lists{
		When: "30 7 * * 1-5", Agents: []string{"anna", "ben", "cleo"},
		Today: func(_ context.Context, agent string) ([]callback.Callback, error) {
			if agent == "ben" {
				return nil, errors.New("database is away")
			}
			return []callback.Callback{
				{Phone: "+358401234567", Name: "Maria", Topic: "billing", At: at, Zone: "Europe/Helsinki", State: callback.BookedState},
				{Phone: "+358407654321", At: at.Add(-time.Hour), Zone: "Europe/Helsinki", State: callback.Interrupted},
				{Phone: "+358400000000", At: at, Zone: "Europe/Helsinki", State: callback.Done},
			}, nil
		},
		Send: func(_ context.Context, agent, list string) error {
			sent[agent] = list
			return nil
		},
	}
	if err := l.Job().Do(t.Context()); err == nil || !strings.Contains(err.Error(), "ben") {
		t.Errorf("do: %v, want an error about ben", err)
	}
	want := "14:30  +358407654321  (was cut off: please call)\n15:30  +358401234567  Maria  billing\n"
	for _, agent := range []string{"anna", "cleo"} {
		if sent[agent] != want {
			t.Errorf("list of %s:\n%swant\n%s", agent, sent[agent], want)
		}
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 40, 0, 0, time.UTC)
	s := &Scheduler{Now: func() time.Time { return now }, Log: quiet()}
	var got time.Time
	job := s.Retention(48*time.Hour, func(_ context.Context, before time.Time) (int64, error) {
		got = before
		return 3, nil
	})
	if err := job.Do(t.Context()); err != nil || !got.Equal(now.Add(-48*time.Hour)) {
		t.Errorf("purged before %s (%v)", got, err)
	}
}
