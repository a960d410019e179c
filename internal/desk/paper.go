package desk

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/lists"
)

// paper shows what a person may have to do today as a page that prints.
func (s *Server) paper(w http.ResponseWriter, r *http.Request) {
	all, err := s.listOf(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	s.show(w, r, "paper.html", all)
}

// listOf is what a person may have to do today: his own callbacks, and those of
// his teams that nobody has taken; all of them for who sees every queue.
func (s *Server) listOf(r *http.Request) (lists.List, error) {
	who := person(r)
	today, err := s.Desk.Today(r.Context(), "")
	today = slices.DeleteFunc(today, func(c callback.Callback) bool {
		return !s.sees(who, c) || !who.All && c.Owner != "" && c.Owner != who.Agent
	})
	name := cmp.Or(s.Desk.Agents[who.Agent].Name, who.Name)
	return lists.New(who.Agent, name, today, s.Desk.Now().In(s.Zone(""))), err
}
