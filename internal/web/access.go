package web

import (
	"maps"
	"net/http"

	"github.com/holdless/holdless/internal/accounts"
)

// access says who may open what. What is not here is open to nobody: a new page
// is put here, or stays unseen.
var access = accounts.Rules{
	"GET /{$}":            accounts.Roles(),
	"/desk/":              accounts.Roles(), // which rows, the desk decides
	"/phone/":             accounts.Roles(),
	"GET /wall":           {accounts.Supervisor, accounts.Admin},
	"GET /wall/":          {accounts.Supervisor, accounts.Admin},
	"GET /reports":        {accounts.Supervisor, accounts.Admin},
	"GET /reports/":       {accounts.Supervisor, accounts.Admin},
	"GET /audit":          {accounts.Supervisor, accounts.Admin},
	"GET /audit/":         {accounts.Supervisor, accounts.Admin},
	"/pulse":              accounts.Roles(), // asked of agents alone
	"GET /demo/sms":       accounts.Roles(),
	"POST /demo/sms":      accounts.Roles(),
	"GET /demo/outbox.js": accounts.Roles(),

	// Each of these lets in only whom it knows, or tells nothing.
	"GET /healthz":          accounts.Anyone(),
	"GET /readyz":           accounts.Anyone(),
	"GET /metrics":          accounts.Anyone(),
	"GET /menu.schema.json": accounts.Anyone(),
	"GET /style.css":        accounts.Anyone(),
	"GET /survey.css":       accounts.Anyone(),
	"GET /promise.js":       accounts.Anyone(),
	"/call/{queue}":         accounts.Anyone(),
	"/c/{token}":            accounts.Anyone(),
	"/f/{token}":            accounts.Anyone(),
	"/s/{token}":            accounts.Anyone(),
	"/api/v1/":              accounts.Anyone(),
	"/problems/":            accounts.Anyone(),
	"/menus/":               accounts.Anyone(), // by role, or with a link that is made in the shell
}

// guarded puts the accounts before all pages.
func (s *Server) guarded(pages *http.ServeMux) http.Handler {
	if s.Accounts == nil {
		return pages
	}
	rules := maps.Clone(access)
	for path := range s.Hooks {
		rules[path] = accounts.Anyone()
	}
	own := s.Accounts.Handler()
	for pattern, roles := range accounts.OwnRules() {
		rules[pattern] = roles
		pages.Handle(pattern, own)
	}
	return s.Accounts.Guard(rules, pages)
}
