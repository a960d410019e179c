package store_test

import (
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	counted "github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestParts adds up what was counted on three days of two queues and two
// agents, in each way that reports ask for it.
func TestParts(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 6, n, 0, 0, 0, 0, time.UTC) }
	const never = "never"
	tests := []struct {
		name string
		ask  callback.PartFilter
		want map[string]int // by "of name day"
	}{
		{"all days, by agent", callback.PartFilter{By: counted.ByAgent}, map[string]int{"anna kept 0": 22, "anna late 0": 100, "bo kept 0": 6}},
		{"a day, by agent", callback.PartFilter{By: counted.ByAgent, From: day(2), To: day(3)}, map[string]int{"anna kept 0": 2, "bo kept 0": 2}},
		{"a queue, by agent", callback.PartFilter{By: counted.ByAgent, Queue: "sales"}, map[string]int{"anna kept 0": 20, "anna late 0": 100}},
		{"a name, by agent", callback.PartFilter{By: counted.ByAgent, Names: []string{"late", never}}, map[string]int{"anna late 0": 100}},
		{"an empty time, by agent", callback.PartFilter{By: counted.ByAgent, From: day(5), To: day(9)}, map[string]int{}},
		{"nothing is counted so", callback.PartFilter{By: never}, map[string]int{}},
		{"each day, by agent", callback.PartFilter{By: counted.ByAgent, From: day(1), To: day(3), Names: []string{"kept"}, Daily: true}, map[string]int{"bo kept 1": 4, "anna kept 2": 2, "bo kept 2": 2}},
		{"by queue", callback.PartFilter{}, map[string]int{"billing kept 0": 8, "sales kept 0": 20, "sales late 0": 100}},
		{"all as one", callback.PartFilter{Together: true}, map[string]int{" kept 0": 28, " late 0": 100}},
		{"all as one, each day", callback.PartFilter{Together: true, Daily: true}, map[string]int{" kept 1": 4, " kept 2": 4, " kept 3": 20, " late 3": 100}},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Update(t.Context(), func(tx callback.Tx) error { return threeDays(tx, day) }); err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			got := map[string]int{}
			err := s.View(t.Context(), func(tx callback.Tx) error {
				found, err := tx.Parts(tt.ask)
				for _, p := range found {
					on := 0
					if tt.ask.Daily {
						on = p.Since.UTC().Day()
					}
					got[p.Of+" "+p.Name+" "+strconv.Itoa(on)] += p.N
					if p.Time != time.Duration(p.N)*time.Second {
						t.Errorf("%s: %+v did not take a second each", tt.name, p)
					}
				}
				return err
			})
			if err != nil || !maps.Equal(got, tt.want) {
				t.Errorf("%s: got %v, %v\nwant %v", tt.name, got, err, tt.want)
			}
		}
	})
}

func threeDays(tx callback.Tx, day func(int) time.Time) error {
	for _, m := range []struct {
		queue, agent, name string
		day, n             int
	}{
		{"billing", "bo", "kept", 1, 4},
		{"billing", "anna", "kept", 2, 2},
		{"billing", "bo", "kept", 2, 2},
		{"sales", "anna", "kept", 3, 20},
		{"sales", "anna", "late", 3, 100},
	} {
		err := tx.Measure(callback.Measure{
			Queue: m.queue, Since: day(m.day), Parts: map[string]string{counted.ByAgent: m.agent, counted.ByTopic: "invoice"},
			Count: counted.Count{Name: m.name, N: m.n, Time: time.Duration(m.n) * time.Second},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
