package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// events tells a browser what happens, from where it stopped listening.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.FormValue("after")
	}
	after, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		http.Error(w, "Events need the field after.", http.StatusBadRequest)
		return
	}
	if as, who := r.FormValue("as"), person(r); as != "" && as != fmt.Sprint(who.Agent, " ", who.All) {
		http.Error(w, "Somebody else has signed in.", http.StatusConflict)
		return
	}
	if err := s.begin(r.Context()); err != nil {
		http.Error(w, "Events cannot be told now.", http.StatusServiceUnavailable)
		return
	}
	out := stream{w, http.NewResponseController(w)}
	if err := out.begin(); err != nil {
		http.Error(w, "Events cannot be told here.", http.StatusNotImplemented)
		return
	}
	c, seq := s.hub.join(person(r))
	defer s.hub.leave(c)
	if !s.still(r) {
		return // his account has changed since he was let in, and before he could be told
	}
	missed, err := s.missed(r.Context(), c.who, after, seq)
	if err != nil {
		return
	}
	come, err := s.come(r.Context(), c.who)
	if err != nil || out.write(slices.Concat(missed, come, s.beat(), s.warning(r.Context()))) != nil {
		return
	}
	over := time.NewTimer(longest)
	defer over.Stop()
	for {
		select {
		case text, ok := <-c.out:
			if !ok || out.write(c.more(text)) != nil {
				return
			}
		case <-c.look:
			if !s.still(r) {
				return
			}
		case <-over.C:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// still reports whether who listens is still let in.
func (s *Server) still(r *http.Request) bool { return s.Still == nil || s.Still(r.Context()) }

// more takes what else waits, so that it leaves in one go.
func (c *client) more(text []byte) []byte {
	all := text
	for range queueMost {
		select {
		case next, ok := <-c.out:
			if !ok {
				return all
			}
			if &all[0] == &text[0] {
				all = append(make([]byte, 0, len(text)+len(next)), text...) // the text is everybody's
			}
			all = append(all, next...)
		default:
			return all
		}
	}
	return all
}

// missed tells what happened since a browser listened last. When that is too
// much, it is to read the whole list again.
func (s *Server) missed(ctx context.Context, who Person, after, upTo int64) ([]byte, error) {
	if after >= upTo {
		return nil, nil
	}
	entries, err := s.Desk.Journal(ctx, after, readMost)
	if err != nil {
		return nil, err
	}
	if len(entries) == readMost {
		return wire(upTo, "fresh", "much"), nil
	}
	events, err := s.eventsOf(ctx, entries)
	return heardBy(who, events), err
}

// heardBy are the events that are for somebody.
func heardBy(who Person, events []event) []byte {
	var all []byte
	for _, e := range events {
		if e.to(who) {
			all = append(all, e.text...)
		}
	}
	return all
}

// A stream is an answer that does not end.
type stream struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func (s stream) begin() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must pass it on at once
	if err := s.c.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.write([]byte("retry: 2000\n\n"))
}

func (s stream) write(text []byte) error {
	if err := s.c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.c.Flush()
}
