package desk

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := w.add(noon.Add(-4 * time.Minute))
	w.add(noon.Add(70*time.Minute), func(c *callback.Callback) { c.Owner, c.Phone, c.Lang = "anna", "+306912345678", "el" })
	w.add(noon.Add(5*time.Hour), func(c *callback.Callback) { c.Name = "" })
	w.add(noon.Add(-time.Hour), func(c *callback.Callback) { c.State, c.Agent = callback.Done, "bo" })
	w.write(func(tx callback.Tx) error {
		if err := tx.PutAsked(callback.Asked{Talk: "s", Phone: late.Phone, At: noon}); err != nil {
			return err
		}
		return tx.PutScore(callback.Score{Talk: "s", Question: "csat", Value: 2, At: noon})
	})
	got := w.ask(anna, "/", nil)
	body := got.Body.String()
	for _, want := range []string{
		"11:56", "4 min late", "in 1 h 10 min", "…001", "2 of 5", "kept · Bo", "el <time", "waits · Anna", ">Number</a>",
		`>Team <span class="count">3</span>`, `>Mine <span class="count">1</span>`, `>Overdue <span class="count">1</span>`,
		`>Next two hours <span class="count">1</span>`, `>Done <span class="count">1</span>`, `aria-pressed="true">Available`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, string(late.Phone)) || strings.Count(body, "<tr role=\"row\" id=") != 4 {
		t.Errorf("the page has whole numbers, or %d rows", strings.Count(body, "<tr role=\"row\" id="))
	}
	policy := got.Header().Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(body, " style=") || strings.Contains(body, " onclick") {
		t.Errorf("the policy is %s", policy)
	}
	for view, rows := range map[string]int{"team": 3, "my": 1, "overdue": 1, "next": 1, "done": 1, "nonsense": 3} {
		body := w.ask(anna, "/?view="+view, nil).Body.String()
		if shown := 4 - strings.Count(body, `" hidden><td`); shown != rows {
			t.Errorf("%s shows %d rows, want %d", view, shown, rows)
		}
	}
}

// Of a view those rows alone are shown that have all words which are asked for:
// by name, last digits, queue, language or owner, without marks. The views are
// counted whole.
func TestFindInTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Name, c.Owner = "Matti Meikäläinen", "bo" })
	w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Name, c.Queue, c.Lang = "Ελένη Παππάς", "sales", "el" })
	w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Name, c.Topic = "Meiklejohn", "delivery" })
	for words, rows := range map[string]int{
		"": 3, "meikal": 1, "MEIK": 2, "meik bo": 1, "003": 1, "sales": 1, "παππασ": 1, "delivery": 1, "el": 2, "nobody": 0, "meik sales": 0,
	} {
		body := w.ask(super, "/?only="+url.QueryEscape(words), nil).Body.String()
		said := `id="empty" role="status"></p>`
		if rows < 3 {
			said = fmt.Sprintf(`id="empty" role="status">Not shown: %d without these words.`, 3-rows)
		}
		if shown := 3 - strings.Count(body, `" hidden><td`); shown != rows || !strings.Contains(body, said) {
			t.Errorf("%q: %d rows, want %d, and %s", words, shown, rows, said)
		}
		if !strings.Contains(body, `>Team <span class="count">3</span>`) || !strings.Contains(body, `name="only" type="search" value="`+words+`"`) {
			t.Errorf("%q is forgotten, or changes the views", words)
		}
	}
}

// Shortly before midnight the desk shows what comes after it, and no more of the
// next day, whether the page is opened or open already.
func TestBeforeMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = time.Date(2026, 11, 23, 21, 50, 0, 0, time.UTC) // 23:50 in Helsinki
	soon, later := w.add(w.now.Add(25*time.Minute)), w.add(w.now.Add(3*time.Hour))
	over := w.add(w.now.Add(40*time.Minute), func(c *callback.Callback) { c.State = callback.CancelledState })
	body := w.ask(anna, "/", nil).Body.String()
	for _, want := range []string{`>Team <span class="count">1</span>`, `>Next two hours <span class="count">1</span>`, "Tue 24 Nov <time>00:15</time>", soon.ID} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(body, "<tr role=\"row\" id="); n != 1 {
		t.Errorf("%d rows, want what comes soon alone", n)
	}
	for _, c := range []callback.Callback{soon, later, over} {
		if got := w.shown(c, w.now); got != (c.ID == soon.ID) {
			t.Errorf("%s at %s is told of: %t", c.State, c.At, got)
		}
	}
}

// Each deed is done over HTTP as the page does it, with its words; what is not
// done says why.
// TestAlarms: what everybody has to know stands above the list, and is no code.
func TestAlarms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if body := w.ask(anna, "/", nil).Body.String(); strings.Contains(body, `class="alarm"`) {
		t.Errorf("nothing is wrong, and the page says\n%s", body)
	}
	w.Alarms = func(context.Context) []string { return []string{"main.yaml:8: no node is called <bey>"} }
	const want = `<p class="alarm" role="alert">main.yaml:8: no node is called &lt;bey&gt;</p>`
	if body := w.ask(anna, "/", nil).Body.String(); !strings.Contains(body, want) {
		t.Errorf("%q is not in\n%s", want, body)
	}
}

func TestDeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	free, err := w.Desk.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who  Person
		deed string
		form url.Values
		code int
		want string
	}{
		{anna, "claim", nil, 200, "It is yours."},
		{bo, "claim", nil, 409, "belongs to somebody else"},
		{bo, "release", nil, 409, "belongs to somebody else"},
		{anna, "note", url.Values{"words": {"rang twice"}}, 200, "Noted."},
		{bo, "note", url.Values{"words": {"so I hear"}}, 200, "Noted."},
		{anna, "note", nil, 422, "words are missing"},
		{anna, "snooze", nil, 200, "ten minutes later"},
		{anna, "snooze", nil, 409, "breaks the promise"},
		{anna, "snooze", url.Values{"tell": {"1"}}, 200, "ten minutes later"},
		{anna, "undo", nil, 200, "Undone."},
		{anna, "undo", nil, 409, "Not undone"},
		{anna, "move", url.Values{"at": {fmt.Sprint(free[5].Unix())}}, 200, "Another time"},
		{anna, "move", url.Values{"at": {"12345"}}, 409, "taken"},
		{anna, "hand", url.Values{"to": {"bo"}}, 200, "Handed over."},
		{anna, "cancel", url.Values{"words": {"solved"}}, 409, "belongs to somebody else"},
		{super, "hand", url.Values{"to": {"eve"}}, 422, "does not work for this queue"},
		{bo, "outcome", url.Values{"to": {"solved"}}, 409, "Not done"},
		{bo, "call", nil, 200, "telephone rings"},
		{bo, "cancel", nil, 422, "words are missing"},
		{bo, "cancel", url.Values{"words": {"solved"}}, 200, "Cancelled."},
		{bo, "juggle", nil, 404, "Nobody can"},
		{bo, "state", nil, 404, "Nobody can"},
	} {
		if code, body := w.do(tt.who, c, tt.deed, tt.form); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s by %s: got %d %s, want %d %s", tt.deed, tt.who.Name, code, body, tt.code, tt.want)
		}
	}
	if got := w.ask(anna, "/desk/me", url.Values{"state": {"break"}, "reason": {"lunch"}}); got.Code != 200 {
		t.Errorf("a break: %d %s", got.Code, got.Body)
	}
	if body := w.ask(anna, "/", nil).Body.String(); !strings.Contains(body, `aria-pressed="true">Break`) || !strings.Contains(body, `value="lunch"`) {
		t.Error("the page does not show the break")
	}
	if got := w.ask(super, "/desk/me", url.Values{"state": {"break"}}); got.Code != http.StatusForbidden {
		t.Errorf("who is no agent takes a break: %d", got.Code)
	}
}

// Without a script a deed leads to the story, which tells what came of it.
func TestDeedsWithoutScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	plain := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	got := w.ask(anna, "/desk/"+c.ID+"/claim?v=0", url.Values{}, plain)
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/desk/"+c.ID+"?said=claim" {
		t.Fatalf("got %d to %s", got.Code, to)
	}
	body := w.ask(anna, got.Header().Get("Location"), nil).Body.String()
	for _, want := range []string{"It is yours.", "/undo\"><button", "Give back", string(c.Phone[1:])} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	w.now = w.now.Add(callback.UndoTime)
	if body := w.ask(anna, "/desk/"+c.ID, nil).Body.String(); strings.Contains(body, "/undo") {
		t.Error("an undo is offered after ten seconds")
	}
}

// A note that was taken back is not shown, and a colleague's is.
func TestNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	w.do(bo, c, "note", url.Values{"words": {"rang twice"}})
	w.do(anna, c, "note", url.Values{"words": {"on the wrong row"}})
	w.do(anna, c, "undo", nil)
	got := w.tale(w.storyOf(c), anna)
	if len(got.Notes) != 1 || got.Notes[0].Words != "rang twice" || got.Notes[0].What != "Bo" {
		t.Errorf("the notes are %+v", got.Notes)
	}
	if len(got.History) != 3 || !strings.Contains(got.History[0].What, "undone: noted · Anna") {
		t.Errorf("the history is %+v", got.History)
	}
}

func TestForgedDeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	for _, tt := range []struct {
		name string
		path string
		edit func(*http.Request)
		code int
	}{
		{"another site", "/claim?v=0", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
		{"another site's frame", "/claim?v=0", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"no version", "/claim", func(*http.Request) {}, 400},
		{"a GET", "/claim?v=0", func(r *http.Request) { r.Method = http.MethodGet }, 405},
	} {
		if got := w.ask(anna, "/desk/"+c.ID+tt.path, url.Values{}, tt.edit); got.Code != tt.code {
			t.Errorf("%s: got %d, want %d", tt.name, got.Code, tt.code)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, r)
	if got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "Aino") {
		t.Errorf("a stranger gets %d", got.Code)
	}
	if now, _, err := w.Desk.Show(t.Context(), c.ID); err != nil || now.Owner != "" {
		t.Errorf("it belongs to %q, %v", now.Owner, err)
	}
}

// Nobody sees, or does anything with, what is another queue's; of what he may
// not see he does not learn that it exists.
func TestOthersRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30*time.Minute), func(c *callback.Callback) { c.Name = "Canary" })
	paths := map[string]url.Values{"/": nil, "/desk/" + c.ID: nil, "/desk/" + c.ID + "?part=1": nil}
	for deed := range map[string]bool{"claim": true, "release": true, "call": true, "snooze": true, "move": true, "cancel": true, "hand": true, "note": true, "outcome": true, "undo": true} {
		paths["/desk/"+c.ID+"/"+deed+"?v=0"] = url.Values{"words": {"x"}, "to": {"solved"}}
	}
	nobody := Person{Name: "new"}
	for path, form := range paths {
		for _, p := range []Person{eve, nobody} {
			got := w.ask(p, path, form)
			if path != "/" && got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "Canary") {
				t.Errorf("%s for %s: %d %.80s", path, p.Name, got.Code, got.Body)
			}
		}
	}
	for _, p := range []Person{anna, bo, super} {
		for _, path := range []string{"/", "/desk/" + c.ID} {
			if got := w.ask(p, path, nil); got.Code != 200 || !strings.Contains(got.Body.String(), "Canary") {
				t.Errorf("%s for %s: %d", path, p.Name, got.Code)
			}
		}
	}
	if got, want := w.ask(eve, "/desk/nothing", nil).Body.String(), w.ask(eve, "/desk/"+c.ID, nil).Body.String(); got != want {
		t.Errorf("what is another's is told apart: %q, %q", got, want)
	}
}

// What others wrote stays words, wherever it is shown.
func TestCanaries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\u202e\r\nevent: row\r\n"
	c := w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Name, c.Topic, c.Note, c.Lang = evil, evil, evil, evil })
	w.write(func(tx callback.Tx) error {
		for _, err := range []error{
			tx.AddText(callback.InText{Line: "text", ID: "1", From: c.Phone, Body: evil}, noon),
			tx.AddMessage(callback.Message{ID: "m", Kind: "text", To: string(c.Phone), Body: evil, DoneAt: noon, Status: "sent"}),
			tx.PutAsked(callback.Asked{Talk: "s", Phone: c.Phone, At: noon}),
			tx.PutScore(callback.Score{Talk: "s", Question: "csat", Value: 1, Words: evil, At: noon}),
			tx.Record(callback.Entry{At: noon, Kind: "task", Callback: c.ID, Name: evil, Actor: evil, Value: evil}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if code, body := w.do(anna, c, "note", url.Values{"words": {evil}}); code != 200 {
		t.Fatal(code, body)
	}
	row, err := markup(w.row(c, 1, anna, w.now))
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{row, wire(1, "row", string(row))}
	for _, path := range []string{"/", "/desk/" + c.ID, "/desk/" + c.ID + "?part=1", "/desk/find?q=" + url.QueryEscape(evil), "/?said=" + url.QueryEscape(evil) + "&view=" + url.QueryEscape(evil)} {
		got := w.ask(anna, path, nil)
		if got.Code != 200 {
			t.Errorf("%s: %d", path, got.Code)
		}
		all = append(all, got.Body.Bytes())
	}
	for _, phone := range []string{evil, "0401230000"} {
		form := w.letter("phone", phone, "name", evil, "lang", evil, "topic", evil, "note", evil, "at", evil, "key", evil)
		all = append(all, w.ask(anna, "/desk/new", form, asPage).Body.Bytes(), w.ask(anna, "/desk/new", form).Body.Bytes())
	}
	for i, page := range all {
		for _, never := range []string{"<script>", "<img", "\u202e"} {
			if bytes.Contains(page, []byte(never)) {
				t.Errorf("page %d has %q", i, never)
			}
		}
	}
	if bytes.Count(all[1], []byte("\n")) != 4 {
		t.Errorf("an event in several lines: %q", all[1])
	}
	if story := string(all[3]); strings.Count(story, "alert(1)") < 7 {
		t.Errorf("the story keeps quiet about some words: %d", strings.Count(story, "alert(1)"))
	}
}

// Beside a text of ours stands as how many messages it is billed.
func TestTextsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Desk.Messages = func(body string) int { return len(body) }
	c := w.add(noon.Add(time.Hour))
	w.write(func(tx callback.Tx) error {
		return tx.AddMessage(callback.Message{ID: "m", Kind: "text", To: string(c.Phone), Body: "abc", DoneAt: noon, Status: "sent"})
	})
	if page := w.ask(anna, "/desk/"+c.ID, nil).Body.String(); !strings.Contains(page, "to the customer · 3 SMS") {
		t.Errorf("the story does not tell what the text took: %s", page)
	}
}

// A page of 500 rows is at most 60 KB on the wire, with all that it loads; the
// second time, it loads nothing.
func TestPageIsSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rows(500)
	got := w.ask(anna, "/", nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, br") })
	if n := got.Body.Len(); n > 60<<10 || n < 5<<10 || got.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes, %s", n, got.Header().Get("Content-Encoding"))
	}
	all := got.Body.Len()
	for name := range statics {
		squeezed := func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }
		part := w.ask(anna, address(name), nil, squeezed)
		all += part.Body.Len()
		if part.Code != http.StatusOK || !strings.Contains(part.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %s", name, part.Code, part.Header().Get("Cache-Control"))
		}
		if old := w.ask(anna, "/desk/"+name+"?v=old", nil); old.Header().Get("Cache-Control") != "no-cache" || old.Body.String() != string(statics[name].body) {
			t.Errorf("%s of another version may be kept: %s", name, old.Header().Get("Cache-Control"))
		}
		if same := w.ask(anna, "/desk/"+name, nil, func(r *http.Request) { r.Header.Set("If-None-Match", part.Header().Get("ETag")) }); same.Code != http.StatusNotModified {
			t.Errorf("%s is sent again: %d", name, same.Code)
		}
	}
	if all > 60<<10 {
		t.Errorf("%d bytes in all", all)
	}
	t.Logf("%d bytes, %d in all", got.Body.Len(), all)
	if plain := w.ask(anna, "/", nil); plain.Header().Get("Content-Encoding") != "" || strings.Count(plain.Body.String(), "<tr role=\"row\" id=") != 500 {
		t.Error("who takes no gzip gets something else than 500 rows")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for words, found := range map[string]bool{"lasku": true, "PREHLED": true, "weeks": true, "nonsense": false, "": false} {
		for _, path := range []string{"/desk/find?q=", "/desk/find?part=1&q="} {
			body := w.ask(anna, path+url.QueryEscape(words), nil).Body.String()
			if strings.Contains(body, "When it is due") != found {
				t.Errorf("%q finds %t", words, !found)
			}
		}
	}
	c := w.add(noon.Add(time.Hour))
	if body := w.ask(anna, "/desk/"+c.ID, nil).Body.String(); !strings.Contains(body, "When it is due") || !strings.Contains(body, "number of the invoice") {
		t.Error("the story lacks the article or the checklist")
	}
}

// The page says how far away a promise is in the words of its script.
func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "now", 29 * time.Second: "now", 31 * time.Second: "in 1 min", -29 * time.Second: "now", -31 * time.Second: "1 min late",
		-4 * time.Minute: "4 min late", 7 * time.Minute: "in 7 min", 70 * time.Minute: "in 1 h 10 min", 49 * time.Hour: "in 2 d 1 h",
	} {
		if got, late := inWords(d); got != want || late != strings.HasSuffix(want, "late") {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	for _, s := range callback.States() {
		if states[s] == "" {
			t.Errorf("%s has no words", s)
		}
	}
}
