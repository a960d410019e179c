package web

import (
	"net/http"
	"sync"

	"github.com/holdless/holdless/ivr"
)

// schema serves what a menu may hold, for editors, which come without an
// account. It is the same for everybody, and tells nothing of this service.
func (s *Server) schema() http.HandlerFunc {
	made := sync.OnceValues(ivr.Schema)
	return func(w http.ResponseWriter, _ *http.Request) {
		src, err := made()
		if err != nil {
			s.Log.Error("schema not shown", "err", err)
			plain(w, http.StatusInternalServerError, "The schema cannot be shown.\n")
			return
		}
		w.Header().Set("Content-Type", "application/schema+json")
		_, _ = w.Write(src) // the client may have gone
	}
}
