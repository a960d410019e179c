package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// SurveyPage is the kind of link that leads to a survey.
const SurveyPage = "s"

// Surveys shows surveys, and takes what is filled in.
type Surveys interface {
	Page(ctx context.Context, talk string) (callback.Page, error)
	FillIn(ctx context.Context, talk string, f callback.Filled) (callback.Page, error)
}

// sheet is a survey as the page shows it.
type sheet struct {
	reading
	Title         string
	Said          []said
	Turn          int
	Asks          bool
	Choices       []choice
	Tell          string // beside the box for words
	Words         string // in that box
	Send, NoMore  string
	Missing, Over string
}

type choice struct {
	Value  int
	Label  string // what it means, where it needs saying
	Chosen bool
}

// said is a sentence in a language.
type said struct{ Lang, Text string }

// survey shows a survey. It records nothing: machines that scan links follow
// them, too.
func (s *Server) survey(w http.ResponseWriter, r *http.Request, id string) {
	p, err := s.Surveys.Page(r.Context(), id)
	s.sheet(w, r, p, "", err)
}

// surveyed takes an answer.
func (s *Server) surveyed(w http.ResponseWriter, r *http.Request, id string) {
	turn, err := strconv.Atoi(r.PostFormValue("turn"))
	if err != nil {
		plain(w, http.StatusBadRequest, "An answer needs the fields turn and value.\n")
		return
	}
	if turned(r) {
		s.survey(w, r, id)
		return
	}
	f := callback.Filled{
		Turn: turn, Value: r.PostFormValue("value"), Words: r.PostFormValue("words"), Stop: r.PostFormValue("stop") != "",
	}
	p, err := s.Surveys.FillIn(r.Context(), id, f)
	missing := ""
	if f.Value == "" && !f.Stop {
		missing = "text_page_choose"
	}
	s.sheet(w, r, p, missing, err)
}

func (s *Server) sheet(w http.ResponseWriter, r *http.Request, p callback.Page, missing string, err error) {
	if s.lost(w, r, err) {
		return
	}
	p.Lang = s.langOf(r, p.Lang)
	words := func(name string) string { return s.Words(p.Lang, ivr.Prompt{Name: name}) }
	v := sheet{
		reading: s.reads(p.Lang), Title: words("text_page_title"), Turn: p.Turn, Asks: p.Asks != "",
		Send: words("text_page_send"), NoMore: words("text_page_no_more"), Tell: words("text_page_tell"),
	}
	v.Typed = v.Asks
	if missing != "" && v.Asks {
		v.Missing = words(missing)
	}
	for _, say := range p.Say {
		if _, ok := ends[say.Name]; ok {
			say.Name = "text_page_" + say.Name
		}
		v.Said = append(v.Said, said{p.Lang, s.Words(p.Lang, say)})
	}
	value := ""
	if r.PostFormValue("turn") == strconv.Itoa(p.Turn) { // what was typed answers this question
		value, v.Words = r.PostFormValue("value"), r.PostFormValue("words")
	}
	if len(p.Answers) == 0 {
		v.Words = value
	}
	for i, n := range p.Answers {
		v.Choices = append(v.Choices, choice{n, s.label(p, i), value == strconv.Itoa(n)})
	}
	s.show(w, "survey.html", v)
}

// ends are the questions whose words for texts name digits. A page has words
// of its own for them, and for the first and the last of their answers.
var ends = map[string]bool{"csat": true, "nps": true, "ces": true, "solved": true}

func (s *Server) label(p callback.Page, i int) string {
	if !ends[p.Asks] || i > 0 && i < len(p.Answers)-1 {
		return ""
	}
	end := "least"
	if i > 0 {
		end = "most"
	}
	return s.Words(p.Lang, ivr.Prompt{Name: "text_page_" + p.Asks + "_" + end})
}

// over says so in every language, that of the reader first: whose link it was
// is not known.
func (s *Server) over(w http.ResponseWriter, r *http.Request) {
	own := s.langOf(r, "")
	v := sheet{reading: s.reads(own), Title: s.Words(own, ivr.Prompt{Name: "text_page_over"})}
	v.Langs = nil // it is said in all of them
	for _, lang := range s.Languages {
		text := said{lang, s.Words(lang, ivr.Prompt{Name: "text_page_over"})}
		if lang == own {
			v.Said = slices.Insert(v.Said, 0, text)
			continue
		}
		v.Said = append(v.Said, text)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	s.show(w, "survey.html", v)
}

func surveyStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "survey.css")
}

func promiseScript(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "promise.js")
}
