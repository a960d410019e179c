package web

import (
	"context"
	"net/http"
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
	Lang, Title   string
	Said          []string
	Turn          int
	Asks          bool
	Choices       []choice
	Tell          string // beside the box for words
	Send, NoMore  string
	Missing, Over string
}

type choice struct {
	Value int
	Label string // what it means, where it needs saying
}

// survey shows a survey. It records nothing: machines that scan links follow
// them, too.
func (s *Server) survey(w http.ResponseWriter, r *http.Request, id string) {
	p, err := s.Surveys.Page(r.Context(), id)
	s.sheet(w, p, "", err)
}

// surveyed takes an answer.
func (s *Server) surveyed(w http.ResponseWriter, r *http.Request, id string) {
	turn, err := strconv.Atoi(r.PostFormValue("turn"))
	if err != nil {
		plain(w, http.StatusBadRequest, "An answer needs the fields turn and value.\n")
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
	s.sheet(w, p, missing, err)
}

func (s *Server) sheet(w http.ResponseWriter, p callback.Page, missing string, err error) {
	if s.lost(w, err) {
		return
	}
	words := func(name string) string { return s.Words(p.Lang, ivr.Prompt{Name: name}) }
	v := sheet{
		Lang: p.Lang, Title: words("text_page_title"), Turn: p.Turn, Asks: p.Asks != "",
		Send: words("text_page_send"), NoMore: words("text_page_no_more"), Tell: words("text_page_tell"),
	}
	if v.Lang == "" {
		v.Lang = "en"
	}
	if missing != "" && v.Asks {
		v.Missing = words(missing)
	}
	for _, say := range p.Say {
		if _, ok := ends[say.Name]; ok {
			say.Name = "text_page_" + say.Name
		}
		v.Said = append(v.Said, s.Words(p.Lang, say))
	}
	for i, n := range p.Answers {
		v.Choices = append(v.Choices, choice{n, s.label(p, i)})
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

// over says so in every language: whose link it was is not known.
func (s *Server) over(w http.ResponseWriter) {
	v := sheet{Lang: "en", Title: s.Words("en", ivr.Prompt{Name: "text_page_title"})}
	for _, lang := range s.Languages {
		v.Said = append(v.Said, s.Words(lang, ivr.Prompt{Name: "text_page_over"}))
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
