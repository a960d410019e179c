package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A tongue is a language in which a page can be read.
type tongue struct {
	Code, Name string
	Chosen     bool
}

// A reading is the language of a page for customers, and the choice of others.
type reading struct {
	Lang   string
	Langs  []tongue // none when there is no choice
	Choose string   // what the choice is called
	Typed  bool     // the page has a form named ask, with what was typed in it
	Site   string   // of somebody else, that shows the page; "" for none
}

// reads makes a page readable in a language, and offers all others.
func (s *Server) reads(lang string) reading {
	r := reading{Lang: lang, Choose: s.Words(lang, ivr.Prompt{Name: "text_page_language"})}
	for _, code := range s.Languages {
		r.Langs = append(r.Langs, tongue{code, sounds.Name(code), code == lang})
	}
	if len(r.Langs) < 2 {
		r.Langs = nil
	}
	return r
}

// langOf is the language in which a page is read: the one that its reader has
// chosen on it, his own where we know it, or else what his browser asks for.
func (s *Server) langOf(r *http.Request, own string) string {
	for _, lang := range append([]string{r.FormValue("into"), r.FormValue("lang"), own}, accepted(r)...) {
		if slices.Contains(s.Languages, lang) {
			return lang
		}
	}
	if len(s.Languages) == 0 {
		return "en"
	}
	return s.Languages[0]
}

// accepted are the languages that a browser asks for, the dearest first (RFC
// 9110, 12.5.4).
func accepted(r *http.Request) (langs []string) {
	type asked struct {
		lang   string
		weight float64
	}
	var all []asked
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		lang, weight, weighed := strings.Cut(strings.ToLower(strings.ReplaceAll(part, " ", "")), ";q=")
		lang, _, _ = strings.Cut(lang, "-")
		q, err := strconv.ParseFloat(weight, 64)
		if !weighed || err != nil {
			q = 1
		}
		if q > 0 {
			all = append(all, asked{lang, q})
		}
	}
	slices.SortStableFunc(all, func(a, b asked) int { return cmp.Compare(b.weight, a.weight) })
	for _, a := range all {
		langs = append(langs, a.lang)
	}
	return langs
}

// turned reports whether a form was sent for nothing but another language.
func turned(r *http.Request) bool { return r.PostFormValue("into") != "" }
