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
	after, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || after < 0 {
		if after, err = s.Desk.LastEntry(r.Context()); err != nil {
			write(w, problem(http.StatusServiceUnavailable, "unavailable", ""))
			return
		}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // else what reads requests ends it; a server that has none needs none
	// Who comes again before the first event goes on from here.
	_, _ = fmt.Fprintf(w, "id: %d\n\n", after) // what follows tells whether he is there
	tick, over := time.NewTicker(eventsEvery), time.NewTimer(eventsLast)
	defer tick.Stop()
	defer over.Stop()
	for quiet := eventsBeat; ; quiet += eventsEvery {
		all, err := s.Desk.Journal(r.Context(), after, eventsMost)
		if err != nil {
			return
		}
		text := said(all)
		if text == "" && quiet >= eventsBeat {
			text = ": here\n\n"
		}
		if text != "" {
			quiet = 0
			_ = out.SetWriteDeadline(time.Now().Add(eventsWrite)) // a server that has none needs none
			if _, err := fmt.Fprint(w, text); err != nil || out.Flush() != nil {
				return
			}
		}
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		if len(all) == eventsMost {
			tick.Reset(time.Millisecond) // there is more
		} else {
			tick.Reset(eventsEvery)
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
