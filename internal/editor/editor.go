// Package editor serves the pages on which people change menus.
package editor

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// An Editor serves the pages under /menus/. Its fields are set once, before
// use. It lets in nobody without a key; see [Editor.Key].
type Editor struct {
	Menus *menus.Keeper
	// Draw draws a menu as SVG, with what callers did in that version.
	Draw func(w io.Writer, r *http.Request, menu string, m *ivr.Menu) error
	// Try holds a talk in a scene, and tells it.
	Try func(w io.Writer, m *ivr.Menu, s Scene) error
	// Advise tells what is allowed in a menu and yet not good for callers.
	Advise func(m *ivr.Menu) []ivr.Mistake
	// Replay holds the talks of the last day against a draft, and tells which end
	// otherwise.
	Replay func(ctx context.Context, w io.Writer, menu string, draft *ivr.Menu) error
	// Worst says with which node callers have most trouble now; "" with none.
	Worst  func(ctx context.Context, menu string, m *ivr.Menu) string
	Studio Studio                   // what callers hear; nil without that page
	Shifts Shifts                   // the queues behind menus; nil when their file cannot be changed
	Speaks func(lang string) string // what its speakers call a language
	Origin string                   // how browsers reach the pages, when it is configured
	Zone   *time.Location
	Now    func() time.Time
	Log    *slog.Logger

	door door
}

//go:embed *.html alarms.js editor.js editor.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// Handler returns the pages.
func (e *Editor) Handler() http.Handler {
	inside := http.NewServeMux()
	inside.HandleFunc("GET /menus/{$}", e.list)
	inside.HandleFunc("GET /menus/edit", e.edit)
	inside.HandleFunc("GET /menus/drawing.svg", e.drawing)
	inside.HandleFunc("POST /menus/check", e.check)
	inside.HandleFunc("POST /menus/publish", e.publish)
	inside.HandleFunc("POST /menus/rollback", e.rollback)
	inside.HandleFunc("POST /menus/try", e.try)
	inside.HandleFunc("POST /menus/replay", e.replay)
	inside.HandleFunc("POST /menus/trial", e.trial)
	inside.HandleFunc("POST /menus/reload", e.reload)
	inside.HandleFunc("GET /menus/form", e.form)
	inside.HandleFunc("POST /menus/greeting", e.greet)
	inside.HandleFunc("POST /menus/shift", e.shift)
	e.promptRoutes(inside)
	inside.HandleFunc("GET /menus/alarms", e.alarms)
	inside.HandleFunc("GET /menus/alarms.js", static)
	inside.HandleFunc("GET /menus/editor.js", static)
	inside.HandleFunc("GET /menus/editor.css", static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
			"img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		e.enter(w, r, arrived(inside))
	})
}

// arrived lets no form be taken for an empty one that was too large, or did not
// arrive in time. A file is read where it is asked for.
func arrived(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		_, large := errors.AsType[*http.MaxBytesError](err)
		switch {
		case large:
			http.Error(w, "The text is larger than any menu.", http.StatusRequestEntityTooLarge)
		case errors.Is(err, os.ErrDeadlineExceeded):
			http.Error(w, "The request did not arrive in time.", http.StatusRequestTimeout)
		case err != nil:
			http.Error(w, "The form is not understood, or broke off.", http.StatusBadRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func static(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/menus/"))
}

func (e *Editor) list(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		page
		Link, Form string
	}
	var rows []row
	for _, s := range e.Menus.States() {
		at := row{page: e.head(s), Link: "/menus/edit?menu=" + url.QueryEscape(s.Menu)}
		if s.File != "" {
			at.Form = "/menus/form?menu=" + url.QueryEscape(s.Menu)
		}
		rows = append(rows, at)
	}
	e.show(w, http.StatusOK, "list.html", struct {
		Rows    []row
		Prompts bool
		Alarms  []string
	}{rows, e.Studio != nil, e.Menus.Faults()})
}

// alarms tells a page that is open which files are not used as they are, and
// why.
func (e *Editor) alarms(w http.ResponseWriter, _ *http.Request) {
	all := e.Menus.Faults()
	if all == nil {
		all = []string{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(all); err != nil {
		e.Log.Debug("alarms not told", "err", err) // the client has gone
	}
}

func (e *Editor) show(w http.ResponseWriter, code int, name string, data any) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		e.Log.Error("page not shown", "err", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = out.WriteTo(w) // the client may have gone
}
