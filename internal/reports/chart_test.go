package reports

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/figures"
)

// section is a part of the page of a report, with its chart and its table.
func (w *world) section(name, query string) string {
	w.Helper()
	_, body := w.get("/reports?" + query)
	_, part, _ := strings.Cut(body, `<section id="`+name+`"`)
	part, _, _ = strings.Cut(part, "</section>")
	return part
}

// TestHoursOfTheWeek holds that what happens on a weekday at an hour is in the cell
// of both, in the table and in the drawing beside it, added up over the weeks.
func TestHoursOfTheWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, one := range []struct {
		ago, n int
		hour   string
	}{{0, 4, "9"}, {7, 4, "9"}, {1, 4, "11"}} { // two Mondays, a Sunday
		w.measure(one.ago, figures.Offered, one.n, 0, map[string]string{figures.ByHour: one.hour})
	}
	rows := w.table("week", "period=30d")
	if len(rows) != 3 || rows[0]["hour"] != 9.0 || rows[0]["mon"] != 8.0 || rows[0]["sun"] != 0.0 || rows[2]["sun"] != 4.0 || rows[2]["mon"] != 0.0 {
		t.Errorf("the hours are %v", rows)
	}
	part := w.section("week", "period=30d")
	for _, want := range []string{
		`aria-label="Callers who asked for a person, by weekday and hour"`, `x="41" y="11" width="22" height="22" fill-opacity="1.00"`, `x="89" y="155" width="22" height="22" fill-opacity="0.53"`,
		`x="65" y="11" width="22" height="22" fill-opacity="0.06"`, `>Sun</text>`, `<th scope="row">9:00</th><td class="n">8</td>`,
	} {
		if !strings.Contains(part, want) {
			t.Errorf("no %q in %s", want, part)
		}
	}
}

// TestCoursesAreDrawn holds that each course is drawn as high as its figure is, with
// a gap where nothing is known.
func TestCoursesAreDrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, ago := range []int{3, 1} {
		for name, n := range map[string]int{
			figures.Kept: 3, figures.Late: 1, figures.Offered: 4, figures.Answered: 3, figures.AnsweredWithin(9 * time.Second): 3, figures.Abandoned: 1,
			figures.Said("csat", 5): 15, figures.Said("csat", 1): 5, figures.Resolved: 20, figures.Repeated: 5,
		} {
			w.measure(ago, name, n, 0, nil)
		}
		w.measure(ago, figures.Talking, 3, 3*time.Hour, nil)
		w.measure(ago, figures.Available, 1, time.Hour, nil)
	}
	const high = 51.5 // three quarters of 166, from below
	for _, name := range []string{"course-promises", "course-csat", "course-fcr", "course-level", "course-work"} {
		part := w.section(name, "period=7d")
		for want, n := range map[string]int{fmt.Sprintf(`cy="%.1f"`, high): 2, fmt.Sprintf(` d="M336.0 %.1fM505.1 %.1f"`, high, high): 1, "75 %": 2} {
			if strings.Count(part, want) != n {
				t.Errorf("%s: not %d times %q in %s", name, n, want, part)
			}
		}
		if sure := name == "course-csat" || name == "course-fcr"; (strings.Count(part, `class="band"`) == 2) != sure {
			t.Errorf("%s: how sure it is: %s", name, part)
		}
	}
	part := w.section("course-service", "period=7d")
	for _, want := range []string{`class="all" x="306.4" y="10.0" width="59.2" height="166.0"`, `class="bad" x="306.4" y="134.5" width="59.2" height="41.5"`} {
		if !strings.Contains(part, want) {
			t.Errorf("course-service: no %q in %s", want, part)
		}
	}
}

// TestFewAnswersAreNoFigure holds that below ten answers nothing is shown of any
// question, of anybody.
func TestFewAnswersAreNoFigure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := map[string]string{figures.ByAgent: "anna"}
	say := func(n int) {
		for _, name := range []string{figures.Said("csat", 5), figures.Said("nps", 9), figures.Said("ces", 7), figures.Resolved} {
			w.measure(1, name, n, 0, anna)
		}
	}
	say(9)
	for i := range 2 {
		for _, row := range w.table("said", "by=agent") {
			for _, key := range []string{"csat", "csat_between", "nps", "ces", "fcr"} {
				if (row[key] != nil) != (i == 1) {
					t.Errorf("%s: %s of %v answers is %v", row["of"], key, row["csat_n"], row[key])
				}
			}
		}
		say(1)
	}
}

// TestWorstNodeIsOfThePeriod holds that the menus are asked about the days that are
// reported, the last one to its end.
func TestWorstNodeIsOfThePeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Worst = func(_ context.Context, from, to time.Time) string {
		return from.In(w.Zone).Format("2 Jan 15:04") + " to " + to.In(w.Zone).Format("2 Jan 15:04")
	}
	rows := w.table("effort", "period=yesterday")
	if got := rows[len(rows)-1]["value"]; got != "22 Nov 00:00 to 23 Nov 00:00" {
		t.Errorf("the worst node is that of %v", got)
	}
}
