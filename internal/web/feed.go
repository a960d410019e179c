package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/holdless/holdless/callback"
)

// FeedPage is the kind of link that a calendar follows.
const FeedPage = "f"

// feed answers a program that follows the callbacks of an agent.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	agent, ok := s.Links.Open(FeedPage, r.PathValue("token"), s.Now())
	if !ok {
		plain(w, http.StatusNotFound, "This link is over. Ask for a new one.\n")
		return
	}
	cal, err := s.Feeds(r.Context(), agent)
	switch {
	case errors.Is(err, callback.ErrNotFound):
		plain(w, http.StatusNotFound, "This agent is not here any more.\n")
	case err != nil:
		s.Log.Error("calendar not shown", "err", err)
		plain(w, http.StatusServiceUnavailable, "The callbacks cannot be read just now. Try again in a minute.\n")
	default:
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(cal)))
		_, _ = w.Write([]byte(cal)) // the client may have gone
	}
}
