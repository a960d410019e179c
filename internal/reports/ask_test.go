package reports

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"":                 "2026-11-17 2026-11-23",
		"period=today":     "2026-11-23 2026-11-23",
		"period=yesterday": "2026-11-22 2026-11-22",
		"period=30d":       "2026-10-25 2026-11-23",
		"period=90d":       "2026-08-26 2026-11-23",
		"period=month":     "2026-11-01 2026-11-23",
		"period=lastmonth": "2026-10-01 2026-10-31",
		"period=year":      "2026-01-01 2026-11-23",
		"period=own&from=2026-03-28&to=2026-03-30": "2026-03-28 2026-03-30",
		"period=own&from=2026-03-29&to=2026-03-29": "2026-03-29 2026-03-29", // of 23 hours
		"period=own&from=2024-11-22&to=2026-11-23": "2024-11-22 2026-11-23", // 732 days
		"period=30d&from=2026-03-28&to=2026-03-30": "2026-10-25 2026-11-23", // left from before in an address
		"period=nonsense":                          "2026-11-17 2026-11-23",
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/reports?"+query, nil)
		a, err := w.read(r)
		if got := a.From.Format(time.DateOnly) + " " + a.Last.Format(time.DateOnly); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", query, got, err, want)
		}
	}
	for _, wrong := range []string{"from=2026-13-01", "from=2026-11-23&to=2026-11-22", "from=2024-11-21&to=2026-11-23", "from=<script>", "queue=<script>"} {
		code, body := w.get("/reports?period=own&" + wrong)
		if code != 400 || !strings.Contains(body, "This cannot be reported") || strings.Contains(body, "<script") {
			t.Errorf("%s: %d %s", wrong, code, body)
		}
	}
}

// TestDaysOfSummerTime counts each day once, also that of 23 hours.
func TestDaysOfSummerTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for day := 28; day <= 30; day++ {
		w.write(func(tx callback.Tx) error {
			return tx.Measure(callback.Measure{Queue: "billing", Since: time.Date(2026, 3, day, 0, 0, 0, 0, w.Zone), Count: figures.Count{Name: figures.Kept, N: day}})
		})
	}
	rows := w.table("course-promises", "period=own&from=2026-03-27&to=2026-03-31")
	for i, want := range []float64{0, 28, 29, 30, 0} {
		if len(rows) != 5 || rows[i]["kept"] != want {
			t.Fatalf("the days are %v", rows)
		}
	}
	weeks := w.table("course-promises", "period=own&from=2026-03-27&to=2026-03-31&step=week")
	if len(weeks) != 2 || weeks[0]["from"] != "2026-03-23" || weeks[0]["kept"] != 57.0 || weeks[1]["kept"] != 30.0 {
		t.Errorf("the weeks are %v", weeks)
	}
}

// TestDayWithoutMidnight counts each day once where clocks are set forward at
// midnight, so that a day begins at one o'clock.
func TestDayWithoutMidnight(t *testing.T) {
	t.Parallel()
	for zone, month := range map[string]time.Month{"Africa/Cairo": time.April, "America/Havana": time.March, "Asia/Beirut": time.March} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				c.Zone = zone
				for name, q := range c.Queues {
					q.Zone = zone
					c.Queues[name] = q
				}
			})
			var err error
			if w.Zone, err = time.LoadLocation(zone); err != nil {
				t.Fatal(err)
			}
			last := opening.Day{Year: 2026, Month: month, Day: 30}
			for n := range 30 {
				w.write(func(tx callback.Tx) error {
					since := last.Plus(-n).Begins(w.Zone)
					return tx.Measure(callback.Measure{Queue: "billing", Since: since, Count: figures.Count{Name: figures.Kept, N: 100 + n}})
				})
			}
			days := fmt.Sprintf("period=own&from=%s&to=%s", last.Plus(-29), last)
			rows := w.table("course-promises", days+"&step=day")
			if len(rows) != 30 {
				t.Fatalf("%d days", len(rows))
			}
			for n := range 30 {
				if got := rows[29-n]; got["from"] != last.Plus(-n).String() || got["kept"] != float64(100+n) {
					t.Errorf("%s is %v, want %d", last.Plus(-n), got, 100+n)
				}
			}
			for n := range 30 { // each alone
				day := last.Plus(-n)
				if all := w.table("promises", fmt.Sprintf("period=own&from=%s&to=%s", day, day))[0]; all["kept"] != float64(100+n) {
					t.Errorf("%s alone is %v, want %d", day, all["kept"], 100+n)
				}
			}
			sum := 0.0
			weeks := w.table("course-promises", days+"&step=week")
			for i, week := range weeks {
				sum += week["kept"].(float64)
				if monday, err := time.Parse(time.DateOnly, week["from"].(string)); err != nil || monday.Weekday() != time.Monday || i > 0 && week["from"] == weeks[i-1]["from"] {
					t.Errorf("a week begins %v", week["from"])
				}
			}
			if sum != 30*100+29*30/2 {
				t.Errorf("the weeks have %.0f", sum)
			}
		})
	}
}

// TestEndOfTheYear holds that weeks begin on a Monday and belong to both years, and
// that a leap day is a day.
func TestEndOfTheYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for day := (opening.Day{Year: 2027, Month: time.December, Day: 20}); day.String() <= "2028-03-05"; day = day.Plus(1) {
		w.write(func(tx callback.Tx) error {
			return tx.Measure(callback.Measure{Queue: "billing", Since: day.Begins(w.Zone), Count: figures.Count{Name: figures.Kept, N: 1}})
		})
	}
	for query, want := range map[string]string{
		"from=2027-12-25&to=2028-01-05&step=week": "2027-12-20:2 2027-12-27:7 2028-01-03:3 ",
		"from=2027-12-31&to=2028-01-01&step=day":  "2027-12-31:1 2028-01-01:1 ",
		"from=2028-02-28&to=2028-03-01&step=day":  "2028-02-28:1 2028-02-29:1 2028-03-01:1 ",
		"from=2028-02-29&to=2028-02-29&step=week": "2028-02-28:1 ",
		"from=2099-12-31&to=2100-01-01&step=day":  "2099-12-31:0 2100-01-01:0 ",
	} {
		got := ""
		for _, row := range w.table("course-promises", "period=own&"+query) {
			got += fmt.Sprintf("%v:%v ", row["from"], row["kept"])
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, wrong := range []string{"from=2027-02-29&to=2027-03-01", "from=2026-11-31", "to=2026-00-10", "from=0001-01-01&to=9999-12-31", "to=10000-01-01", "from=2026-W53-1", "to=2026-11-10"} {
		if code, _ := w.get("/reports/all.json?period=own&" + wrong); code != 400 {
			t.Errorf("%s: %d", wrong, code)
		}
	}
}
