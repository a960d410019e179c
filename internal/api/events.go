package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

// An Event is one line of the journal.
type Event struct {
	ID       int64     `json:"id"`
	Type     string    `json:"type"`
	At       time.Time `json:"at"`
	Callback string    `json:"callback,omitempty"`
	Call     string    `json:"call,omitempty"`
	Queue    string    `json:"queue,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Actor    string    `json:"actor,omitempty"`
	Name     string    `json:"name,omitempty"`
	Value    string    `json:"value,omitempty"`
}

// EventOf is a line of the journal as programs see it.
func eventOf(e callback.Entry) Event {
	return Event{e.Seq, e.Kind, e.At.UTC(), e.Callback, e.Talk, e.Queue, string(e.Phone), e.Actor, e.Name, e.Value}
}

// How events are sent.
const (
	eventsEvery = time.Second      // the journal is read
	eventsBeat  = 15 * time.Second // something is sent, so that proxies keep the connection
	eventsMost  = 500              // in one go
	eventsWrite = 10 * time.Second // a client that takes nothing is let go
	eventsLast  = 10 * time.Minute // then a client comes again, and is let in again or not
)

// events sends the journal as it is written (Server-Sent Events). Who was away
// goes on behind Last-Event-ID.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(callerOf(r.Context()).scopes, accounts.ReadEvents) {
		write(w, problem(http.StatusForbidden, "not-allowed", "It needs the scope "+string(accounts.ReadEvents)+"."))
		return
	}
	after, err := s.lastHeard(r)
	if err != nil {
		write(w, problem(http.StatusServiceUnavailable, "unavailable", ""))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	stream := &eventStream{w: w, out: http.NewResponseController(w), after: after, quiet: eventsBeat}
	_ = stream.out.SetReadDeadline(time.Time{}) // else what reads requests ends it; a server that has none needs none
	// Who comes again before the first event goes on from here.
	_, _ = fmt.Fprintf(w, "id: %d\n\n", after) // what follows tells whether he is there
	tick, over := time.NewTicker(eventsEvery), time.NewTimer(eventsLast)
	defer tick.Stop()
	defer over.Stop()
	for first := true; ; first = false { // at first, too: he was let in before the journal was looked at
		all, err := s.Desk.Journal(r.Context(), stream.after, eventsMost)
		if err != nil || (first || mayEnd(r, all)) && !s.still(r) || stream.send(all) != nil {
			return
		}
		tick.Reset(eventsEvery)
		if len(all) == eventsMost {
			tick.Reset(time.Millisecond) // there is more
		}
		select {
		case <-tick.C:
		case <-over.C:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// mayEnd reports whether who listens may not be let in any more, by what the
// journal tells.
func mayEnd(r *http.Request, all []callback.Entry) bool {
	c := callerOf(r.Context())
	return slices.ContainsFunc(all, func(e callback.Entry) bool {
		user := accounts.Concerns(e)
		return user != "" && c.actor == accounts.User{Name: user}.Actor() || e.Kind == "key.revoked" && c.actor == "api:"+e.Name
	})
}

// still reports whether who listens is still let in.
func (s *Server) still(r *http.Request) bool {
	c, ok, err := s.who(r)
	return ok && err == nil && slices.Contains(c.scopes, accounts.ReadEvents) && accounts.Still(r.Context())
}

// lastHeard is behind which entry a client goes on: the one that it names, or
// else the last there is.
func (s *Server) lastHeard(r *http.Request) (int64, error) {
	after, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || after < 0 {
		return s.Desk.LastEntry(r.Context())
	}
	return after, nil
}

// An eventStream is the journal as one client hears it.
type eventStream struct {
	w     http.ResponseWriter
	out   *http.ResponseController
	after int64         // the entry that was sent last
	quiet time.Duration // for so long nothing was sent
}

// send sends entries, or, when there have been none for a while, a sign of life.
func (e *eventStream) send(all []callback.Entry) error {
	text := said(all)
	if text == "" && e.quiet >= eventsBeat {
		text = ": here\n\n"
	}
	if len(all) > 0 {
		e.after = all[len(all)-1].Seq
	}
	if text == "" {
		e.quiet += eventsEvery
		return nil
	}
	e.quiet = eventsEvery
	_ = e.out.SetWriteDeadline(time.Now().Add(eventsWrite)) // a server that has none needs none
	if _, err := fmt.Fprint(e.w, text); err != nil {
		return err
	}
	return e.out.Flush()
}

func said(all []callback.Entry) string {
	var b strings.Builder
	for _, e := range all {
		data, err := json.Marshal(eventOf(e))
		if err == nil {
			fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Kind, data)
		}
	}
	return b.String()
}
