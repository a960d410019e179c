package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/lists"
)

// canary is what a stranger may write: a formula, a tag, letters that turn the
// direction of writing, and lines of a calendar.
const canary = `=cmd|'/c calc'!A1"><script>alert(1)</script>` + "\u202e\r\nATTENDEE:mailto:evil@example.com\r\n"

// A cage is a service in which a stranger has written the canary wherever one
// can write.
type cage struct {
	*testing.T
	*service
	handler http.Handler
	kept    callback.Callback
	key     string
}

func newCage(t *testing.T) *cage {
	t.Helper()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	c.Mail.From = "desk@example.com"
	c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1:9", Email: "anna@example.com", Calendar: true}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, quiet(), parts{now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	s.accounts.Guest = &accounts.User{Name: "sam", Role: accounts.Admin, Agent: "anna"}
	w := &cage{T: t, service: s, handler: s.pages.Handler()}
	if w.key, err = s.accounts.AddKey(t.Context(), "crm", accounts.Scopes(), "test"); err != nil {
		t.Fatal(err)
	}
	w.books()
	w.writes()
	return w
}

// ask sends a request through all the handlers of the service.
func (w *cage) ask(method, path, body string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+w.key)
		r.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code/100 != 2 {
		w.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if kind := rec.Header().Get("X-Content-Type-Options"); kind != "nosniff" {
		w.Errorf("%s may be taken for what it is not: %q", path, kind)
	}
	return rec
}

// books has a program pass the canary on, in all that it says of a customer.
func (w *cage) books() {
	w.Helper()
	body, err := json.Marshal(map[string]string{
		"queue": "billing", "phone": "+358401234567", "name": canary, "topic": canary, "note": canary, "owner": "anna",
	})
	if err != nil {
		w.Fatal(err)
	}
	var made struct{ ID string }
	if err := json.Unmarshal(w.ask(http.MethodPost, "/api/v1/callbacks", string(body)).Body.Bytes(), &made); err != nil {
		w.Fatal(err)
	}
	if w.kept, _, err = w.desk.Show(w.Context(), made.ID); err != nil || w.kept.Name != canary {
		w.Fatalf("booked %+v, %v", w.kept, err)
	}
}

// writes has the customer write the canary, as a text and in a survey, and a
// promise to him broken for its sake.
func (w *cage) writes() {
	w.Helper()
	if _, err := w.desk.Reply(w.Context(), callback.InText{Line: "text", ID: "1", From: w.kept.Phone, Body: canary}); err != nil {
		w.Fatal(err)
	}
	at := w.with.now().Add(-time.Minute)
	err := w.store.Update(w.Context(), func(tx callback.Tx) error {
		return errors.Join(
			tx.PutAsked(callback.Asked{Talk: "survey", Callback: w.kept.ID, Phone: w.kept.Phone, Queue: "billing", At: at}),
			tx.PutScore(callback.Score{Talk: "survey", Question: "csat", Value: 1, Words: canary, At: at}),
			tx.Record(callback.Entry{
				At: at, Kind: "task", Talk: "survey", Callback: w.kept.ID, Queue: "billing", Phone: w.kept.Phone, Actor: "desk", Name: "unhappy customer", Value: "1 agent:anna",
			}),
			tx.Record(callback.Entry{At: at, Kind: "promise.missed", Callback: w.kept.ID, Queue: "billing", Phone: w.kept.Phone, Actor: "desk", Name: canary, Value: canary}),
			tx.Record(callback.Entry{At: at, Kind: "menu.live", Actor: "user:" + canary, Name: canary, Value: canary}),
		)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// isPage holds that a page has the words of the canary, and nothing of it that
// lives.
func (w *cage) isPage(name, body string) {
	w.Helper()
	if !strings.Contains(body, html.EscapeString("<script>alert(1)")) {
		w.Errorf("%s has no canary: %s", name, body)
	}
	for _, never := range []string{"<script>", "\u202e"} {
		if strings.Contains(body, never) {
			w.Errorf("%s has %q", name, never)
		}
	}
}

// isTable holds that no cell of a file is a formula.
func (w *cage) isTable(name, body string) {
	w.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !strings.Contains(body, "'=cmd|") {
		w.Errorf("%s has no canary: %q, %v", name, body, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=@\t\r", rune(cell[0])) {
				w.Errorf("%s: a cell is %q", name, cell)
			}
		}
	}
}

// isCalendar holds that nobody is invited by the canary.
func (w *cage) isCalendar(name, body string) {
	w.Helper()
	whole := strings.NewReplacer("\r\n ", "", "\r\n\t", "").Replace(body) // RFC 5545, 3.1: lines are folded
	if !strings.Contains(whole, "alert(1)") || strings.Contains(whole, "\nATTENDEE:mailto:evil") || strings.Contains(whole, "\u202e") {
		w.Errorf("%s has no canary, or one that lives: %q", name, whole)
	}
}

// TestCanariesEverywhere has a stranger write tags, formulas and lines of
// calendars, and looks at all that shows them: they stay words.
func TestCanariesEverywhere(t *testing.T) {
	t.Parallel()
	w := newCage(t)
	for _, page := range []string{"/?view=team", "/desk/" + w.kept.ID, "/desk/" + w.kept.ID + "?part=1", "/desk/list", "/wall", "/reports?period=today&by=topic", "/audit"} {
		w.isPage(page, w.ask(http.MethodGet, page, "").Body.String())
	}
	for _, file := range []string{"/reports/missed.csv?period=today", "/reports/unhappy.csv?period=today", "/audit/audit.csv", "/desk/list.csv"} {
		w.isTable(file, w.ask(http.MethodGet, file, "").Body.String())
	}
	token, err := w.accounts.AddFeed(t.Context(), "anna", "", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	w.isCalendar("the feed", w.ask(http.MethodGet, "/f/"+token, "").Body.String())
}

// TestCanariesInLists does likewise with the list of an agent in each of its
// forms, and with the letters that have it.
func TestCanariesInLists(t *testing.T) {
	t.Parallel()
	w := newCage(t)
	list := w.config.listOf("anna", []callback.Callback{w.kept}, w.with.now())
	holds := map[string]func(name, body string){"csv": w.isTable, "html": w.isPage, "ics": w.isCalendar, "text": w.isLine}
	for name, form := range forms {
		w.isForm(name, form, list, holds[name])
	}
	for _, what := range []string{callback.ListLetter, callback.InviteLetter} {
		l, err := w.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: what, Callback: w.kept.ID})
		if err != nil {
			t.Fatal(what, err)
		}
		if l.HTML != "" || what == callback.ListLetter {
			w.isPage(what, l.HTML)
		}
		w.isLine(what, l.Text)
		w.isCalendar(what, l.Calendar)
		if strings.ContainsAny(l.Subject, "\r\n\u202e") {
			t.Errorf("%s: the subject is %q", what, l.Subject)
		}
	}
}

func (w *cage) isForm(name string, form func(lists.List, io.Writer) error, list lists.List, hold func(name, body string)) {
	w.Helper()
	var out strings.Builder
	if err := form(list, &out); err != nil || hold == nil {
		w.Fatalf("nobody looks at the form %s: %v", name, err)
	}
	hold(name, out.String())
}

// isLine holds that the canary is on the line of its customer.
func (w *cage) isLine(name, body string) {
	w.Helper()
	if !strings.Contains(body, "alert(1)") || strings.Contains(body, "\nATTENDEE") || strings.ContainsAny(body, "\r\u202e") {
		w.Errorf("%s has no canary, or one that lives: %q", name, body)
	}
}

// TestCanariesInTheAPI gets back from the API what was written, as JSON that no
// browser takes for a page.
func TestCanariesInTheAPI(t *testing.T) {
	t.Parallel()
	w := newCage(t)
	res := w.ask(http.MethodGet, "/api/v1/callbacks/"+w.kept.ID, "")
	var got struct{ Name, Topic, Note string }
	if err := json.Unmarshal(res.Body.Bytes(), &got); err != nil || got.Name != canary || got.Topic != canary || got.Note != canary {
		t.Errorf("%+v, %v", got, err)
	}
	if kind := res.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("it is %q", kind)
	}
}
