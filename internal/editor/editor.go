// Package editor serves the pages on which people change menus.
package editor

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
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
	// Try holds a talk in which these keys are pressed, and tells it.
	Try func(w io.Writer, m *ivr.Menu, keys []string) error
	// Advise tells what is allowed in a menu and yet not good for callers.
	Advise func(m *ivr.Menu) []ivr.Mistake
	Zone   *time.Location
	Now    func() time.Time
	Log    *slog.Logger

	door door
}

//go:embed *.html editor.js editor.css
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
	inside.HandleFunc("GET /menus/editor.js", static)
	inside.HandleFunc("GET /menus/editor.css", static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
			"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		e.enter(w, r, inside)
	})
}

func static(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/menus/"))
}

// page is what the page of one menu shows.
type page struct {
	Menu     string
	File     string
	Version  string
	Trial    string
	Share    int
	Wrong    string
	Text     string
	Base     string
	Notice   string
	Keys     string
	Tried    string
	Result   result
	Versions []version
}

// version is an earlier text of the menu.
type version struct {
	At, What, Version, By string
	Live, Back            bool
}

// result is what is to be said of a text.
type result struct {
	Mistakes []mark
	Advice   []mark
	Changes  []string
	Same     bool // as callers hear it
}

// mark is one thing at one place.
type mark struct {
	File    string // when it is not that of the menu
	Line    int
	Text    string
	Excerpt string
}

func (e *Editor) list(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		page
		Link string
	}
	var rows []row
	for _, s := range e.Menus.States() {
		rows = append(rows, row{e.head(s), "/menus/edit?menu=" + url.QueryEscape(s.Menu)})
	}
	e.show(w, http.StatusOK, "list.html", rows)
}

func (e *Editor) head(s menus.State) page {
	p := page{Menu: s.Menu, File: s.File, Version: s.Version, Trial: s.Trial, Share: s.Share}
	if s.Wrong != nil {
		p.Wrong = menus.Brief(s.Wrong)
	}
	return p
}

// open fills in the page of a menu; false when there is no such menu.
func (e *Editor) open(w http.ResponseWriter, r *http.Request, menu string) (page, bool) {
	states := e.Menus.States()
	i := slices.IndexFunc(states, func(s menus.State) bool { return s.Menu == menu })
	if i < 0 {
		http.Error(w, "There is no such menu.", http.StatusNotFound)
		return page{}, false
	}
	p := e.head(states[i])
	text, base, err := e.Menus.Text(menu)
	if p.Text, p.Base = text, base; err != nil {
		p.Notice = "The file cannot be read; this is what callers hear. " + err.Error()
	}
	changes, err := e.Menus.Changes(r.Context(), 200)
	if err != nil {
		e.Log.Warn("changes of menus not read", "err", err)
	}
	for _, c := range changes {
		if c.Menu != menu {
			continue
		}
		hash, _, _ := strings.Cut(c.Value, " ")
		p.Versions = append(p.Versions, version{
			At: c.At.In(e.Zone).Format("Mon 2 Jan 15:04"), What: c.What, Version: c.Value, By: c.By,
			Live: c.What == "live" && hash == p.Version, Back: c.What == "live" && hash != p.Version && p.File != "",
		})
	}
	return p, true
}

func (e *Editor) edit(w http.ResponseWriter, r *http.Request) {
	p, ok := e.open(w, r, r.FormValue("menu"))
	if !ok {
		return
	}
	p.Notice += notices[r.FormValue("done")]
	p.Result = e.look(p.Menu, p.Text)
	e.show(w, http.StatusOK, "edit.html", p)
}

// notices are told after a change.
var notices = map[string]string{
	"published": "Published. New callers hear it now; calls that have begun go on as they were.",
	"back":      "The earlier version is back. New callers hear it now.",
}

// look checks a text by the very path by which it would go live, and says what
// it changes for callers.
func (e *Editor) look(menu, text string) result {
	live := e.Menus.Desk.Live().Menus[menu]
	m, err := e.Menus.Check(e.fileOf(menu), text)
	var r result
	if ms, ok := errors.AsType[ivr.Mistakes](err); ok {
		r.Mistakes = e.marks(menu, ms)
		return r
	}
	if err != nil {
		r.Mistakes = []mark{{Text: err.Error()}}
		return r
	}
	r.Advice = e.marks(menu, e.Advise(m))
	r.Changes = ivr.Changes(live, m)
	r.Same = len(r.Changes) == 0
	return r
}

// fileOf is the file of a menu, or a name like one for a menu that ships.
func (e *Editor) fileOf(menu string) string {
	if file := e.Menus.Files[menu]; file != "" {
		return file
	}
	return menu + ".yaml"
}

func (e *Editor) marks(menu string, ms []ivr.Mistake) []mark {
	var all []mark
	for _, m := range ms {
		text := m.Text
		if m.Suggestion != "" {
			text += "; " + m.Suggestion
		}
		k := mark{Line: m.Line, Text: text, Excerpt: m.Excerpt}
		if m.File != "" && m.File != e.fileOf(menu) {
			k.File = m.File
		}
		all = append(all, k)
	}
	return all
}

// text is what the form holds, with the ends of lines as in files.
func text(r *http.Request) string { return strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n") }

// check answers the page that asks at each pause.
func (e *Editor) check(w http.ResponseWriter, r *http.Request) {
	menu := r.PostFormValue("menu")
	if e.Menus.Desk.Live().Menus[menu] == nil {
		http.Error(w, "There is no such menu.", http.StatusNotFound)
		return
	}
	e.show(w, http.StatusOK, "result", e.look(menu, text(r)))
}

func (e *Editor) publish(w http.ResponseWriter, r *http.Request) {
	p, ok := e.open(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	err := e.Menus.Publish(r.Context(), p.Menu, text(r), r.PostFormValue("base"), "browser:"+user(r))
	if err == nil {
		http.Redirect(w, r, "/menus/edit?done=published&menu="+url.QueryEscape(p.Menu), http.StatusSeeOther)
		return
	}
	p.Text, p.Base = text(r), r.PostFormValue("base")
	p.Result = e.look(p.Menu, p.Text)
	_, mistakes := errors.AsType[ivr.Mistakes](err)
	switch {
	case mistakes:
		p.Notice = "Not published: there are mistakes. Callers hear what they heard before."
	case errors.Is(err, menus.ErrStale):
		p.Notice = "Not published: somebody else has changed the menu since you opened it. Copy your text, and open the menu again."
	default:
		p.Notice = "Not published: " + err.Error()
	}
	e.show(w, http.StatusUnprocessableEntity, "edit.html", p)
}

func (e *Editor) rollback(w http.ResponseWriter, r *http.Request) {
	p, ok := e.open(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	if _, _, err := e.Menus.Rollback(r.Context(), p.Menu, r.PostFormValue("to"), "browser:"+user(r)); err != nil {
		p.Notice = "Nothing has changed: " + err.Error()
		p.Result = e.look(p.Menu, p.Text)
		e.show(w, http.StatusUnprocessableEntity, "edit.html", p)
		return
	}
	http.Redirect(w, r, "/menus/edit?done=back&menu="+url.QueryEscape(p.Menu), http.StatusSeeOther)
}

// try holds a talk in the text of the form, published or not.
func (e *Editor) try(w http.ResponseWriter, r *http.Request) {
	p, ok := e.open(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	p.Text, p.Base, p.Keys = text(r), r.PostFormValue("base"), r.PostFormValue("keys")
	p.Result = e.look(p.Menu, p.Text)
	m, err := e.Menus.Parse(e.fileOf(p.Menu), []byte(p.Text))
	if err == nil {
		var told bytes.Buffer
		err = e.Try(&told, m, strings.Fields(p.Keys))
		p.Tried = told.String()
	}
	if err != nil {
		p.Tried += menus.Brief(err)
	}
	e.show(w, http.StatusOK, "edit.html", p)
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
