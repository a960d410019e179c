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
	sent := map[string]string{}
	l := Lists{
		When: "30 7 * * 1-5", Agents: []string{"anna", "ben", "cleo"},
		Today: func(_ context.Context, agent string) ([]callback.Callback, error) {
			if agent == "ben" {
				return nil, errors.New("database is away")
			}
			return []callback.Callback{{Name: "for " + agent}}, nil
		},
		Send: func(_ context.Context, agent string, today []callback.Callback) error {
			sent[agent] = today[0].Name
			return nil
		},
	}
	if err := l.Job().Do(t.Context()); err == nil || !strings.Contains(err.Error(), "ben") {
		t.Errorf("do: %v, want an error about ben", err)
	}
	for _, agent := range []string{"anna", "cleo"} {
		if sent[agent] != "for "+agent {
			t.Errorf("%s got the list %q", agent, sent[agent])
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
