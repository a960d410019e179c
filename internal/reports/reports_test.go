package reports

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
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
