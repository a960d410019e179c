package desk

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// TestPaper holds who finds what on the list that prints, and in the file for
// spreadsheets, and that no cell of it is a formula.
func TestPaper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.day()
	w.add(noon, func(c *callback.Callback) { c.Name, c.Note = "=cmd()", "<b>bold" })
	for _, tt := range []struct {
		who  Person
		rows int
		page []string // words that are on it
		none []string // and that are not
	}{
		{anna, 5, []string{"Callbacks of Anna", "Aino Virtanen", "invoice 8812", "tried before", "&lt;b&gt;bold"}, []string{"Jana", "Rhys"}},
		{bo, 6, []string{"Callbacks of Bo", "Jana", "yours"}, []string{"Rhys"}},
		{super, 6, []string{"Callbacks of sam", "Jana"}, []string{"Rhys", "yours"}},
		{eve, 0, []string{"No callbacks are promised for today."}, []string{"Aino"}},
	} {
		page, file := w.ask(tt.who, "/desk/list", nil), w.ask(tt.who, "/desk/list.csv", nil)
		for _, words := range tt.page {
			if !strings.Contains(page.Body.String(), words) {
				t.Errorf("%s: the page lacks %q: %s", tt.who.Name, words, page.Body)
			}
		}
		for _, words := range tt.none {
			if strings.Contains(page.Body.String()+file.Body.String(), words) {
				t.Errorf("%s finds %q", tt.who.Name, words)
			}
		}
		rows, err := csv.NewReader(strings.NewReader(file.Body.String())).ReadAll()
		if err != nil || len(rows) != tt.rows+1 || tt.rows > 0 && !strings.Contains(file.Body.String(), ",'=cmd(),") {
			t.Errorf("%s: the file is %q, %v", tt.who.Name, rows, err)
		}
		if name := file.Header().Get("Content-Disposition"); name != `attachment; filename="callbacks-2026-11-23.csv"` || file.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%s: the file is %q", tt.who.Name, name)
		}
	}
	for _, path := range []string{"/desk/list", "/desk/list.csv"} {
		if got := w.ask(Person{}, path, nil); strings.Contains(got.Body.String(), "Aino") {
			t.Errorf("%s shows strangers %d %s", path, got.Code, got.Body)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, path := range []string{"/desk/list", "/desk/list.csv"} {
		if got := w.ask(anna, path, nil, func(r *http.Request) { *r = *r.WithContext(gone) }); got.Code != http.StatusServiceUnavailable {
			t.Errorf("without a store %s answers %d", path, got.Code)
		}
	}
}
