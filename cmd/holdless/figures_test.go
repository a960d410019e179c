package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store"
)

// counted is a service that has counted something on this day, by UTC.
func counted(t *testing.T) (file string, day time.Time) {
	t.Helper()
	file = written(t, "")
	s, err := store.Open(t.Context(), store.Config{Dir: dataOf(t, file)})
	if err != nil {
		t.Fatal(err)
	}
	day = time.Now().UTC().Truncate(24 * time.Hour)
	err = s.Update(t.Context(), func(tx callback.Tx) error {
		var all []error
		for name, n := range map[string]int{
			figures.Offered: 10, figures.Answered: 9, figures.AnsweredWithin(time.Second): 9, figures.Abandoned: 1,
			figures.Kept: 19, figures.Late: 1, figures.Why + "nobody was free in time": 1, figures.Told: 10, figures.Held: 9,
		} {
			for _, queue := range []string{"billing", "sales"} {
				all = append(all, tx.Measure(callback.Measure{Queue: queue, Since: day, Count: figures.Count{Name: name, N: n}}))
			}
		}
		return errors.Join(all...)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return file, day
}

func TestFigures(t *testing.T) {
	t.Parallel()
	file, day := counted(t)
	code, out, errs := holdless(t, "figures", "-c", file, "--queue", "billing")
	for _, want := range []string{
		"service level  90.0 % (9 of 10) in 20s (negative)\n", "promises kept  95.0 % (19 of 20)\n",
		"forecast held  90.0 % (9 of 10)\n", "billing: 1 promise not kept: nobody was free in time\n",
	} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("got %d %s %s, want %s", code, out, errs, want)
		}
	}
	code, out, _ = holdless(t, "figures", "-c", file, "--by", "all", "--json")
	var all map[string]figures.Report
	if err := json.Unmarshal([]byte(out), &all); code != exitDone || err != nil || all["all"].Offered.Whole != 20 {
		t.Errorf("got %d %v %s", code, err, out)
	}
	code, out, _ = holdless(t, "figures", "-c", file, "--by", "day")
	if code != exitDone || !strings.Contains(out, day.Format("2006-01-")) {
		t.Errorf("got %d %s", code, out)
	}
	for _, wrong := range [][]string{{"--by", "moon"}, {"--variant", "best"}, {"--from", "soon"}} {
		if code, _, errs := holdless(t, append([]string{"figures", "-c", file}, wrong...)...); code != exitUsage {
			t.Errorf("%s: got %d %s", wrong, code, errs)
		}
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	file, _ := counted(t)
	code, out, errs := holdless(t, "callbacks", "slots", "-c", file, "--queue", "billing", "--most", "2")
	if code != exitDone || strings.Count(out, "fixed; the team can keep") != 2 {
		t.Errorf("got %d %s %s", code, out, errs)
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "chart.svg")
	code, out, errs := holdless(t, "simulate", "--agents", "2,3", "--policy", "deadline,fifo", "--days", "2", "--svg", file)
	if code != exitDone || strings.Count(out, "fifo") != 2 || strings.Count(out, "places: 3 agents") != 2 {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	if chart, err := os.ReadFile(file); err != nil || strings.Count(string(chart), "<rect") != 4 {
		t.Errorf("drew %v %s", err, chart)
	}
	if code, _, errs := holdless(t, "simulate", "--agents", "0"); code != exitUsage || !strings.Contains(errs, "agents must be 1 to 1000") {
		t.Errorf("got %d %s", code, errs)
	}
}

// TestDayWithoutMidnight finds each day once, from its own beginning to that of the
// next, where clocks are set forward at midnight, so that a day begins at one o'clock.
func TestDayWithoutMidnight(t *testing.T) {
	t.Parallel()
	for place, gap := range map[string]string{"America/Havana": "2026-03-08", "America/Santiago": "2026-09-06", "Africa/Cairo": "2026-04-24"} {
		zone, err := time.LoadLocation(place)
		if err != nil {
			t.Fatal(err)
		}
		day, err := writtenDay(gap)
		if err != nil {
			t.Fatal(err)
		}
		begins := day.Begins(zone)
		if begins.Format(time.DateTime) != gap+" 01:00:00" {
			t.Fatalf("in %s the day begins at %s", place, begins)
		}
		from, to, err := asked{from: day.Plus(-1).String(), to: day.Plus(1).String()}.days(zone, begins)
		if err != nil {
			t.Fatal(err)
		}
		all := eachDay(callback.MeasureFilter{From: from, To: to})
		if len(all) != 3 || !all[day.Plus(-1).String()].To.Equal(begins) || !all[gap].From.Equal(begins) || !all[day.Plus(1).String()].From.Equal(all[gap].To) {
			t.Errorf("in %s the days are %v", place, all)
		}
		one := defaults()
		one.Zone = place
		var chosen callback.Filter
		if err := one.onDay(&chosen, gap); err != nil || !chosen.From.Equal(begins) || !chosen.To.Equal(all[gap].To) {
			t.Errorf("in %s %s is %s to %s, %v", place, gap, chosen.From, chosen.To, err)
		}
	}
}

// TestWhatIf gives every flag of simulate a value of its own, and finds each in
// what was lived through.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	code, out, errs := holdless(t, "simulate", "--json", "--agents", "3", "--load", "0.4", "--aht", "4m", "--patience", "7m", "--keep", "0.25",
		"--answer", "0.6", "--machine", "0.2", "--special", "0.3", "--able", "2", "--slot", "20m", "--places", "2", "--beta", "0.6",
		"--policy", "fifo", "--order", "agent_first", "--seed", "5,6", "--days", "2")
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitDone || len(all) != 2 {
		t.Fatalf("got %d, %v: %s %s", code, err, out, errs)
	}
	for name, want := range map[string]any{
		"agents": 3.0, "load": 0.4, "aht_seconds": 240.0, "patience_seconds": 420.0, "keep": 0.25, "answer": 0.6, "machine": 0.2,
		"special": 0.3, "able": 2.0, "slot_seconds": 1200.0, "places": 2.0, "beta": 0.6, "policy": "fifo", "order": "agent_first", "seed": 5.0, "days": 2.0,
	} {
		if got, ok := all[0][name].(float64); ok && math.Abs(got-want.(float64)) < 1e-9 || all[0][name] == want {
			continue
		}
		t.Errorf("%s is %v, want %v", name, all[0][name], want)
	}
	if all[1]["seed"] != 6.0 {
		t.Errorf("the second seed is %v", all[1]["seed"])
	}
	for _, tt := range []struct{ flag, want string }{
		{"--load=NaN", "load must be 0 to 2"},
		{"--load=-0.5", "load must be 0 to 2"},
		{"--days=100000", "days must be 1 to 10000"},
		{"--policy=lifo", "policy is deadline or fifo"},
		{"--policy=", "need a value each"},
		{"--slot=5h", "slot must be a minute to two hours"},
		{"--agents=many", `invalid argument "many"`},
	} {
		code, out, errs := holdless(t, "simulate", tt.flag)
		if code != exitUsage || out != "" || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got %d %s %s, want %q", tt.flag, code, out, errs, tt.want)
		}
	}
}
