package accounts

import (
	"net/http"
	"strings"

	"github.com/holdless/holdless/callback"
)

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
