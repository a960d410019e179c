package reports

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
)

var (
	sectionOf = regexp.MustCompile(`(?s)<section id="([a-z-]+)".*?</section>`)
	headOf    = regexp.MustCompile(`<th scope="col"[^>]*>([^<]*)</th>`)
	rowOf     = regexp.MustCompile(`(?s)<tr><th scope="row">.*?</tr>`)
	cellOf    = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	tags      = regexp.MustCompile(`<[^>]*>`)
)

// onPage reads the tables of a page, by name.
func onPage(body string) map[string][][]string {
	all := map[string][][]string{}
	for _, section := range sectionOf.FindAllStringSubmatch(body, -1) {
		rows := [][]string{}
		for _, row := range rowOf.FindAllString(section[0], -1) {
			var cells []string
			for _, cell := range cellOf.FindAllStringSubmatch(row, -1) {
				cells = append(cells, html.UnescapeString(tags.ReplaceAllString(cell[1], "")))
			}
			rows = append(rows, cells)
		}
		all[section[1]] = rows
	}
	return all
}

// says reports whether words on the page say what a file does. What names a row is
// called otherwise in files.
func says(words, value string, names bool) bool {
	if words == value {
		return true
	}
	if value == "" {
		return words == none || words == "too few" || words == "over 2 h" || words == "deleted" || words == ""
	}
	low, high, between := strings.Cut(value, " to ")
	if between {
		a, b := near(low), near(high)
		return slices.ContainsFunc([]string{"%.0f–%.0f %%", "%+.0f to %+.0f", "%.1f to %.1f"}, func(format string) bool {
			scale := 1.0
			if strings.Contains(format, "–") {
				scale = 100
			}
			return words == fmt.Sprintf(format, scale*a, scale*b)
		})
	}
	n, err := strconv.ParseFloat(value, 64)
	if at, wrong := time.Parse(time.RFC3339, value); wrong == nil {
		zone, _ := time.LoadLocation("Europe/Helsinki")
		return words == at.In(zone).Format("2 Jan 15:04")
	}
	if day, wrong := time.Parse(time.DateOnly, value); wrong == nil {
		return words == day.Format("Mon 2 Jan") || words == day.Format("2 Jan 2006")
	}
	if err != nil {
		return names && words != "" && words != none
	}
	size, s := math.Abs(n), ""
	if n < 0 {
		s = "−"
	}
	whole := int(math.Round(size))
	return slices.Contains([]string{
		value, value + " of 5", value + ":00", fmt.Sprintf("%d %%", int(100*n+1e-6)), fmt.Sprintf("%.0f %%", 100*n), fmt.Sprintf("%.1f", n),
		fmt.Sprintf("%s%d:%02d", s, whole/60, whole%60), fmt.Sprintf("%s%d:%02d:%02d", s, whole/3600, whole/60%60, whole%60),
		fmt.Sprintf("%+.0f", n),
	}, words) || strings.HasPrefix(words, fmt.Sprintf("%+.0f (", n)) || strings.HasPrefix(words, fmt.Sprintf("%.1f (", n)) ||
		strings.HasPrefix(words, fmt.Sprintf("about %d h %d min, ", whole/3600, whole/60%60))
}

func near(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64) // what is none makes no words that are on a page
	return n
}

// plainly writes what JSON holds as CSV does.
func plainly(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	}
	return ""
}

// TestPageAndFilesSayTheSame compares each cell of each table: on the page, as CSV,
// as JSON, and in the file that has all of them.
func TestPageAndFilesSayTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.month()
	w.people()
	w.team("fine")
	w.measure(2, figures.Said("ces", 6), 11, 0, map[string]string{figures.ByAgent: "anna", figures.ByTopic: "invoice", figures.ByLang: "fi"})
	for _, query := range []string{
		"period=30d", "period=30d&by=topic&step=week&variant=positive&within=60", "period=30d&by=language&heat=abandoned", "period=30d&by=agent&sort=csat", "period=today&queue=sales",
	} {
		code, body := w.get("/reports?" + query)
		page := onPage(body)
		if code != 200 || len(page) < 18 {
			t.Fatalf("%s: %d, %d tables", query, code, len(page))
		}
		_, text := w.get("/reports/all.json?" + query)
		var all struct {
			Tables []struct {
				Name string
				Rows []map[string]any
			}
		}
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			t.Fatal(err)
		}
		cells := 0
		for _, table := range all.Tables {
			_, text := w.get("/reports/" + table.Name + ".csv?" + query)
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			one := w.table(table.Name, query)
			if err != nil || len(rows) != len(table.Rows)+1 || len(one) != len(table.Rows) || len(page[table.Name]) != len(table.Rows) {
				t.Fatalf("%s, %s: %d rows of CSV, %d and %d of JSON, %d on the page; %v", query, table.Name, len(rows)-1, len(one), len(table.Rows), len(page[table.Name]), err)
			}
			for i, row := range rows[1:] {
				for j, key := range rows[0] {
					cells++
					if plainly(table.Rows[i][key]) != row[j] || plainly(one[i][key]) != row[j] {
						t.Errorf("%s, %s of %s, row %d: %q as CSV, %v and %v as JSON", query, key, table.Name, i, row[j], one[i][key], table.Rows[i][key])
					}
					if shown := page[table.Name][i]; j < len(shown) && !says(shown[j], row[j], j == 0) {
						t.Errorf("%s, %s of %s, row %d: %q on the page, %q in the file", query, key, table.Name, i, shown[j], row[j])
					}
				}
			}
		}
		if cells < 100 {
			t.Errorf("%s: %d cells were compared", query, cells)
		}
	}
}

// TestGroupsAddUp holds that groups have what was counted of them and of nobody
// else, and all together what the row All has, but for what nobody did.
func TestGroupsAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type of struct{ queue, topic, lang, agent string }
	each := map[of]int{}
	w.write(func(tx callback.Tx) error {
		for i, one := range []of{
			{"billing", "invoice", "fi", "anna"},
			{"billing", "invoice", "sv", "bo"},
			{"billing", "", "fi", "anna"},
			{"sales", "offer", "", "eve"},
			{"sales", "invoice", "en", "gone"}, // who is not in the configuration any more
			{"sales", "offer", "fi", ""},       // who broke it was nobody
		} {
			n := 1 << i // each sum is of one set of them
			each[one] = n
			m := callback.Measure{Queue: one.queue, Since: time.Date(2026, 11, 20, 0, 0, 0, 0, w.Zone), Parts: map[string]string{figures.ByTopic: one.topic, figures.ByLang: one.lang}}
			if one.agent != "" {
				m.Parts[figures.ByAgent] = one.agent
			}
			for _, name := range []string{figures.Kept, figures.Talking, figures.Answered, figures.Said("csat", 5), figures.Resolved} {
				m.Count = figures.Count{Name: name, N: n, Time: time.Duration(n) * time.Minute}
				if err := tx.Measure(m); err != nil {
					return err
				}
			}
		}
		return nil
	})
	column := map[string]string{"promises": "kept", "said": "csat_n", "service": "handled"}
	for by, name := range map[string]func(of) string{
		"queue": func(o of) string { return o.queue }, "topic": func(o of) string { return o.topic },
		"language": func(o of) string { return o.lang }, "agent": func(o of) string { return o.agent },
	} {
		for _, queue := range []string{"", "sales"} {
			want, whole := map[string]float64{}, 0.0
			for one, n := range each {
				if queue != "" && one.queue != queue {
					continue
				}
				whole += float64(n)
				if by != "agent" || one.agent != "" {
					want[name(one)] += float64(n)
				}
			}
			for table, key := range column {
				rows := w.table(table, "period=7d&by="+by+"&queue="+queue)
				if rows[0]["of"] != "all" || rows[0][key] != whole || len(rows) != len(want)+1 {
					t.Errorf("%s by %s in %q: All has %v of %v; %d groups, want %d", table, by, queue, rows[0][key], whole, len(rows)-1, len(want))
				}
				for _, row := range rows[1:] {
					if group := row["of"].(string); row[key] != want[group] {
						t.Errorf("%s by %s in %q: %q has %v, want %v", table, by, queue, group, row[key], want[group])
					}
				}
			}
		}
	}
	if _, body := w.get("/reports?period=7d&by=agent"); strings.Count(body, "What is nobody’s doing is in the row All only.") != 3 {
		t.Error("the page does not say why agents do not add up to all")
	}
	if _, body := w.get("/reports?period=7d&by=topic"); strings.Contains(body, "nobody’s doing") || !strings.Contains(body, "no topic") {
		t.Error("the page says of topics what holds of agents")
	}
}

// TestManualHasEveryFigure compares the manual with the page and the wall: each
// figure that is shown is in the manual, and it names no table that is not there.
func TestManualHasEveryFigure(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/supervisors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, manual, found := strings.Cut(string(src), "\n### Each figure\n")
	manual, _, _ = strings.Cut(manual, "\n## ")
	named := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \|`).FindAllStringSubmatch(manual, -1) {
		for title := range strings.SplitSeq(row[1], " / ") {
			named[strings.ToLower(title)] = true
		}
	}
	if !found || len(named) < 30 {
		t.Fatalf("the manual tells of %d figures", len(named))
	}
	w := newWorld(t)
	w.month()
	w.people()
	shown := map[string]bool{"figure": true, "---": true}
	plain := strings.NewReplacer("&#43;", "+", "&gt;", ">")
	for _, by := range []string{"queue", "agent"} {
		_, body := w.get("/reports?period=30d&by=" + by)
		for _, section := range sectionOf.FindAllStringSubmatch(body, -1) {
			if slices.Contains([]string{"promises", "said", "service", "effort", "funnel"}, section[1]) {
				for _, head := range headOf.FindAllStringSubmatch(section[0], -1) {
					shown[strings.ToLower(plain.Replace(head[1]))] = true
				}
			}
		}
		for _, row := range onPage(body)["effort"] {
			shown[strings.ToLower(row[0])] = true
		}
	}
	for _, is := range []string{"queue", "agent", "value", "customers who", "how many", "figure"} { // no figures
		delete(shown, is)
	}
	delete(named, "figure")
	delete(named, "---")
	delete(shown, "---")
	for title := range shown {
		if !named[title] {
			t.Errorf("the manual lacks %q", title)
		}
	}
	for title := range named {
		if !shown[title] {
			t.Errorf("the manual tells of %q, which no page shows", title)
		}
	}
}
