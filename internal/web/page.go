package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
)

var pages = template.Must(template.ParseFS(files, "*.html"))

// row is one callback as the page shows it.
type row struct {
	At       string // on the wall clock of its queue
	Day      string
	Machine  string // the same for programs
	State    string
	Class    string
	Queue    string
	Who      string
	Topic    string
	Agent    string
	Attempts int
}

// words says each state in words.
var words = map[callback.State]string{
	callback.HeldState:       "being chosen",
	callback.BookedState:     "promised",
	callback.Claimed:         "due now",
	callback.AgentRinging:    "agent’s phone rings",
	callback.AgentReady:      "agent is ready",
	callback.CustomerDialing: "customer’s phone rings",
	callback.Connected:       "speaking",
	callback.Wrapup:          "notes are written",
	callback.RetryWait:       "tried again later",
	callback.Interrupted:     "needs a person",
	callback.Done:            "kept",
	callback.Expired:         "missed",
	callback.CancelledState:  "cancelled",
	callback.Failed:          "not reached",
}

func (s *Server) callbacks(w http.ResponseWriter, r *http.Request) {
	list, err := s.Desk.Today(r.Context(), "")
	var dialing callback.Dialing
	if err == nil {
		dialing, err = s.Desk.Dialing(r.Context())
	}
	if err != nil {
		s.Log.Error("page not shown", "err", err)
		plain(w, http.StatusServiceUnavailable, "The callbacks cannot be read just now. Try again in a minute.\n")
		return
	}
	now := s.Now()
	data := struct {
		Now      string
		Alarm    string
		Rows     []row
		Demo     bool
		Warnings []string
	}{Now: now.In(s.Zone("")).Format("Mon 2 Jan 15:04 MST"), Alarm: s.alarm(dialing), Demo: s.Outbox != nil}
	if s.Warnings != nil {
		data.Warnings = s.Warnings()
	}
	for _, c := range list {
		data.Rows = append(data.Rows, s.row(c, now))
	}
	s.show(w, "page.html", data)
}

// alarm says why nobody is dialled just now; "" when all is well.
func (s *Server) alarm(d callback.Dialing) string {
	switch {
	case d.Stopped && d.Why != "":
		return fmt.Sprintf("Dialling is stopped since %s: %s.", d.At.In(s.Zone("")).Format("Mon 2 Jan 15:04"), tame(d.Why))
	case d.Stopped:
		return fmt.Sprintf("Dialling is stopped since %s.", d.At.In(s.Zone("")).Format("Mon 2 Jan 15:04"))
	case d.Waits != "":
		return "Dialling waits: " + d.Waits + " is reached."
	}
	return ""
}

func (s *Server) row(c callback.Callback, now time.Time) row {
	zone := s.Zone(c.Queue)
	at := c.At.In(zone)
	r := row{
		At: at.Format("15:04"), Machine: at.Format(time.RFC3339), State: words[c.State], Class: string(c.State),
		Queue: tame(c.Queue), Who: who(c), Topic: tame(c.Topic), Agent: tame(c.Agent), Attempts: c.Attempts,
	}
	if late := now.Sub(c.At); late >= time.Minute && (c.State == callback.BookedState || c.State == callback.RetryWait) {
		r.State, r.Class = r.State+", late", r.Class+" late"
	}
	if at.Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
		r.Day = at.Format("Mon 2 Jan")
	}
	return r
}

// who names a customer. The page asks for no password, so that a number shows
// its last three digits only.
func who(c callback.Callback) string {
	number := c.Phone.LogValue().String()
	if c.Name == "" {
		return number
	}
	return tame(c.Name) + " " + number
}

// tame keeps names that others chose from disturbing the page: control
// characters and those that turn the direction of writing are left out.
func tame(s string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if runes := []rune(kept); len(runes) > 64 {
		return string(runes[:64]) + "…"
	}
	return kept
}

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "style.css") }

func (s *Server) show(w http.ResponseWriter, name string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		s.Log.Error("page not shown", "err", err)
		plain(w, http.StatusInternalServerError, "This page cannot be shown.\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = page.WriteTo(w) // the client may have gone
}
