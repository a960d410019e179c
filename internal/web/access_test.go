package web

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestAccess tries every path with every role: who may not does not come to it.
func TestAccess(t *testing.T) {
	t.Parallel()
	rules := accounts.OwnRules()
	maps.Copy(rules, access)
	pages := http.NewServeMux()
	for pattern := range rules {
		pages.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "inside") })
	}
	for _, role := range append(accounts.Roles(), "") {
		g := &accounts.Registry{Store: storetest.New(t), Config: accounts.Defaults(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		if role != "" {
			g.Guest = &accounts.User{Name: "x", Role: role}
		}
		guarded := g.Guard(rules, pages)
		for pattern, roles := range rules {
			want := len(roles) == 0 || slices.Contains(roles, role)
			method, path, ok := strings.Cut(pattern, " ")
			if !ok {
				method, path = http.MethodGet, pattern
			}
			path = strings.NewReplacer("{$}", "", "{token}", "x").Replace(path)
			w := httptest.NewRecorder()
			r := httptest.NewRequest(method, path, nil)
			r.Host = "localhost:8080" // guests are let in nowhere else
			guarded.ServeHTTP(w, r)
			if got := w.Body.String() == "inside"; got != want {
				t.Errorf("%q opens %s: %t, want %t (%d)", role, pattern, got, want, w.Code)
			}
		}
	}
}
