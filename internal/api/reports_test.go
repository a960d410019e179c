package api

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

// TestTwoYears are 732 days of the zone, which are an hour more than 732 times
// 24 when they begin in summer and end in winter, and not one day more.
func TestTwoYears(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = zone
	key := w.key()
	for from, want := range map[string]int{"2024-10-25": 200, "2024-10-24": 422} { // the clocks go back on 27 October 2024 and on 25 October 2026
		if res := w.ask(key, "GET", "/api/v1/reports/service?to=2026-10-26&from="+from, ""); res.Code != want {
			t.Errorf("from %s: got %d %s, want %d", from, res.Code, res.Body, want)
		}
	}
}

// TestDayWithoutMidnight names the days as they were asked for where clocks are set
// forward at midnight, so that a day begins at one o'clock.
func TestDayWithoutMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = zone
	const day = "2026-03-08"
	p := says[struct{ From, To string }](t, w.ask(w.key(), "GET", "/api/v1/reports/service?from="+day+"&to="+day, ""), 200)
	if p.From != day || p.To != day {
		t.Errorf("got %s to %s, want %s", p.From, p.To, day)
	}
}

// TestServiceReport tells what the service did to programs, and nothing of few
// answers.
func TestServiceReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	said := func(n int) {
		t.Helper()
		err := w.desk.Store.Update(t.Context(), func(tx callback.Tx) error {
			for name, n := range map[string]int{figures.Kept: 9, figures.Late: 1, figures.Said("csat", 5): n} {
				m := callback.Measure{Queue: "billing", Since: w.Now(), Count: figures.Count{Name: name, N: n}, Parts: map[string]string{figures.ByAgent: "anna"}}
				if err := tx.Measure(m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(by string) Section {
		t.Helper()
		p := says[struct{ Sections []Section }](t, w.ask(key, "GET", "/api/v1/reports/service?by="+by, ""), 200)
		if len(p.Sections) != 1 {
			t.Fatalf("by %s there is %+v", by, p)
		}
		return p.Sections[0]
	}
	said(9)
	if got := ask("agent"); got.Of != "anna" || got.Promises.Kept != (figures.Ratio{Part: 9, Whole: 10}) || got.CSAT != nil {
		t.Errorf("of anna: %+v", got)
	}
	said(1)
	if got := ask("queue"); got.Of != "billing" || got.CSAT == nil || got.CSAT.N != 10 || got.CSAT.Value != 1 || got.FCR != nil {
		t.Errorf("of billing: %+v", got)
	}
}
