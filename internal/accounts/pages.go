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

// form is what the pages to sign in show.
type form struct {
	Name   string
	Next   string
	Notice string
	New    bool // there are no users yet
	Link   string
	Other  string // what the button to the provider says; "" for none
}

func (g *Registry) form() form {
	f := form{Next: "/"}
	if g.Config.OIDC.Issuer != "" {
		f.Other = g.Config.OIDC.Label
	}
	return f
}

func (g *Registry) loginPage(w http.ResponseWriter, r *http.Request) {
	if _, ok := From(r.Context()); ok {
		http.Redirect(w, r, ours(r.FormValue("next")), http.StatusSeeOther)
		return
	}
	f := g.form()
	f.Next = ours(r.FormValue("next"))
	all, err := g.List(r.Context())
	f.New = err == nil && (len(all) == 0 || len(all) == 1 && all[0].ChangedAt.Equal(all[0].CreatedAt))
	g.show(w, http.StatusOK, "login.html", f)
}

// ours is where to go after signing in: a path of this site, and of no other.
func ours(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/login") {
		return "/"
	}
	return next
}

func (g *Registry) login(w http.ResponseWriter, r *http.Request) {
	f := g.form()
	f.Name, f.Next = strings.TrimSpace(r.PostFormValue("name")), ours(r.PostFormValue("next"))
	token, err := g.signIn(r.Context(), f.Name, r.PostFormValue("password"), from(r))
	if err == nil {
		g.keep(w, r, token)
		http.Redirect(w, r, f.Next, http.StatusSeeOther)
		return
	}
	code := http.StatusForbidden
	f.Notice, code = g.explain(w, err, code)
	g.show(w, code, "login.html", f)
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

func (g *Registry) logout(w http.ResponseWriter, r *http.Request) {
	u, _ := From(r.Context())
	if token := g.tokenOf(r); token != "" {
		if err := g.signOutOf(r.Context(), u, token); err != nil {
			g.Log.Error("session not ended", "err", err)
			plain(w, http.StatusServiceUnavailable, "You are still signed in: try again in a minute.\n")
			return
		}
	}
	g.keep(w, r, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (g *Registry) welcomePage(w http.ResponseWriter, r *http.Request) {
	name, err := g.linked(r.Context(), r.PathValue("token"))
	if err != nil {
		f := g.form()
		code := http.StatusNotFound
		f.Notice, code = g.explain(w, err, code)
		g.show(w, code, "login.html", f)
		return
	}
	g.show(w, http.StatusOK, "welcome.html", form{Name: name, Link: r.PathValue("token")})
}

func (g *Registry) welcome(w http.ResponseWriter, r *http.Request) {
	link := r.PathValue("token")
	name, err := g.linked(r.Context(), link)
	var token string
	if err == nil {
		token, err = g.choose(r.Context(), link, r.PostFormValue("password"), from(r))
	}
	if err != nil {
		f := g.form()
		f.Name, f.Link = name, link
		code := http.StatusForbidden
		f.Notice, code = g.explain(w, err, code)
		g.show(w, code, map[bool]string{true: "welcome.html", false: "login.html"}[name != ""], f)
		return
	}
	g.keep(w, r, token)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// own is what the page of one's own account shows.
type own struct {
	User     User
	Notice   string
	Password bool
	Sessions []seen
	Passkeys []Proof
	Others   []Proof
}

type seen struct {
	From, Began, Seen string
	This              bool
}

func (g *Registry) accountPage(w http.ResponseWriter, r *http.Request) {
	g.showAccount(w, r, http.StatusOK, notices[r.FormValue("done")])
}

// notices are told after a change.
var notices = map[string]string{
	"password": "The password is changed. Other browsers are signed out.",
	"ended":    "The link is taken back: it opens nothing any more.",
	"added":    "The account is made.",
	"changed":  "The account is changed.",
	"passkey":  "The passkey is kept. You can sign in with it from now on.",
	"removed":  "The passkey is removed. Remove it from your device too.",
}

func (g *Registry) showAccount(w http.ResponseWriter, r *http.Request, code int, notice string) {
	u, _ := From(r.Context())
	p := own{User: u, Notice: notice}
	err := g.Store.ViewAccounts(r.Context(), func(tx Tx) error {
		a, err := tx.Account(u.Name)
		if errors.Is(err, callback.ErrNotFound) {
			return nil // a guest
		}
		p.Password = a.Hash != ""
		sessions, err2 := tx.SessionsOf(u.Name)
		var err3, err4 error
		p.Passkeys, err3 = tx.ProofsOf(u.Name, Passkey)
		p.Others, err4 = tx.ProofsOf(u.Name, Provider)
		p.Sessions = p.Sessions[:0]
		for _, s := range sessions {
			if !g.over(s, g.Now()) {
				p.Sessions = append(p.Sessions, seen{s.From, wall(s.BeganAt), wall(s.SeenAt), s.Hash == hashOf(g.tokenOf(r))})
			}
		}
		return errors.Join(err, err2, err3, err4)
	})
	if err != nil {
		p.Notice, code = g.explain(w, err, code)
	}
	g.show(w, code, "account.html", p)
}

func wall(t time.Time) string { return t.UTC().Format("2 Jan 15:04 MST") }

func (g *Registry) newPassword(w http.ResponseWriter, r *http.Request) {
	u, _ := From(r.Context())
	if err := g.change(r.Context(), u, r.PostFormValue("old"), r.PostFormValue("password"), g.tokenOf(r)); err != nil {
		notice, code := g.explain(w, err, http.StatusForbidden)
		g.showAccount(w, r, code, "Not changed. "+notice)
		return
	}
	http.Redirect(w, r, "/account?done=password", http.StatusSeeOther)
}

func (g *Registry) signOutAll(w http.ResponseWriter, r *http.Request) {
	u, _ := From(r.Context())
	if err := g.SignOut(r.Context(), u.Name, u.Actor()); err != nil {
		notice, code := g.explain(w, err, http.StatusForbidden)
		g.showAccount(w, r, code, notice)
		return
	}
	g.keep(w, r, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// users is what the page of all accounts shows.
type users struct {
	Notice   string
	Link     string
	For      string
	Roles    []Role
	Agents   []string
	Accounts []Account
}

func (g *Registry) usersPage(w http.ResponseWriter, r *http.Request) {
	g.showUsers(w, r, http.StatusOK, users{Notice: notices[r.FormValue("done")]})
}

func (g *Registry) showUsers(w http.ResponseWriter, r *http.Request, code int, p users) {
	all, err := g.List(r.Context())
	if err != nil {
		p.Notice, code = g.explain(w, err, code)
	}
	p.Accounts, p.Roles, p.Agents = all, Roles(), g.Agents
	g.show(w, code, "users.html", p)
}

// changeUsers does one thing to one account. A link is shown once, on the page
// that answers.
func (g *Registry) changeUsers(w http.ResponseWriter, r *http.Request) {
	me, _ := From(r.Context())
	u := User{
		Name: strings.ToLower(strings.TrimSpace(r.PostFormValue("name"))), Role: Role(r.PostFormValue("role")), Agent: r.PostFormValue("agent"),
	}
	var token, done string
	var err error
	switch r.PostFormValue("do") {
	case "add":
		token, err = g.Add(r.Context(), u, me.Actor())
	case "link":
		token, err = g.Relink(r.Context(), u.Name, me.Actor())
	case "change":
		done, err = "changed", g.Change(r.Context(), u, r.PostFormValue("off") != "", me.Actor())
	case "remove":
		done, err = "changed", g.Remove(r.Context(), u.Name, me.Actor())
	default:
		err = callback.ErrNotFound
	}
	switch {
	case err != nil:
		notice, code := g.explain(w, err, http.StatusUnprocessableEntity)
		g.showUsers(w, r, code, users{Notice: "Nothing has changed. " + notice})
	case token != "":
		g.showUsers(w, r, http.StatusOK, users{Link: g.site(r) + WelcomePath(token), For: u.Name})
	default:
		http.Redirect(w, r, "/users?done="+done, http.StatusSeeOther)
	}
}

// site is where the pages are: as is configured, or as this browser has asked.
func (g *Registry) site(r *http.Request) string {
	if g.Public {
		return strings.TrimSuffix(g.Origin, "/")
	}
	return map[bool]string{true: "https://", false: "http://"}[g.secure(r)] + r.Host
}

// WelcomePath is where the link with a token leads.
func WelcomePath(token string) string { return "/welcome/" + token }

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
