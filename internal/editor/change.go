package editor

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// notices are told after a change.
var notices = map[string]string{
	"published": "Published. New callers hear it now; calls that have begun go on as they were.",
	"back":      "The earlier version is back. New callers hear it now.",
	"trial":     "Published on trial. The share of new callers that its canary: names hears it now, the others what they heard before.",
	"promoted":  "The trial is over: all new callers hear what was on trial.",
	"withdrawn": "The trial is over: all new callers hear what most heard.",
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
	err := e.Menus.Publish(r.Context(), p.Menu, text(r), r.PostFormValue("base"), actor(r))
	if err == nil {
		done := "published"
		if e.Menus.Desk.Live().Trials[p.Menu].InFile {
			done = "trial"
		}
		http.Redirect(w, r, "/menus/edit?done="+done+"&menu="+url.QueryEscape(p.Menu), http.StatusSeeOther)
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
	if _, _, err := e.Menus.Rollback(r.Context(), p.Menu, r.PostFormValue("to"), actor(r)); err != nil {
		p.Notice = "Nothing has changed: " + err.Error()
		p.Result = e.look(p.Menu, p.Text)
		e.show(w, http.StatusUnprocessableEntity, "edit.html", p)
		return
	}
	http.Redirect(w, r, "/menus/edit?done=back&menu="+url.QueryEscape(p.Menu), http.StatusSeeOther)
}

// reload reads all files again, as a change of them would. The list then tells
// what is wrong with them.
func (e *Editor) reload(w http.ResponseWriter, r *http.Request) {
	if _, err := e.Menus.Reload(r.Context(), actor(r)); err != nil {
		e.Log.Error("menus not changed", "err", err)
		http.Error(w, "The menus cannot be changed just now.", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/menus/", http.StatusSeeOther)
}
