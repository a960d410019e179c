package sms

import (
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/languages"
)

// marks are those that typographers use.
var marks = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "…", "...", "\u00a0", " ")

// Foldable lists the languages that can be written without accents, in an
// alphabet where one character more would make a text two or three times as
// dear.
func Foldable() []string {
	var all []string
	for _, l := range languages.All() {
		if l.Plain != nil {
			all = append(all, l.Code)
		}
	}
	slices.Sort(all)
	return all
}

// Fold writes a text of a language in the cheaper alphabet, as far as that
// has letters for it. It leaves alone what fits already.
func Fold(lang, s string) string {
	l, _ := languages.Find(lang)
	if l.Plain == nil || GSM(s) {
		return s
	}
	return l.Plain(marks.Replace(s))
}

// Folding makes the words of some languages cheaper.
func Folding(words func(lang string, p ivr.Prompt) string, langs []string) func(string, ivr.Prompt) string {
	return func(lang string, p ivr.Prompt) string {
		s := words(lang, p)
		if slices.Contains(langs, lang) {
			s = Fold(lang, s)
		}
		return s
	}
}

// Dear returns the characters that keep a text out of the GSM alphabet, each
// once.
func Dear(body string) string {
	var all []rune
	for _, r := range body {
		if !GSM(string(r)) && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return string(all)
}
