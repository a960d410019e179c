package accounts

import (
	"net/http"
	"strings"
)

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

// WelcomePath is where the link with a token leads.
func WelcomePath(token string) string { return "/welcome/" + token }
