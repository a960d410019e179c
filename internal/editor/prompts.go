package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// A Studio has what callers hear, by number.
type Studio interface {
	Scripts() []sounds.Script
	// Play returns what callers hear under a number, as a WAV file.
	Play(number string) (wav []byte, ok bool)
	// Upload has callers hear a recording from now on.
	Upload(ctx context.Context, number string, wav []byte, actor string) (sounds.Script, error)
	// TakeBack removes a recording.
	TakeBack(ctx context.Context, number, actor string) (sounds.Script, error)
}

// prompts is the page of what callers hear.
type prompts struct {
	Lang, Show    string
	Notice, Wrong string
	Alarms        []string
	Languages     []tab
	Shows         []filter
	Rows          []promptRow
}

// tab is one language to look at.
type tab struct {
	Lang, Name string
	Here       bool
}

// filter is one sort of prompts to look at.
type filter struct {
	Word, Text string
	Here       bool
}

// promptRow is one prompt.
type promptRow struct {
	sounds.Script
	Seconds, Loudness, Made string
}

// promptRoutes are the addresses of the page.
func (e *Editor) promptRoutes(mux *http.ServeMux) {
	if e.Studio == nil {
		return
	}
	mux.HandleFunc("GET /menus/prompts", e.prompts)
	mux.HandleFunc("GET /menus/prompts/play", e.play)
	mux.HandleFunc("POST /menus/prompts/upload", e.upload)
	mux.HandleFunc("POST /menus/prompts/back", e.takeBack)
}

func (e *Editor) prompts(w http.ResponseWriter, r *http.Request) {
	p := e.promptPage(r.FormValue("lang"), r.FormValue("show"))
	e.show(w, http.StatusOK, "prompts.html", p)
}

// promptPage lists the prompts of a language that are of a sort.
func (e *Editor) promptPage(lang, show string) prompts {
	all := e.Studio.Scripts()
	p := prompts{Lang: lang, Show: show, Alarms: e.Menus.Faults()}
	for _, s := range all {
		if !slices.ContainsFunc(p.Languages, func(t tab) bool { return t.Lang == s.Lang }) {
			p.Languages = append(p.Languages, tab{Lang: s.Lang, Name: e.Speaks(s.Lang)})
		}
	}
	if len(p.Languages) > 0 && !slices.ContainsFunc(p.Languages, func(t tab) bool { return t.Lang == lang }) {
		p.Lang = p.Languages[0].Lang
	}
	for i := range p.Languages {
		p.Languages[i].Here = p.Languages[i].Lang == p.Lang
	}
	for _, f := range []filter{{"", "all", false}, {"own", "own recordings", false}, {"stale", "stale", false}, {"words", "your own words", false}} {
		f.Here = f.Word == show
		p.Shows = append(p.Shows, f)
	}
	for _, s := range all {
		if s.Lang == p.Lang && shown(s, show) {
			p.Rows = append(p.Rows, e.promptRow(s))
		}
	}
	return p
}

func shown(s sounds.Script, show string) bool {
	return show == "" || show == string(s.State) || show == "words" && s.Prompt.Name == ""
}

func (e *Editor) promptRow(s sounds.Script) promptRow {
	row := promptRow{Script: s, Seconds: fmt.Sprintf("%.1f", s.Length.Seconds()), Loudness: fmt.Sprintf("%.0f", s.Level)}
	if s.By != "" {
		row.Made = "by " + s.By
		if !s.At.IsZero() {
			row.Made += ", " + s.At.In(e.Zone).Format("Mon 2 Jan 2006 15:04")
		}
	}
	return row
}

// play lets somebody listen to what callers hear.
func (e *Editor) play(w http.ResponseWriter, r *http.Request) {
	wav, ok := e.Studio.Play(r.FormValue("number"))
	if !ok {
		http.Error(w, "There is no such prompt.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(wav)))
}

// upload puts a recording in, or says in plain words why not.
func (e *Editor) upload(w http.ResponseWriter, r *http.Request) {
	wav, number, show, err := uploaded(r)
	var s sounds.Script
	if err == nil {
		s, err = e.Studio.Upload(r.Context(), number, wav, actor(r))
	}
	e.told(w, s, show, err, fmt.Sprintf("Put in: %.1f seconds, speech at %.0f dBov. Callers hear it from the next call on.", s.Length.Seconds(), s.Level))
}

// uploaded reads the form, part by part and in memory.
func uploaded(r *http.Request) (wav []byte, number, show string, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, "", "", err
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, number, show, err
		}
		body, err := io.ReadAll(io.LimitReader(part, audio.MaxBytes+1))
		if err != nil {
			return nil, number, show, err
		}
		switch part.FormName() {
		case "wav":
			wav = body
		case "number":
			number = string(body)
		case "show":
			show = string(body)
		}
	}
	if len(wav) == 0 {
		err = errors.New("there is no file")
	}
	return wav, number, show, err
}

func (e *Editor) takeBack(w http.ResponseWriter, r *http.Request) {
	s, err := e.Studio.TakeBack(r.Context(), r.PostFormValue("number"), actor(r))
	e.told(w, s, r.PostFormValue("show"), err, "Taken back. Callers hear from the next call on what they heard without it.")
}

// told shows the page again with what became of a change.
func (e *Editor) told(w http.ResponseWriter, s sounds.Script, show string, err error, done string) {
	p, code := e.promptPage(s.Lang, show), http.StatusOK
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil:
		p.Notice = s.Number + " " + s.Name + ". " + done
		if advice := s.Advice(); advice != "" {
			p.Notice += " But " + advice + "."
		}
	case errors.Is(err, callback.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		p.Wrong, code = "Nothing has changed: there is no such prompt, or no recording of it.", http.StatusNotFound
	case large:
		p.Wrong, code = fmt.Sprintf("Not put in: the file is larger than %d MB.", audio.MaxBytes>>20), http.StatusRequestEntityTooLarge
	default:
		p.Wrong, code = fmt.Sprintf("Nothing has changed for %s: %s.", cmp.Or(s.Name, "any prompt"), err), http.StatusUnprocessableEntity
	}
	e.show(w, code, "prompts.html", p)
}
