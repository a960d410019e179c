package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

// Feeds are calendars that programs follow.
type Feeds interface {
	// FeedOf returns the agent whose calendar a link opens; accounts.ErrEnded
	// for one that is over.
	FeedOf(ctx context.Context, token string) (agent string, err error)
	// Calendar is what an agent may have to do.
	Calendar(ctx context.Context, agent string) (string, error)
}

// feed answers a program that follows the callbacks of an agent.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	wait, err := s.may(r, fromAddress(accounts.Address(r)))
	if wait > 0 {
		after(w, wait)
		plain(w, http.StatusTooManyRequests, "This calendar was read too often. Try again in a minute.\n")
		return
	}
	var agent, cal string
	if err == nil {
		agent, err = s.Feeds.FeedOf(r.Context(), r.PathValue("token"))
	}
	if err == nil {
		cal, err = s.Feeds.Calendar(r.Context(), agent)
	}
	switch {
	case errors.Is(err, accounts.ErrEnded):
		plain(w, http.StatusGone, "This link was taken back, or is older than a year. Make another one on the page /calendar.\n")
	case errors.Is(err, callback.ErrNotFound):
		plain(w, http.StatusNotFound, "There is no such calendar. Make a link on the page /calendar.\n")
	case err != nil:
		s.Log.Error("calendar not shown", "err", err)
		plain(w, http.StatusServiceUnavailable, "The callbacks cannot be read just now. Try again in a minute.\n")
	default:
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(cal)))
		_, _ = w.Write([]byte(cal)) // the client may have gone
	}
}
