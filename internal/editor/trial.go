package editor

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// replay holds the talks of the last day against the text of the form,
// published or not.
func (e *Editor) replay(w http.ResponseWriter, r *http.Request) {
	e.draft(w, r, func(p *page, m *ivr.Menu) error {
		var told bytes.Buffer
		err := e.Replay(r.Context(), &told, p.Menu, m)
		p.Replayed = told.String()
		return err
	}, func(p *page, why string) { p.Replayed += why })
}

// draft does something with the text of the form, whose own tests may fail, and
// shows the page with what came of it, or why nothing did.
func (e *Editor) draft(w http.ResponseWriter, r *http.Request, do func(*page, *ivr.Menu) error, fail func(p *page, why string)) {
	p, ok := e.open(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	p.Text, p.Base, p.Scene = text(r), r.PostFormValue("base"), sceneOf(r)
	p.Result = e.look(p.Menu, p.Text)
	m, err := e.Menus.Parse(e.fileOf(p.Menu), []byte(p.Text))
	if err == nil {
		err = do(&p, m)
	}
	if err != nil {
		fail(&p, menus.Brief(err))
	}
	e.show(w, http.StatusOK, "edit.html", p)
}

// trial ends a trial: everybody hears what is on trial, or nobody does.
func (e *Editor) trial(w http.ResponseWriter, r *http.Request) {
	p, ok := e.open(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	end, done := e.Menus.Withdraw, "withdrawn"
	if r.PostFormValue("do") == "promote" {
		end, done = e.Menus.Promote, "promoted"
	}
	if _, err := end(r.Context(), p.Menu, actor(r)); err != nil {
		p.Notice = "Nothing has changed: " + err.Error()
		p.Result = e.look(p.Menu, p.Text)
		e.show(w, http.StatusUnprocessableEntity, "edit.html", p)
		return
	}
	http.Redirect(w, r, "/menus/edit?done="+done+"&menu="+url.QueryEscape(p.Menu), http.StatusSeeOther)
}
