package desk

import (
	"net/http"

	"github.com/holdless/holdless/internal/articles"
)

// found is what was looked up.
type found struct {
	Words string
	Hits  []articles.Hit
}

// find looks up articles, alone for a script, or as a page.
func (s *Server) find(w http.ResponseWriter, r *http.Request) {
	f := found{Words: tame(r.FormValue("q"))}
	if f.Words != "" {
		f.Hits = s.Book.Find(f.Words)
	}
	if r.FormValue("part") != "" {
		s.show(w, r, "found", f)
		return
	}
	p, err := s.page(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	p.Title, p.Found = "Articles – desk", &f
	s.show(w, r, "desk.html", p)
}
