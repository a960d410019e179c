package accounts

import (
	"errors"
	"net/http"
	"time"

	"github.com/holdless/holdless/callback"
)

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
