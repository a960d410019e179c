package editor

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// page is what the page of one menu shows.
type page struct {
	Menu      string
	File      string
	Version   string
	Trial     string
	Share     int
	Wrong     bool     // its file is not used as it is
	Alarms    []string // which files are not, and why
	Text      string
	Base      string
	Notice    string
	Scene     Scene
	Languages []string
	Tried     string
	Replayed  string
	Worst     string // the node with which callers have most trouble
	Result    result
	Versions  []version
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

func (e *Editor) head(s menus.State) page {
	p := page{Menu: s.Menu, File: s.File, Version: s.Version, Trial: s.Trial, Share: s.Share, Scene: usual(), Wrong: s.Wrong != nil, Alarms: e.Menus.Faults()}
	if m := e.Menus.Desk.Live().Menus[s.Menu]; m != nil {
		p.Languages = m.Languages()
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
	p.Worst = e.Worst(r.Context(), menu, e.Menus.Desk.Live().Menus[menu])
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
