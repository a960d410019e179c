package editor

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Scene is what a menu is tried under. What is empty is as it is now in the
// queue that hears the menu.
type Scene struct {
	Menu    string
	Keys    []string
	At      string // "Sat 21:00"
	Open    string // "yes" or "no"
	Agents  int    // free at once, while the queue is at work
	Wait    time.Duration
	Lang    string
	From    string // "" when withheld
	Name    string // of a caller who is known
	VIP     bool
	Booking bool // the caller has a callback
}

// sceneOf reads what the form says.
func sceneOf(r *http.Request) Scene {
	count := func(name string) int {
		n, err := strconv.Atoi(r.PostFormValue(name))
		if err != nil || n < 0 || n > 1000 {
			return 0
		}
		return n
	}
	return Scene{
		Menu: r.PostFormValue("menu"), Keys: strings.Fields(r.PostFormValue("keys")), At: strings.TrimSpace(r.PostFormValue("at")), Open: r.PostFormValue("open"),
		Agents: count("agents"), Wait: time.Duration(count("wait")) * time.Minute, Lang: r.PostFormValue("lang"),
		From: strings.TrimSpace(r.PostFormValue("from")), Name: strings.TrimSpace(r.PostFormValue("name")),
		VIP: r.PostFormValue("vip") != "", Booking: r.PostFormValue("booking") != "",
	}
}

// usual is the scene of a page that nobody has tried anything on yet.
func usual() Scene { return Scene{Agents: 1, From: "+358401234567"} }

// Pressed is the keys in one line.
func (s Scene) Pressed() string { return strings.Join(s.Keys, " ") }

// Minutes is the wait in minutes.
func (s Scene) Minutes() int { return int(s.Wait / time.Minute) }

// try holds a talk in the text of the form, published or not: its tests may
// fail, which is what one looks for.
func (e *Editor) try(w http.ResponseWriter, r *http.Request) {
	e.draft(w, r, func(p *page, m *ivr.Menu) error {
		var told bytes.Buffer
		err := e.Try(&told, m, p.Scene)
		p.Tried = told.String()
		return err
	}, func(p *page, why string) { p.Tried += why })
}

// drawing shows a menu as callers hear it.
func (e *Editor) drawing(w http.ResponseWriter, r *http.Request) {
	menu := r.FormValue("menu")
	m := e.Menus.Desk.Live().Menus[menu]
	if m == nil {
		http.Error(w, "There is no such menu.", http.StatusNotFound)
		return
	}
	var svg bytes.Buffer
	if err := e.Draw(&svg, r, menu, m); err != nil {
		e.Log.Error("drawing not shown", "err", err)
		http.Error(w, "The menu cannot be drawn.", http.StatusInternalServerError)
		return
	}
	// The drawing has its style in it, and nothing else.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = svg.WriteTo(w) // the client may have gone
}
