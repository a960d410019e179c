package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestPagesInBrowser looks at the pages of the service as it runs: nothing keeps
// anybody out, light and dark, wide and narrow. It opens each route that the
// sources register, and looks at whatever answers with HTML; only what the tests
// of another package look at with more on it is left to them. So a new page is
// looked at before anybody thinks of it.
func TestPagesInBrowser(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // else nobody would have to sign in
	site := "http://" + st.service.http.Addr().String()
	err = st.during(t.Context(), func(serving context.Context) error {
		st.comesIn(serving, ctx, t, accounts.User{Name: "ada", Role: accounts.Admin, Agent: demoAgent})
		v := visitor{T: t, role: accounts.Admin, site: site, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
		v.welcome(st.account(serving, t, accounts.User{Name: "eve", Role: accounts.Admin, Agent: demoAgent}))
		token := strings.TrimPrefix(st.account(serving, t, accounts.User{Name: "sam", Role: accounts.Supervisor}), site+"/welcome/")
		looked := 0
		for _, path := range append(v.pages(token), append(refusals, "/menus/edit?menu=main", "/menus/?key=over")...) {
			looked++
			pagetest.Drive(ctx, t, path, pagetest.Windows()[0].Open(), chromedp.Navigate(site+path), pagetest.Holds("document.readyState === `complete` && document.querySelector(`h1`)"))
			if path == "/api/v1/docs" {
				pagetest.Picture(ctx, t, "api-docs-light-1280.png", "api-docs-light-1280.png")
			}
			judge.LookAll(ctx, t, path)
		}
		v.triesOften()
		for _, s := range slips(token) {
			pagetest.Drive(ctx, t, s.words, s.sent(), pagetest.Shows(".alarm, .notice", s.words))
			judge.LookAll(ctx, t, s.words)
		}
		if looked < 10 {
			t.Errorf("only %d pages", looked)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// refusals are pages that say why there is none.
var refusals = []string{"/nothing", "/desk/none", "/call/none", "/welcome/none", "/menus/edit?menu=none", "/reports?period=none"}

// A slip is a form of which something is said on the page that answers: what is
// wrong with it, or which link was made.
type slip struct {
	path, words string
	fields      map[string]string
}

func slips(welcome string) []slip {
	return []slip{
		{"/welcome/" + welcome, "12 letters at least", map[string]string{"password": "short"}},
		{"/account/password", "Not changed. Name and password do not fit.", map[string]string{"old": "none", "password": "another horse battery"}},
		{"/users", "Nothing has changed.", map[string]string{"do": "add", "name": "ada", "role": "agent"}},
		{"/users", "Give this link to", map[string]string{"do": "add", "name": "new", "role": "agent"}},
		{"/calendar", "Nothing has changed:", map[string]string{"do": "end", "id": "none"}},
		{"/calendar", "follow this address", map[string]string{"do": "add", "agent": demoAgent, "label": "telephone"}},
		{"/login", "Too many tries.", map[string]string{"name": "eve", "password": "none"}},
	}
}

// sent fills in the form without the page that has it, and sends it.
func (s slip) sent() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		fields, err := json.Marshal(s.fields)
		if err != nil {
			return err
		}
		return chromedp.Evaluate(fmt.Sprintf(`(() => { const form = document.createElement("form"); form.method = "post"; form.action = %q;
			for (const [name, value] of Object.entries(%s)) { const i = document.createElement("input"); i.name = name; i.value = value; form.append(i) }
			document.body.append(form); form.submit() })()`, s.path, fields), nil).Do(ctx)
	})
}

// triesOften guesses at a password from where all others come, too, until nobody
// may try from there.
func (v *visitor) triesOften() {
	v.Helper()
	for range 40 {
		res, err := v.client.PostForm(v.site+"/login", url.Values{"name": {"eve"}, "password": {"none"}})
		if err != nil {
			v.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	v.Error("a password may be guessed at for ever")
}

// pages are the routes that answer with HTML, but for those that the tests of
// other packages look at.
func (v *visitor) pages(welcome string) (all []string) {
	v.Helper()
	table := doors()
	fill := strings.NewReplacer("{$}", "", "{id}", "none", "{queue}", demoQueue, "{name}", "none", "{file}", "none.csv")
	for _, pattern := range routesIn(v.T) {
		method, path, _ := strings.Cut(pattern, " ")
		elsewhere := table[pattern].seen != "" && !strings.HasPrefix(table[pattern].seen, "main.")
		if method != http.MethodGet || elsewhere || slices.Contains(mounts, pattern) {
			continue
		}
		if path = fill.Replace(path); path == "/welcome/{token}" {
			path = "/welcome/" + welcome
		}
		code, kind, _ := v.open(method, strings.ReplaceAll(path, "{token}", "none"))
		switch page := strings.HasPrefix(kind, "text/html") && code < 300; {
		case page:
			all = append(all, strings.ReplaceAll(path, "{token}", "none"))
		case table[pattern].seen == "main.TestPagesInBrowser" && path != "/menus/edit" && path != "/menus/form":
			v.Errorf("%s is no page: %d %s", pattern, code, kind)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
