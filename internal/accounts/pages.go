package accounts

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

//go:embed *.html account.css account.js
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// OwnRules say who may open the pages of [Registry.Handler].
func OwnRules() Rules {
	return Rules{
		"GET /login":             Anyone(),
		"POST /login":            Anyone(),
		"GET /account.css":       Anyone(),
		"GET /welcome/{token}":   Anyone(),
		"POST /welcome/{token}":  Anyone(),
		"POST /logout":           Roles(),
		"GET /account":           Roles(),
		"POST /account/password": Roles(),
		"POST /account/signout":  Roles(),
		"GET /calendar":          Roles(), // of whom, the page decides
		"POST /calendar":         Roles(),
		"GET /users":             {Admin},

		"GET /account.js":                      Anyone(),
		"GET /login/oidc":                      Anyone(),
		"GET /login/oidc/callback":             Anyone(),
		"POST /login/passkey/begin":            Anyone(),
		"POST /login/passkey/finish":           Anyone(),
		"POST /welcome/{token}/passkey/begin":  Anyone(),
		"POST /welcome/{token}/passkey/finish": Anyone(),
		"POST /account/passkey/begin":          Roles(),
		"POST /account/passkey/finish":         Roles(),
		"POST /account/passkey/remove":         Roles(),
		"POST /users":                          {Admin},
	}
}

// Handler returns the pages on which people sign in, and look after accounts.
// It stands behind [Registry.Guard].
func (g *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", g.loginPage)
	mux.HandleFunc("POST /login", g.login)
	mux.HandleFunc("POST /logout", g.logout)
	mux.HandleFunc("GET /welcome/{token}", g.welcomePage)
	mux.HandleFunc("POST /welcome/{token}", g.welcome)
	mux.HandleFunc("GET /account", g.accountPage)
	mux.HandleFunc("POST /account/password", g.newPassword)
	mux.HandleFunc("POST /account/signout", g.signOutAll)
	mux.HandleFunc("GET /calendar", g.calendarPage)
	mux.HandleFunc("POST /calendar", g.changeCalendars)
	mux.HandleFunc("GET /users", g.usersPage)
	mux.HandleFunc("POST /users", g.changeUsers)
	mux.HandleFunc("GET /login/oidc", g.leave)
	mux.HandleFunc("GET /login/oidc/callback", g.arrive)
	mux.HandleFunc("POST /login/passkey/begin", g.beginLogin)
	mux.HandleFunc("POST /login/passkey/finish", g.finishLogin)
	for _, of := range []string{"/welcome/{token}", "/account"} {
		mux.HandleFunc("POST "+of+"/passkey/begin", g.beginPasskey)
		mux.HandleFunc("POST "+of+"/passkey/finish", g.finishPasskey)
	}
	mux.HandleFunc("POST /account/passkey/remove", g.dropPasskey)
	mux.HandleFunc("GET /account.css", static)
	mux.HandleFunc("GET /account.js", static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			plain(w, http.StatusRequestEntityTooLarge, "The form is too large, or is none.\n")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func static(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/"))
}

// explain says in words what went wrong, and nothing that helps who guesses.
func (g *Registry) explain(w http.ResponseWriter, err error, code int) (string, int) {
	if many, ok := errors.AsType[*TooManyError](err); ok {
		wait := many.Wait.Round(time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
		return "Too many tries. Wait " + wait.String() + ", or ask an admin for a link.", http.StatusTooManyRequests
	}
	switch {
	case errors.Is(err, ErrRefused):
		return "Name and password do not fit.", code
	case errors.Is(err, ErrPassword):
		return sentence(ErrPassword), http.StatusUnprocessableEntity
	case errors.Is(err, callback.ErrNotFound):
		return "There is no such account, or the link is over.", http.StatusNotFound
	}
	for _, told := range []error{ErrName, ErrKnown, ErrRole, ErrAgent, ErrLast, errMany, ErrFeeds} {
		if errors.Is(err, told) {
			return sentence(told), http.StatusUnprocessableEntity
		}
	}
	g.Log.Error("account not used", "err", err)
	return "That did not work just now. Try again in a minute.", http.StatusServiceUnavailable
}

func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func (g *Registry) show(w http.ResponseWriter, code int, name string, data any) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		g.Log.Error("page not shown", "err", err)
		plain(w, http.StatusInternalServerError, "This page cannot be shown.\n")
		return
	}
	// The script, which asks devices for passkeys, is our own.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(cmp.Or(code, http.StatusOK))
	_, _ = out.WriteTo(w) // the client may have gone
}
