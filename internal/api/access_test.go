package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/accounts"
)

// TestScopes asks everything that is described with every scope, and as every
// role: no operation is open by mistake.
func TestScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := map[accounts.Scope]string{}
	for _, scope := range accounts.Scopes() {
		tokens[scope] = w.key(scope)
	}
	spec := w.described()
	for path, methods := range spec.Paths {
		for method, op := range methods {
			needs := accounts.Scope(strings.TrimSuffix(strings.TrimPrefix(op.Description, "Needs the scope "), "."))
			if !slices.Contains(accounts.Scopes(), needs) {
				t.Fatalf("%s %s says %q", method, path, op.Description)
			}
			to := strings.NewReplacer("{id}", "none", "{agent}", "none", "{name}", "none").Replace(path)
			refuses(t, w.ask("", strings.ToUpper(method), to, ""), 401, "not-signed-in")
			for scope, token := range tokens {
				res := w.askBriefly(token, strings.ToUpper(method), to)
				if (res.Code == http.StatusForbidden) != (scope != needs) {
					t.Errorf("%s lets %s %s: %d", scope, method, path, res.Code)
				}
			}
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.key()
	says[any](t, w.ask(good, "GET", "/api/v1/queues", ""), 200)
	for _, forged := range []string{"x", "hl_", "hl_" + strings.Repeat("A", 26), strings.ToLower(good), good + " ", strings.Repeat("hl_", 5000)} {
		if res := w.ask(forged, "GET", "/api/v1/queues", ""); res.Code != 401 && strings.TrimSpace(forged) != good {
			t.Errorf("%.40q: got %d", forged, res.Code)
		}
	}
	for _, auth := range []string{"Basic eDp5", "Basic " + good, "Bearer", "Bearer  ", good} {
		if res := w.ask("", "GET", "/api/v1/queues", "", "Authorization: "+auth); res.Code != 401 || res.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: got %d", auth, res.Code)
		}
	}
	all, err := w.users.Keys(t.Context())
	if err != nil || len(all) != 1 || strings.Contains(fmt.Sprint(all), good) {
		t.Fatalf("got %v, %v", all, err)
	}
	if err := w.users.RevokeKey(t.Context(), all[0].Name, "test"); err != nil {
		t.Fatal(err)
	}
	refuses(t, w.ask(good, "GET", "/api/v1/queues", ""), 401, "not-signed-in")
}

// An agent who has signed in sets himself, and nobody else.
func TestAgentsInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(u accounts.User, method, path, body string) int { return w.asUser(u, method, path, body).Code }
	anna := accounts.User{Name: "anna", Role: accounts.Agent, Agent: "anna"}
	for who, want := range map[accounts.User]int{
		anna: 200, {Name: "bo", Role: accounts.Agent, Agent: "bo"}: 403, {Name: "x", Role: accounts.Agent}: 403, {Name: "sam", Role: accounts.Supervisor}: 200,
	} {
		if got := ask(who, "PUT", "/api/v1/agents/anna/state", `{"state": "break"}`); got != want {
			t.Errorf("%s: got %d, want %d", who.Name, got, want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Config.PerSecond = 5
	key, other := w.key(), w.key()
	for i := range 10 {
		if res := w.ask(key, "GET", "/api/v1/queues", ""); res.Code != 200 || res.Header().Get("RateLimit-Remaining") != fmt.Sprint(9-i) {
			t.Fatalf("request %d: %d, %s left", i, res.Code, res.Header().Get("RateLimit-Remaining"))
		}
	}
	res := w.ask(key, "GET", "/api/v1/queues", "")
	refuses(t, res, 429, "too-many-requests")
	if res.Header().Get("Retry-After") != "1" || res.Header().Get("RateLimit-Limit") != "10" || res.Header().Get("RateLimit-Reset") != "2" {
		t.Errorf("got %v", res.Header())
	}
	if res := w.ask(other, "GET", "/api/v1/queues", ""); res.Code != 200 {
		t.Errorf("another key pays for it: %d", res.Code)
	}
}
