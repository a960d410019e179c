package accounts

import (
	"errors"
	"net/http"
	"slices"

	"github.com/holdless/holdless/callback"
)

// calendars is what the page of links to calendars shows.
type calendars struct {
	User   User
	Notice string
	Link   string // told once
	For    string
	Agents []string // for whom a link can be made here
	Feeds  []Feed
}

// mine are the agents whose links somebody looks after: an agent his own, who
// leads the team those of all.
func (g *Registry) mine(u User) (agents []string, only string) {
	if u.Role != Agent {
		return g.Agents, ""
	}
	if slices.Contains(g.Agents, u.Agent) {
		return []string{u.Agent}, u.Agent
	}
	return nil, "nobody's"
}

func (g *Registry) calendarPage(w http.ResponseWriter, r *http.Request) {
	g.showCalendars(w, r, http.StatusOK, calendars{Notice: notices[r.FormValue("done")]})
}

func (g *Registry) showCalendars(w http.ResponseWriter, r *http.Request, code int, p calendars) {
	p.User, _ = From(r.Context())
	agents, only := g.mine(p.User)
	all, err := g.Feeds(r.Context(), only)
	if err != nil {
		p.Notice, code = g.explain(w, err, code)
	}
	p.Agents, p.Feeds = agents, all
	g.show(w, code, "calendar.html", p)
}

// changeCalendars makes a link, makes one anew, or takes one back. A link is
// shown once, on the page that answers.
func (g *Registry) changeCalendars(w http.ResponseWriter, r *http.Request) {
	u, _ := From(r.Context())
	agents, only := g.mine(u)
	agent, id := r.PostFormValue("agent"), r.PostFormValue("id")
	var token string
	err := error(callback.ErrNotFound)
	switch do := r.PostFormValue("do"); {
	case (do == "add" || do == "renew" && id != "") && slices.Contains(agents, agent):
		if do == "add" {
			id = ""
		}
		token, err = g.AddFeed(r.Context(), agent, r.PostFormValue("label"), id, u.Actor())
	case do == "end":
		err = g.EndFeed(r.Context(), id, only, u.Actor())
	}
	switch {
	case errors.Is(err, callback.ErrNotFound):
		g.showCalendars(w, r, http.StatusNotFound, calendars{Notice: "Nothing has changed: there is no such link, or it is over."})
	case err != nil:
		notice, code := g.explain(w, err, http.StatusUnprocessableEntity)
		g.showCalendars(w, r, code, calendars{Notice: "Nothing has changed. " + notice})
	case token != "":
		g.showCalendars(w, r, http.StatusOK, calendars{Link: g.site(r) + FeedPath(token), For: agent})
	default:
		http.Redirect(w, r, "/calendar?done=ended", http.StatusSeeOther)
	}
}

// FeedPath is where the link with a token leads.
func FeedPath(token string) string { return "/f/" + token }
