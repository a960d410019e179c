package main

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/accounts"
)

// A door says who may open a route, and which test looks at its page in four
// windows; that of this package finds pages by itself.
type door struct {
	who  []accounts.Role
	seen string // "" for what is no page
}

var (
	anyone   = accounts.Anyone()
	users    = accounts.Roles()
	managers = []accounts.Role{accounts.Supervisor, accounts.Admin}
	admins   = []accounts.Role{accounts.Admin}
)

// doors are all routes of the service. The API, whose every operation is tried
// with every scope in its own tests, is described by itself.
func doors() map[string]door {
	all := map[string]door{
		"GET /{$}": {users, "desk.TestPagesAreForEverybody"}, "GET /desk/{id}": {users, "desk.TestPagesAreForEverybody"}, "GET /desk/find": {users, "desk.TestPagesAreForEverybody"}, "GET /desk/new": {users, "desk.TestPagesAreForEverybody"}, "GET /desk/agents": {managers, "main.TestDayInBrowser"}, "GET /desk/list": {users, "main.TestPagesInBrowser"},
		"GET /wall":    {managers, "wall.TestWallIsForEverybody"},
		"GET /reports": {managers, "reports.TestPagesAreForEverybody"}, "GET /audit": {managers, "reports.TestPagesAreForEverybody"}, "GET /pulse": {users, "reports.TestPagesAreForEverybody"},
		"GET /login": {anyone, "main.TestDayInBrowser"}, "GET /welcome/{token}": {anyone, "main.TestDayInBrowser"}, "GET /account": {users, "main.TestDayInBrowser"},
		"GET /users": {admins, "main.TestPagesInBrowser"}, "GET /calendar": {users, "main.TestPagesInBrowser"}, "GET /menus/{$}": {managers, "main.TestPagesInBrowser"},
		"GET /menus/edit": {managers, "main.TestPagesInBrowser"}, "GET /menus/prompts": {managers, "main.TestPagesInBrowser"},
		"GET /phone/{$}": {users, "main.TestPagesInBrowser"}, "GET /demo/sms": {users, "main.TestPagesInBrowser"},
		"GET /api/v1/docs": {anyone, "main.TestPagesInBrowser"}, "GET /menus/form": {managers, "main.TestMenusInTheBrowser"},
		"GET /c/{token}": {anyone, "web.TestPagesKeepNobodyOut"}, "GET /s/{token}": {anyone, "web.TestPagesKeepNobodyOut"}, "GET /call/{queue}": {anyone, "web.TestPagesKeepNobodyOut"},
	}
	for _, group := range []struct {
		who    []accounts.Role
		routes string
	}{
		{anyone, "GET /style.css, GET /menu.schema.json, GET /healthz, GET /readyz, GET /metrics, GET /survey.css, GET /promise.js, GET /f/{token}, " +
			"POST /c/{token}, POST /s/{token}, POST /call/{queue}, POST /login, GET /account.css, GET /account.js, POST /welcome/{token}, " +
			"GET /login/oidc, GET /login/oidc/callback, POST /login/passkey/begin, POST /login/passkey/finish, " +
			"POST /welcome/{token}/passkey/begin, POST /welcome/{token}/passkey/finish, " +
			"GET /api/v1/openapi.json, GET /api/v1/openapi-3.0.json, GET /api/v1/docs.css, GET /problems/{name}"},
		{users, "GET /desk/events, GET /desk/list.csv, GET /desk/{id}/message/{name}, GET /desk/stream.js, GET /desk/desk.js, GET /desk/desk.css, POST /desk/me, POST /desk/me/transfer, POST /desk/new, POST /desk/{id}/undo, POST /desk/{id}/{deed}, POST /pulse, POST /demo/sms, GET /demo/outbox.js, " +
			"GET /phone/booth.js, GET /phone/booth.css, GET /phone/events, GET /phone/sound, POST /phone/key, POST /phone/pace, POST /phone/call, POST /phone/answer, POST /phone/hangup, " +
			"POST /calendar, POST /account/password, POST /account/passkey/begin, POST /account/passkey/finish, POST /account/passkey/remove, POST /account/signout, POST /logout"},
		{managers, "POST /desk/agents, GET /wall/wall.js, GET /wall/wall.css, GET /reports/{file}, GET /audit/{file}, " +
			"GET /menus/drawing.svg, POST /menus/check, POST /menus/publish, POST /menus/rollback, POST /menus/try, POST /menus/replay, POST /menus/trial, POST /menus/reload, POST /menus/greeting, POST /menus/shift, " +
			"GET /menus/prompts/play, POST /menus/prompts/upload, POST /menus/prompts/back, GET /menus/alarms, GET /menus/alarms.js, GET /menus/editor.js, GET /menus/editor.css, GET /api/v1/events"},
		{admins, "POST /users"},
	} {
		for pattern := range strings.SplitSeq(group.routes, ", ") {
			all[pattern] = door{who: group.who}
		}
	}
	return all
}

// mounts lead to routes of other packages, which are read there.
var mounts = []string{
	"/desk/", "/phone/", "/menus/", "/api/v1/", "/problems/", "GET /wall/", "GET /reports/", "GET /audit/", "/pulse",
}

// made are the patterns that the sources put together as they run, by how that
// is written. The webhooks of carriers let in who can sign, as their own tests
// see.
var made = map[string][]string{
	`"POST " + of + "/passkey/begin"`:  {"POST /welcome/{token}/passkey/begin", "POST /account/passkey/begin"},
	`"POST " + of + "/passkey/finish"`: {"POST /welcome/{token}/passkey/finish", "POST /account/passkey/finish"},
	`"POST /phone/" + path`:            {"POST /phone/call", "POST /phone/answer", "POST /phone/hangup"},
	`path`:                             {"GET /reports", "GET /reports/", "GET /audit", "GET /audit/", "/pulse"},
	`pattern`:                          nil, // of the rules of accounts, whose routes are read there
}

// routesIn reads the routes that the sources of the pages register.
func routesIn(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pkg := range []string{"web", "accounts", "desk", "wall", "reports", "editor", "booth", "api"} {
		for _, file := range glob(t, "../../internal/"+pkg+"/*.go") {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(src, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) != 2 {
					return true
				}
				if method, ok := call.Fun.(*ast.SelectorExpr); ok && (method.Sel.Name == "HandleFunc" || method.Sel.Name == "Handle") {
					all = append(all, patterns(t, file, call.Args[0])...)
				}
				return true
			})
		}
	}
	return all
}

func patterns(t *testing.T, file string, e ast.Expr) []string {
	t.Helper()
	if text, ok := folded(e); ok {
		return []string{text}
	}
	as := asWritten(e)
	found, known := made[as]
	if !known {
		t.Errorf("%s registers %s, which this test cannot read", file, as)
	}
	return found
}

// folded is what an expression of constants says.
func folded(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		return "/api/v1", e.Name == "Prefix"
	case *ast.BinaryExpr:
		x, ok1 := folded(e.X)
		y, ok2 := folded(e.Y)
		return x + y, ok1 && ok2
	}
	return "", false
}

// asWritten is an expression as it is written.
func asWritten(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value
	case *ast.Ident:
		return e.Name
	case *ast.BinaryExpr:
		return asWritten(e.X) + " + " + asWritten(e.Y)
	}
	return "something else"
}

// TestEveryRouteHasADoor fails when a route is new: somebody must say who may
// open it, and have its page looked at.
func TestEveryRouteHasADoor(t *testing.T) {
	t.Parallel()
	table, there := doors(), map[string]bool{}
	for _, pattern := range routesIn(t) {
		there[pattern] = true
		if _, known := table[pattern]; !known && !slices.Contains(mounts, pattern) {
			t.Errorf("who may open %s?", pattern)
		}
	}
	for pattern, d := range table {
		if !there[pattern] {
			t.Errorf("there is no %s any more", pattern)
		}
		if pkg, name, page := strings.Cut(d.seen, "."); page && !tested(t, pkg, name) {
			t.Errorf("no %s looks at %s", d.seen, pattern)
		}
	}
	if len(table) < 80 {
		t.Errorf("only %d routes", len(table))
	}
}

// tested reports whether there is a test.
func tested(t *testing.T, pkg, name string) bool {
	t.Helper()
	dir := filepath.Join("..", "..", "internal", pkg)
	if pkg == "main" {
		dir = "."
	}
	for _, file := range glob(t, filepath.Join(dir, "*_test.go")) {
		if src, err := os.ReadFile(file); err == nil && strings.Contains(string(src), "\nfunc "+name+"(t *testing.T) {") {
			return true
		}
	}
	return false
}

// TestRolesAndRoutes opens every route of a service that runs as everybody.
// Who may not learns nothing, and of pages there are none but those that are
// looked at.
func TestRolesAndRoutes(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), io.Discard, demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	site := "http://" + st.service.http.Addr().String()
	err = st.during(t.Context(), func(serving context.Context) error {
		table := doors()
		for _, role := range append(users, "") {
			v := visitor{T: t, role: role, site: site, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			if role != "" {
				v.welcome(st.account(serving, t, accounts.User{Name: string(role), Role: role, Agent: demoAgent}))
			}
			for pattern, d := range table {
				if pattern != "POST /logout" && pattern != "POST /account/signout" { // they end the session
					v.tries(pattern, d)
				}
			}
			if role == accounts.Admin { // who may do all else
				v.fromElsewhere(table)
			}
			v.tries("POST /account/signout", table["POST /account/signout"])
			v.describedOperations()
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A visitor is somebody, or nobody, who has signed in.
type visitor struct {
	*testing.T
	role   accounts.Role
	site   string
	client *http.Client
}

func (v *visitor) welcome(link string) {
	v.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.Fatal(err)
	}
	v.client.Jar = jar
	res, err := v.client.PostForm(link, url.Values{"password": {"a long pass phrase"}})
	if err != nil {
		v.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		v.Fatalf("%s does not come in: %d", v.role, res.StatusCode)
	}
}

// tries opens a route, and compares what happens with what is said of its door.
func (v *visitor) tries(pattern string, d door) {
	v.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{id}", "none", "{deed}", "claim", "{token}", "none", "{queue}", demoQueue, "{name}", "invalid", "{file}", "none.csv").Replace(path)
	code, kind, body := v.open(method, path)
	refused := code == http.StatusUnauthorized || code == http.StatusForbidden
	may := len(d.who) == 0 || slices.Contains(d.who, v.role)
	switch {
	case may && len(d.who) > 0 && refused && !slices.Contains(ownRefusals, pattern):
		v.Errorf("%q is kept from %s: %d %.120s", v.role, pattern, code, body)
	case may && code == http.StatusUnauthorized, code >= 500 && code != http.StatusServiceUnavailable:
		v.Errorf("%s answers %q with %d %.120s", pattern, v.role, code, body)
	case !may && !refused:
		v.Errorf("%q opens %s: %d %.120s", v.role, pattern, code, body)
	case may && code == http.StatusOK && method == http.MethodGet && strings.HasPrefix(kind, "text/html") && d.seen == "":
		v.Errorf("nobody looks at the page %s", pattern)
	}
}

// fromElsewhere has a page of another site send every form of the service, and ask
// for every operation: none of them does anything, though the browser has the
// session.
func (v *visitor) fromElsewhere(table map[string]door) {
	v.Helper()
	patterns, forms := slices.Collect(maps.Keys(table)), map[string]bool{}
	for _, pattern := range routesIn(v.T) {
		if method, _, one := strings.Cut(pattern, " "); one && method != http.MethodGet {
			forms[pattern] = true
		}
	}
	for path, methods := range v.operations() {
		for method := range methods {
			patterns = append(patterns, strings.ToUpper(method)+" "+path)
			if method != "get" {
				forms[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	for _, pattern := range patterns {
		method, path, _ := strings.Cut(pattern, " ")
		if method == http.MethodGet {
			continue
		}
		delete(forms, pattern)
		path = strings.NewReplacer("{$}", "", "{id}", "none", "{deed}", "claim", "{token}", "none", "{queue}", demoQueue, "{name}", "none", "{agent}", demoAgent).Replace(path)
		for _, from := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}}} {
			if code, body := v.send(method, path, from); code != http.StatusForbidden || !strings.Contains(body, "cross-origin") {
				v.Errorf("another site may %s, by %v: %d %.120s", pattern, from, code, body)
			}
		}
	}
	for pattern := range forms {
		v.Errorf("no other site tries %s", pattern)
	}
}

// send asks as a page of another site does.
func (v *visitor) send(method, path string, from http.Header) (code int, body string) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, v.site+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	req.Header = from
	res, err := v.client.Do(req)
	if err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, string(all)
}

// ownRefusals say no for reasons of their own to who may ask.
var ownRefusals = []string{"POST /desk/me/transfer", "POST /account/password", "POST /account/passkey/begin", "POST /account/passkey/finish"}

func (v *visitor) open(method, path string) (code int, kind, body string) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, v.site+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	if kind = res.Header.Get("Content-Type"); kind != "text/event-stream" && path != "/phone/sound" { // which do not end
		all, err := io.ReadAll(res.Body)
		if err != nil {
			v.Fatalf("%s %s: %v", method, path, err)
		}
		body = string(all)
	}
	return res.StatusCode, kind, body
}

// operations are all that the API describes, by path and method.
func (v *visitor) operations() map[string]map[string]any {
	v.Helper()
	_, _, spec := v.open(http.MethodGet, "/api/v1/openapi.json")
	var api struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal([]byte(spec), &api); err != nil || len(api.Paths) < 12 {
		v.Fatalf("%d paths are described: %v", len(api.Paths), err)
	}
	return api.Paths
}

// describedOperations asks all that the API describes: whoever has signed out,
// or in nowhere, learns nothing.
func (v *visitor) describedOperations() {
	v.Helper()
	for path, methods := range v.operations() {
		for method := range methods {
			path := strings.NewReplacer("{id}", "none", "{agent}", demoAgent, "{name}", "none").Replace(path)
			if code, _, body := v.open(strings.ToUpper(method), path); code != http.StatusUnauthorized {
				v.Errorf("%s %s answers a stranger with %d %s", method, path, code, body)
			}
		}
	}
}
