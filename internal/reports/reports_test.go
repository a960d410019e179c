package reports

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

func TestReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if code, body := w.get("/reports"); code != 200 || !strings.Contains(body, `<p class="big">–</p>`) || !strings.Contains(body, "Nobody.") {
		t.Errorf("of nothing: %d %s", code, body)
	}
	w.month()
	w.people()
	w.team("the wall is good")
	code, body := w.get("/reports?period=30d")
	if code != 200 {
		t.Fatal(code, body)
	}
	for _, want := range []string{
		`<p class="big">99 %</p>`, "150 of 151 that were due", "1 late", // 150 kept of 151: never rounded up
		"Aino Virtanen …", "2 of 5", "had to call twice", "Jana Nováková …", "nobody was free in time", "5:00",
		"about 20 h 0 min, of 150 callers", "estimate", "of 40 who come to times, 9 (23%) hang up.", "Answered in 20 s", `variant &#34;negative&#34;`,
		"−7:00", "the wall is good", "3.6", "took it", "spoke with an agent", `<svg viewBox=`, "8:00",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for query, want := range map[string]int{"from=2026-11-17&to=2026-11-23": 1, "from=2026-11-17&to=2026-11-20": 0, "from=2026-11-17&to=2026-11-23&queue=sales": 0} {
		if rows := w.table("unhappy", "period=own&"+query); len(rows) != want {
			t.Errorf("%s: unhappy are %v, want %d", query, rows, want)
		}
	}
	for heat, want := range map[string]string{figures.Offered: "Callers who asked for a person, by", figures.Abandoned: "Callers who hung up, by"} {
		code, body := w.get("/reports?period=30d&heat=" + heat)
		rows := w.table("week", "period=30d&heat="+heat)
		if only := len(rows) == 1 && rows[0]["hour"] == 12.0; code != 200 || !strings.Contains(body, want) || only != (heat == figures.Abandoned) {
			t.Errorf("the hours of %q are %v", heat, rows)
		}
	}
	if strings.Contains(body, " style=") || strings.Contains(body, "<script") || strings.Contains(body, "+35840") {
		t.Error("the page has a style, a script or a number in it")
	}
	if strings.Index(body, "Promises kept") > strings.Index(body, "Unhappy, and not answered") {
		t.Error("promises do not come first")
	}
}

// TestRowsOfAReport holds what stands in the rows, and not only somewhere on the
// page.
func TestRowsOfAReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.month()
	w.people()
	for _, tt := range []struct {
		table, key string
		row        int
		want       any
	}{
		{"promises", "due", 0, 151.0},
		{"promises", "kept", 0, 150.0},
		{"promises", "kept_share", 0, 0.9934},
		{"promises", "late", 0, 1.0},
		{"reasons", "why", 0, "nobody was free in time"},
		{"missed", "why", 0, "nobody was free in time"},
		{"missed", "agent", 0, "Anna"},
		{"missed", "late_seconds", 0, 300.0},
		{"unhappy", "words", 0, "had to call twice"},
		{"unhappy", "score", 0, 2.0},
		{"unhappy", "agent", 0, "Anna"},
		{"effort", "value", 3, 72000.0},
	} {
		if got := w.table(tt.table, "period=30d")[tt.row][tt.key]; got != tt.want {
			t.Errorf("%s of %s is %v, want %v", tt.key, tt.table, got, tt.want)
		}
	}
	if _, page := w.get("/reports?period=30d"); !strings.Contains(page, "Hold time saved (estimate)") {
		t.Error("what is an estimate is not said to be one")
	}
}

// TestGroups tells the figures apart in each way.
func TestGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.month()
	for by, want := range map[string]string{"queue": "billing", "topic": "Invoice", "language": "fi", "agent": "Anna"} {
		table := w.table("promises", "period=30d&by="+by)
		if len(table) < 2 || table[0]["of"] != "all" || table[1]["due"] == 0.0 {
			t.Errorf("by %s: %v", by, table)
		}
		if _, body := w.get("/reports?period=30d&by=" + by); !strings.Contains(body, want) {
			t.Errorf("by %s, the page does not have %s", by, want)
		}
	}
	if by := w.table("service", "period=30d&by=topic"); by[0]["occupancy"] == nil || by[1]["occupancy"] == nil {
		t.Errorf("occupancy by topic: %v", by)
	}
	w.measure(2, figures.Ringing, 40, 20*time.Minute, map[string]string{figures.ByTopic: "delivery", figures.ByLang: "fi"})
	w.measure(2, figures.Ringing, 40, 20*time.Minute, map[string]string{figures.ByTopic: "invoice", figures.ByLang: "fi"})
	by := w.table("service", "period=2d&period=own&from=2026-11-21&to=2026-11-21&by=topic")
	if len(by) != 3 || by[1]["of"] != "delivery" || by[1]["occupancy"] == nil {
		t.Errorf("who is rung for a topic is busy with it: %v", by)
	}
	if by := w.table("promises", "period=30d&by=agent"); by[1]["of"] != "anna" || by[1]["p50_seconds"] != -420.0 {
		t.Errorf("punctuality by agent: %v", by[1])
	}
	if one := w.table("service", "period=30d&queue=sales"); one[0]["calls"] != 0.0 {
		t.Errorf("sales had %v", one)
	}
}

// TestApart holds that the page says from when on something is told apart.
func TestApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.measure(3, figures.Kept, 5, 0, nil)
	w.measure(2, figures.Said("csat", 5), 5, 0, map[string]string{figures.ByAgent: "anna"})
	for by, want := range map[string]string{"topic": "Nothing was counted by topic yet.", "agent": "Nothing was counted by agent yet."} {
		if _, body := w.get("/reports?by=" + by); strings.Count(body, want) != 3 || !strings.Contains(body, "Nothing was counted by the hour yet.") {
			t.Errorf("by %s, the page does not say %q three times", by, want)
		}
	}
	w.measure(1, figures.Kept, 5, 0, map[string]string{figures.ByTopic: "invoice", figures.ByHour: "9"})
	_, body := w.get("/reports?by=topic")
	for _, want := range []string{"Counted by topic since 22 Nov 2026", "Counted by the hour since 22 Nov 2026"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if _, body := w.get("/reports?by=queue"); strings.Contains(body, "Counted by queue") {
		t.Error("queues were always counted")
	}
}

// table reads the rows of an exported table.
func (w *world) table(name, query string) []map[string]any {
	w.Helper()
	code, body := w.get("/reports/" + name + ".json?" + query)
	var t struct {
		Name string
		Rows []map[string]any
	}
	if err := json.Unmarshal([]byte(body), &t); err != nil || code != 200 || t.Name != name {
		w.Fatal(code, body, err)
	}
	return t.Rows
}

// TestAgentsAreNotRanked holds that agents come by name, and nothing is told of
// what customers said, while somebody has fewer than ten answers.
func TestAgentsAreNotRanked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	said := func(agent string, value, n int) {
		w.measure(1, figures.Said("csat", value), n, 0, map[string]string{figures.ByAgent: agent})
	}
	said("anna", 1, 6)
	said("anna", 5, 6)
	said("bo", 5, 9)
	order := func() (names string, bo any) {
		for _, row := range w.table("said", "by=agent&sort=csat")[1:] {
			names += row["of"].(string) + " "
			if row["of"] == "bo" {
				bo = row["csat"]
			}
		}
		return names, bo
	}
	if names, bo := order(); names != "anna bo " || bo != nil {
		t.Errorf("nine answers: %s, bo has %v", names, bo)
	}
	said("bo", 5, 1)
	if names, bo := order(); names != "bo anna " || bo != 1.0 {
		t.Errorf("ten answers: %s, bo has %v", names, bo)
	}
	if names := w.table("said", "by=agent")[1]["of"]; names != "anna" {
		t.Errorf("not asked for, and %v is the first", names)
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"":                 "2026-11-17 2026-11-23",
		"period=today":     "2026-11-23 2026-11-23",
		"period=yesterday": "2026-11-22 2026-11-22",
		"period=30d":       "2026-10-25 2026-11-23",
		"period=month":     "2026-11-01 2026-11-23",
		"period=lastmonth": "2026-10-01 2026-10-31",
		"period=year":      "2026-01-01 2026-11-23",
		"period=own&from=2026-03-28&to=2026-03-30": "2026-03-28 2026-03-30",
		"period=own&from=2026-03-29&to=2026-03-29": "2026-03-29 2026-03-29", // of 23 hours
		"period=nonsense":                          "2026-11-17 2026-11-23",
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/reports?"+query, nil)
		a, err := w.read(r)
		if got := a.From.Format(time.DateOnly) + " " + a.Last.Format(time.DateOnly); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", query, got, err, want)
		}
	}
	for _, wrong := range []string{"from=2026-13-01", "from=2026-11-23&to=2026-11-22", "from=2020-01-01&to=2026-11-22", "from=<script>", "queue=<script>"} {
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

// TestScores holds that NPS and CES are drawn, each on its own scale, where
// there are answers enough, with the same figures in the table beside.
func TestScores(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, n := range map[string]int{
		figures.Said("nps", 10): 12, figures.Said("nps", 6): 8, figures.Said("ces", 7): 10, figures.Said("ces", 5): 10,
	} {
		w.measure(2, name, n, 0, nil)
		w.measure(1, name, 2, 0, nil)
	}
	_, body := w.get("/reports?period=7d")
	for name, want := range map[string]struct{ title, dot, band, key, between string }{
		"course-nps": {"Net promoter score, in points from -100 to 100", `cx="420.6" cy="76.4"`, `y1="46.3" y2="110.8"`, "nps", "-21.4772 to 56.2598"},
		"course-ces": {"How easy it was, from 1 to 7", `cx="420.6" cy="37.7"`, `y1="29.3" y2="60.5"`, "ces", "5.1743 to 6.3040"},
	} {
		_, section, _ := strings.Cut(body, `<section id="`+name+`"`)
		section, _, _ = strings.Cut(section, "</section>")
		if !strings.Contains(section, `aria-label="`+want.title+`"`) || strings.Count(section, "<circle") != 1 ||
			!strings.Contains(section, want.dot) || !strings.Contains(section, want.band) || !strings.Contains(section, "<table>") {
			t.Errorf("%s: %s", name, section)
		}
		rows := w.table(name, "period=7d")
		if got := rows[len(rows)-3]; got["n"] != 20.0 || got[want.key+"_between"] != want.between || rows[len(rows)-2][want.key] != nil {
			t.Errorf("%s: %v", name, rows)
		}
	}
}

// TestFiles takes every table away as CSV and as JSON; they have the same rows.
func TestFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.month()
	w.people()
	w.team("fine")
	_, body := w.get("/reports?period=30d")
	links := regexp.MustCompile(`href="(/reports/([a-z-]+)\.csv\?[^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(links) != 18 {
		t.Fatalf("%d tables can be taken away", len(links))
	}
	for _, link := range links {
		_, text := w.get(strings.ReplaceAll(link[1], "&amp;", "&"))
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if as := w.table(link[2], "period=30d"); err != nil || len(rows) != len(as)+1 || len(as) == 0 || len(rows[0]) != len(as[0]) {
			t.Errorf("%s: %d rows and %d, %v", link[2], len(rows), len(as), err)
		}
	}
	code, all := w.get("/reports/all.json?period=30d")
	var told struct {
		From   string
		Tables []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(all), &told); err != nil || code != 200 || told.From != "2026-10-25" || len(told.Tables) != 18 {
		t.Errorf("all tables: %d %s", code, all)
	}
	for _, none := range []string{"/reports/else.csv", "/reports/promises.exe", "/reports/promises", "/audit/else.csv", "/reports/all.csv"} {
		if code, _ := w.get(none); code != 404 {
			t.Errorf("%s: %d", none, code)
		}
	}
}

// TestCanaries has names, words and reasons that are tags and formulas.
func TestCanaries(t *testing.T) {
	t.Parallel()
	evil := `=cmd|'/c calc'!A1"><script>alert(1)</script>` + "\u202e"
	w := newWorld(t)
	w.Worst = func(context.Context, time.Time, time.Time) string { return evil }
	w.missed(w.callback("late1", evil, noon.Add(-2*time.Hour)), evil)
	w.unhappy(w.callback("sad1", evil, noon.Add(-time.Hour)), evil)
	w.team(evil)
	w.measure(1, figures.Late, 1, 0, map[string]string{figures.ByTopic: evil})
	w.measure(1, figures.Why+evil, 1, 0, nil)
	w.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: noon, Kind: "menu.live", Actor: "user:" + evil, Name: evil, Value: evil})
	})
	for _, page := range []string{"/reports?period=30d&by=topic", "/audit", "/audit?who=" + url.QueryEscape(evil)} {
		code, body := w.get(page)
		if code != 200 || strings.Contains(body, "<script") || !strings.Contains(body, "alert(1)") || strings.Contains(body, "\u202e") {
			t.Errorf("%s: %d, a canary that lives, or none: %s", page, code, body)
		}
	}
	for _, file := range []string{"missed", "unhappy", "reasons", "pulse", "promises", "effort"} {
		_, body := w.get("/reports/" + file + ".csv?period=30d&by=topic")
		harmlessAll(t, file, body)
	}
	_, body := w.get("/audit/audit.csv")
	harmlessAll(t, "audit", body)
}

// harmlessAll holds that no cell of a file is a formula, and that it has the
// canary.
func harmlessAll(t *testing.T, name, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !strings.Contains(text, "calc") {
		t.Errorf("%s: no canary in %q, %v", name, text, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+@\t", rune(cell[0])) {
				t.Errorf("%s: a cell is %q", name, cell)
			}
		}
	}
}

// TestAuditOfADayWithoutMidnight has all of a day that begins at one o'clock, and
// nothing of the evening before.
func TestAuditOfADayWithoutMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	if w.Zone, err = time.LoadLocation("America/Havana"); err != nil {
		t.Fatal(err)
	}
	for day, name := range map[int]string{7: "before", 8: "of the day"} {
		w.write(func(tx callback.Tx) error {
			return tx.Record(callback.Entry{Kind: "user.added", Actor: "operator", Name: name, At: time.Date(2026, time.March, day, 23, 30, 0, 0, w.Zone)})
		})
	}
	if _, body := w.get("/audit/audit.csv?from=2026-03-08&to=2026-03-08"); strings.Contains(body, "before") || !strings.Contains(body, "of the day") {
		t.Errorf("the audit of the day has %s", body)
	}
}

// TestAudit holds who changed what: what people did, and nothing else.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, e := range []callback.Entry{
		{Kind: "menu.live", Actor: "user:sam", Name: "main.yaml", Value: "v2"},
		{Kind: "user.added", Actor: "operator", Name: "eve", Value: "agent eve"},
		{Kind: "desk.cancel", Actor: "agent:anna", Callback: "CB1", Value: "has solved it"},
		{Kind: "callback.cancelled", Actor: "api:crm", Callback: "CB2", Name: "operator_close"},
		{Kind: "callback.connected", Actor: "agent:anna", Callback: "CB3"},
		{Kind: "talk.note", Actor: "agent:anna", Name: "csat", Value: "5"},
		{Kind: "callback.booked", Actor: "caller", Callback: "CB4"},
		{Kind: "limit.reached", Actor: "desk", Name: "per_day"},
	} {
		e.At = noon.Add(time.Duration(i-8) * 24 * time.Hour)
		w.write(func(tx callback.Tx) error { return tx.Record(e) })
	}
	kinds := func(query string) string {
		_, body := w.get("/audit/audit.json?" + query)
		var found struct{ Rows []map[string]string }
		if err := json.Unmarshal([]byte(body), &found); err != nil {
			t.Fatal(err, body)
		}
		all := ""
		for _, r := range found.Rows {
			all += r["kind"] + " "
		}
		return all
	}
	for query, want := range map[string]string{
		"":                              "callback.cancelled desk.cancel user.added menu.live ",
		"who=user:sam":                  "menu.live ",
		"what=desk":                     "desk.cancel ",
		"what=nonsense":                 "callback.cancelled desk.cancel user.added menu.live ",
		"from=2026-11-17":               "callback.cancelled desk.cancel ",
		"from=2026-11-16&to=2026-11-16": "user.added ",
	} {
		if got := kinds(query); got != want {
			t.Errorf("%s: %s; want %s", query, got, want)
		}
	}
	_, body := w.get("/audit")
	for _, want := range []string{"sam (user)", "put a menu before callers", "Anna (agent)", `href="/desk/CB1"`, "has solved it", "crm (api)", "who runs the service", "added an account", "cancelled a callback"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for range pageChanges {
		w.write(func(tx callback.Tx) error {
			return tx.Record(callback.Entry{At: noon, Kind: "agent.break", Actor: "user:sam", Name: "anna"})
		})
	}
	_, body = w.get("/audit")
	older := regexp.MustCompile(`href="(/audit\?[^"]*before=[^"]+)"`).FindStringSubmatch(body)
	if len(older) != 2 {
		t.Fatal("there is no way to what is older")
	}
	if _, body = w.get(strings.ReplaceAll(older[1], "&amp;", "&")); strings.Contains(body, "is on a break") || !strings.Contains(body, "sam (user)") {
		t.Error("what is older is not on the next page")
	}
}

// TestQuestion asks anna once.
func TestQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, body := w.get("/pulse"); !strings.Contains(body, "How was the week?") {
		t.Error("anna is not asked")
	}
	if got := w.post("/pulse", url.Values{"score": {"9"}}); !strings.Contains(got.Body.String(), "Choose a number") {
		t.Error("nine of five was taken")
	}
	if got := w.post("/pulse", url.Values{"score": {"4"}, "words": {"more tea"}}); got.Code != http.StatusSeeOther {
		t.Error(got.Code)
	}
	if got := w.post("/pulse", url.Values{"score": {"1"}}); got.Code != http.StatusSeeOther {
		t.Error(got.Code)
	}
	if _, body := w.get("/pulse"); !strings.Contains(body, "no question") {
		t.Error("anna is asked twice")
	}
	var all []callback.Mood
	w.write(func(tx callback.Tx) (err error) {
		all, err = tx.Moods(noon.AddDate(0, 0, -8), noon)
		return err
	})
	if len(all) != 1 || all[0].Scores[4] != 1 || all[0].Scores[1] != 0 || all[0].Words[0] != "more tea" {
		t.Errorf("kept %+v", all)
	}
	if _, body := w.get("/reports?period=30d"); strings.Contains(body, "more tea") {
		t.Error("what one said is shown")
	}
}

// TestAuditFileIsWhole holds that a file has every change once, however many
// there are, and that one that breaks off does not look whole.
func TestAuditFileIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = 2*fileChanges + 1
	w.write(func(tx callback.Tx) error {
		for i := range all {
			if err := tx.Record(callback.Entry{At: noon, Kind: "agent.break", Actor: "user:sam", Name: strconv.Itoa(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	_, text := w.get("/audit/audit.csv")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != all+1 || rows[0][3] != "on" || rows[1][3] != strconv.Itoa(all-1) || rows[all][3] != "0" {
		t.Errorf("%d lines of CSV, %v", len(rows), err)
	}
	_, text = w.get("/audit/audit.json")
	var found struct {
		Name string
		Rows []struct{ On string }
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil || found.Name != "audit" || len(found.Rows) != all || found.Rows[all-1].On != "0" {
		t.Errorf("%d rows of JSON, %v", len(found.Rows), err)
	}
	if _, text = w.get("/audit/audit.csv?who=user:nobody"); strings.Count(text, "\n") != 1 {
		t.Errorf("of nobody: %q", text)
	}
	w.breaksOff("/audit/audit.csv", "/audit/audit.json")
}

// TestMissedFileIsWhole holds that each promise that was not kept is in the file
// once, however many there are, also of one instant, and that a file that breaks
// off does not look whole.
func TestMissedFileIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = 2*fileMissed + 1
	w.write(func(tx callback.Tx) error {
		for i := range all {
			at := noon.Add(-time.Duration(i/700) * time.Hour) // many at once
			if err := tx.Record(callback.Entry{At: at, Kind: "promise.missed", Callback: strconv.Itoa(i), Queue: "billing", Actor: "desk", Name: figures.Late, Value: "a reason"}); err != nil {
				return err
			}
		}
		return nil
	})
	whole := func(what string, n int, of func(int) string) {
		t.Helper()
		seen := map[string]bool{}
		for i := range n {
			seen[of(i)] = true
		}
		if n != all || len(seen) != all {
			t.Errorf("%s: %d rows, of %d promises; want %d", what, n, len(seen), all)
		}
	}
	_, text := w.get("/reports/missed.csv?period=today")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := len(rows[0]) - 1
	whole("CSV", len(rows)-1, func(i int) string { return rows[i+1][last] })
	one := w.table("missed", "period=today")
	whole("JSON", len(one), func(i int) string { return one[i]["callback"].(string) })
	_, text = w.get("/reports/all.json?period=today")
	var told struct {
		Zone   string
		Tables []struct {
			Name string
			Rows []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil || told.Zone != "Europe/Helsinki" || len(told.Tables) != 18 || told.Tables[2].Name != "missed" {
		t.Fatal(err, text[:min(len(text), 200)])
	}
	among := told.Tables[2].Rows
	whole("all.json", len(among), func(i int) string { return among[i]["callback"].(string) })
	if other := w.table("missed", "period=today&queue=sales"); len(other) != 0 {
		t.Errorf("sales: %d", len(other))
	}
	if _, page := w.get("/reports?period=today"); !strings.Contains(page, "The newest 200; the file has all.") {
		t.Error("the page does not say that there are more")
	}
	w.breaksOff("/reports/missed.csv?period=today", "/reports/missed.json?period=today")
}

// breaksOff holds that files do not look whole when the store is gone after the
// first page.
func (w *world) breaksOff(files ...string) {
	w.Helper()
	kept := w.Desk.Store
	defer func() { w.Desk.Store = kept }()
	for _, file := range files {
		w.Desk.Store = &brief{Store: kept, left: 2}
		site := httptest.NewServer(w.Handler())
		w.Cleanup(site.Close)
		ask, err := http.NewRequestWithContext(context.Background(), http.MethodGet, site.URL+file, nil)
		if err != nil {
			w.Fatal(err)
		}
		res, err := site.Client().Do(ask)
		if err != nil {
			w.Fatal(err)
		}
		if part, err := io.ReadAll(res.Body); err == nil || len(part) == 0 {
			w.Errorf("%s: %d bytes were told to be all, %v", file, len(part), err)
		}
		_ = res.Body.Close()
	}
}

// TestEverybodyUnhappyIsNamed holds that nobody who waits for an answer is left
// out because there are many, most of whom were answered: not on the page, which
// tells how many there are, and not in the file.
func TestEverybodyUnhappyIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const answered, waiting = 550, 60
	w.write(func(tx callback.Tx) error {
		for i := range answered + waiting {
			phone, id := callback.Phone(fmt.Sprintf("+35840%07d", i)), strconv.Itoa(i)
			at := noon.Add(-20*time.Hour + time.Duration(i/100)*time.Minute)
			if err := tx.Record(callback.Entry{At: at, Kind: "task", Talk: id, Callback: id, Queue: "billing", Phone: phone, Name: "unhappy customer", Value: "1 agent:anna"}); err != nil {
				return err
			}
			if i >= answered {
				continue
			}
			if err := tx.Record(callback.Entry{At: noon.Add(-time.Hour), Kind: "desk.note", Callback: id, Value: "spoke with him"}); err != nil {
				return err
			}
		}
		return nil
	})
	if rows := w.table("unhappy", "period=7d"); len(rows) != waiting || rows[0]["callback"] != strconv.Itoa(answered) {
		t.Errorf("%d of %d are in the file", len(rows), waiting)
	}
	if _, page := w.get("/reports?period=7d"); !strings.Contains(page, "The first 50 of 60; the file has all.") {
		t.Error("the page does not say that there are more")
	}
}

// A brief store can be read so often, and then no more.
type brief struct {
	callback.Store
	left int
}

// View implements [callback.Store].
func (s *brief) View(ctx context.Context, fn func(callback.Tx) error) error {
	if s.left--; s.left < 0 {
		return errors.New("the disk is gone")
	}
	return s.Store.View(ctx, fn)
}
