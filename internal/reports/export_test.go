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
)

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
