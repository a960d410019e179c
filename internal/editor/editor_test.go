package editor_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

func greeting(words string) string {
	return fmt.Sprintf("start: hello\nstuck: ring\nnodes:\n  hello: {do: say, say: {en: %q}, then: ring}\n"+
		"  ring: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end}\n", words)
}

// A world is an editor of one menu, and a browser that keeps its cookie.
type world struct {
	*testing.T
	*editor.Editor
	file   string
	cookie *http.Cookie
	user   *accounts.User // who has signed in, if anybody has
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, file: filepath.Join(t.TempDir(), "main.yaml"), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	if err := os.WriteFile(w.file, []byte(greeting("<b>one</b>")), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := ivr.Parse(w.file, []byte(greeting("<b>one</b>")))
	if err != nil {
		t.Fatal(err)
	}
	now, log := func() time.Time { return w.now }, slog.New(slog.DiscardHandler)
	d := &callback.Desk{Store: storetest.New(t), Log: log, Now: now, Menus: map[string]*ivr.Menu{"main": m}}
	k := &menus.Keeper{
		Desk: d, Store: d.Store, Menus: d.Menus, Files: map[string]string{"main": w.file}, Wrong: map[string]error{},
		Read: func(string, func(string)) (*ivr.Menu, error) { return m, nil }, Parse: ivr.Parse, Now: now, Log: log,
	}
	if err := k.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Editor = &editor.Editor{
		Menus: k, Advise: func(*ivr.Menu) []ivr.Mistake { return []ivr.Mistake{{Line: 4, Text: "too long"}} },
		Try: func(w io.Writer, _ *ivr.Menu, s editor.Scene) error {
			_, err := fmt.Fprintf(w, "pressed %v at %q, open %q, %d agents, wait %s, %q calls, %t, %t, in %q", s.Keys, s.At, s.Open, s.Agents, s.Wait, s.Name, s.VIP, s.Booking, s.Lang)
			return err
		},
		Replay: func(_ context.Context, w io.Writer, menu string, draft *ivr.Menu) error {
			_, err := fmt.Fprintf(w, "talks of %s in %s", menu, draft.Version())
			return err
		},
		Worst:  func(_ context.Context, menu string, m *ivr.Menu) string { return menu + " " + m.Version() + " <b>" },
		Speaks: func(lang string) string { return lang },
		Draw: func(w io.Writer, _ *http.Request, menu string, _ *ivr.Menu) error {
			_, err := fmt.Fprintf(w, "<svg>%s</svg>", menu)
			return err
		},
		Zone: time.UTC, Now: now, Log: log,
	}
	return w
}

// ask makes a request, with a form when there is one.
func (w *world) ask(path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w.cookie != nil {
		r.AddCookie(w.cookie)
	}
	got := w.serve(r)
	for _, c := range got.Result().Cookies() {
		w.cookie = c
	}
	return got
}

// serve answers a request of who has signed in.
func (w *world) serve(r *http.Request) *httptest.ResponseRecorder {
	if w.user != nil {
		r = r.WithContext(accounts.With(r.Context(), *w.user))
	}
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, r)
	return got
}

func (w *world) comeIn() {
	w.Helper()
	if got := w.ask("/menus/?key="+w.Key("anna"), nil); got.Code != http.StatusSeeOther || w.cookie == nil {
		w.Fatalf("a key opens with %d", got.Code)
	}
}

// Nobody is let in without a key, and a key opens once, for a while.
func TestDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paths := []string{
		"/menus/", "/menus/edit?menu=main", "/menus/drawing.svg?menu=main", "/menus/check", "/menus/publish", "/menus/rollback",
		"/menus/try", "/menus/replay", "/menus/trial", "/menus/reload", "/menus/form?menu=main", "/menus/greeting", "/menus/shift", "/menus/?key=guess", "/menus/editor.js",
	}
	refused := func(why string) {
		t.Helper()
		for _, path := range paths {
			for _, form := range []url.Values{nil, {"menu": {"main"}, "text": {greeting("x")}}} {
				if got := w.ask(path, form); got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "start:") {
					t.Errorf("%s: %s answers %d", why, path, got.Code)
				}
			}
		}
	}
	refused("no cookie")
	w.cookie = &http.Cookie{Name: "holdless_menus", Value: "guess"}
	refused("a cookie of one's own")
	key := w.Key("anna")
	w.now = w.now.Add(6 * time.Minute)
	if got := w.ask("/menus/?key="+key, nil); got.Code != http.StatusForbidden {
		t.Errorf("an old key opens with %d", got.Code)
	}
	key, w.Origin = w.Key("anna"), "https://desk.example.com"
	w.ask("/menus/?key="+key, nil)
	if c := w.cookie; !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/menus/" {
		t.Errorf("the cookie is %+v", c)
	}
	if got := w.ask("/menus/", nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "/menus/edit?menu=main") {
		t.Errorf("the list answers %d: %s", got.Code, got.Body)
	}
	if got := w.ask("/menus/?key="+key, nil); got.Code != http.StatusForbidden {
		t.Errorf("a key opens twice: %d", got.Code)
	}
	w.now = w.now.Add(13 * time.Hour)
	refused("after half a day")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.comeIn()
	page := w.ask("/menus/edit?menu=main", nil)
	body, policy := page.Body.String(), page.Header().Get("Content-Security-Policy")
	if strings.Contains(body, "<b>") || !strings.Contains(body, "&lt;b&gt;one") || !strings.Contains(body, "Callers hear just this") {
		t.Errorf("the page is %s", body)
	}
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(body, " style=") || strings.Contains(body, " onclick") {
		t.Errorf("the policy is %s", policy)
	}
	tests := []struct {
		name, path, text string
		code             int
		want             []string
	}{
		{"right", "check", greeting("two"), 200, []string{"changes for callers", "hello says &#34;two&#34;", "too long"}},
		{"the same", "check", greeting("<b>one</b>"), 200, []string{"Callers hear just this"}},
		{"broken", "check", "start: [\n", 200, []string{"Not right yet", "data-line="}},
		{"try", "try", greeting("two"), 200, []string{"pressed [1 2] at &#34;Sat 21:00&#34;, open &#34;no&#34;, 0 agents, wait 7m0s, &#34;Aino&#34; calls, false, true, in &#34;en&#34;", "two", `<option value="no" selected>`}},
		{"try what is broken", "try", "start: [", 200, []string{"Not right yet"}},
		{"replay", "replay", greeting("two"), 200, []string{"talks of main in " + version(t, greeting("two")), "hello says &#34;two&#34;", "Worst node: main " + version(t, greeting("<b>one</b>")) + " &lt;b&gt;."}},
		{"replay what is broken", "replay", "start: [", 200, []string{"Not right yet", `<pre id="replayed">`}},
		{"publish what is broken", "publish", "start: [", 422, []string{"Not published", "start: ["}},
	}
	for _, tt := range tests {
		got := w.ask("/menus/"+tt.path, url.Values{
			"menu": {"main"}, "text": {strings.ReplaceAll(tt.text, "\n", "\r\n")}, "keys": {"1 2"}, "at": {" Sat 21:00 "},
			"open": {"no"}, "agents": {"0"}, "wait": {"7"}, "name": {"Aino"}, "booking": {"yes"}, "lang": {"en"},
		})
		if got.Code != tt.code {
			t.Errorf("%s: got %d, want %d", tt.name, got.Code, tt.code)
		}
		for _, want := range tt.want {
			if !strings.Contains(got.Body.String(), want) {
				t.Errorf("%s: %q is not in\n%s", tt.name, want, got.Body)
			}
		}
	}
	for _, path := range []string{"/menus/edit?menu=none", "/menus/drawing.svg?menu=none"} {
		if got := w.ask(path, nil); got.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", path, got.Code)
		}
	}
	if got := w.ask("/menus/drawing.svg?menu=main", nil); got.Body.String() != "<svg>main</svg>" {
		t.Errorf("the drawing is %s", got.Body)
	}
}

func TestPublishAndPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.comeIn()
	_, base, err := w.Menus.Text("main")
	if err != nil {
		t.Fatal(err)
	}
	first := w.Menus.Desk.Live().Menus["main"].Version()
	publish := func(words string) *httptest.ResponseRecorder {
		t.Helper()
		return w.ask("/menus/publish", url.Values{"menu": {"main"}, "base": {base}, "text": {greeting(words)}})
	}
	if got := publish("two"); got.Code != http.StatusSeeOther {
		t.Fatalf("published with %d: %s", got.Code, got.Body)
	}
	if got := publish("three"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "somebody else") {
		t.Errorf("published over another's change with %d", got.Code)
	}
	if src, err := os.ReadFile(w.file); err != nil || string(src) != greeting("two") {
		t.Errorf("the file has %s, %v", src, err)
	}
	if got := w.ask("/menus/rollback", url.Values{"menu": {"main"}, "to": {"nothing"}}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("put back what never was with %d", got.Code)
	}
	if got := w.ask("/menus/rollback", url.Values{"menu": {"main"}, "to": {first}}); got.Code != http.StatusSeeOther {
		t.Errorf("put back with %d: %s", got.Code, got.Body)
	}
	if got := w.Menus.Desk.Live().Menus["main"].Version(); got != first {
		t.Errorf("version %s is live, want %s", got, first)
	}
	changes, err := w.Menus.Changes(t.Context(), 1)
	if err != nil || changes[0].By != "browser:anna" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
}

func version(t *testing.T, text string) string {
	t.Helper()
	m, err := ivr.Parse("main.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m.Version()
}

// TestTrialOnThePage has a share of the callers meet a text, and ends the trial
// in both ways; a trial that is no more changes nothing.
func TestTrialOnThePage(t *testing.T) {
	t.Parallel()
	for do, words := range map[string]string{"promote": "two", "withdraw": "<b>one</b>"} {
		w := newWorld(t)
		w.comeIn()
		got := w.ask("/menus/publish", url.Values{"menu": {"main"}, "text": {"canary: 10%\n" + greeting("two")}})
		if got.Code != http.StatusSeeOther || !strings.Contains(got.Header().Get("Location"), "done=trial") {
			t.Fatalf("published with %d: %s", got.Code, got.Body)
		}
		page := w.ask(got.Header().Get("Location"), nil).Body.String()
		for _, want := range []string{"Published on trial", "On trial: 10% of the callers hear version " + version(t, greeting("two")), `id="promote"`, `id="withdraw"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q: %s", want, page)
			}
		}
		end := func() *httptest.ResponseRecorder {
			return w.ask("/menus/trial", url.Values{"menu": {"main"}, "do": {do}})
		}
		if got := end(); got.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %s", do, got.Code, got.Body)
		}
		now := w.Menus.Desk.Live()
		if src, err := os.ReadFile(w.file); err != nil || len(now.Trials) > 0 || now.Menus["main"].Version() != version(t, greeting(words)) || string(src) != greeting(words) {
			t.Errorf("%s: live is %s, the file has %s, %v", do, now.Menus["main"].Source(), src, err)
		}
		if got := end(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "no version of main is on trial") {
			t.Errorf("%s, with nothing on trial: %d", do, got.Code)
		}
		if page := w.ask("/menus/edit?menu=main", nil).Body.String(); strings.Contains(page, "On trial: ") {
			t.Errorf("the page shows a trial still: %s", page)
		}
	}
}
