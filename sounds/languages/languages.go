// Package languages lists the languages that holdless speaks, each a folder of
// package sounds.
package languages

import (
	"slices"

	"github.com/holdless/holdless/sounds/cs"
	"github.com/holdless/holdless/sounds/cy"
	"github.com/holdless/holdless/sounds/el"
	"github.com/holdless/holdless/sounds/en"
	"github.com/holdless/holdless/sounds/fi"
	"github.com/holdless/holdless/sounds/grammar"
	"github.com/holdless/holdless/sounds/ro"
	"github.com/holdless/holdless/sounds/sv"
)

// table has one line for each language. The first is spoken when another is
// not known, and understood whatever else is spoken.
var table = []Language{
	{"en", en.Language},
	{"fi", fi.Language},
	{"cs", cs.Language},
	{"el", el.Language},
	{"cy", cy.Language},
	{"ro", ro.Language},
	{"sv", sv.Language},
}

// A Language is one line: its code, and all that its folder knows.
type Language struct {
	Code string
	grammar.Language
}

// All returns the languages, English first.
func All() []Language { return slices.Clone(table) }

// Codes returns the codes of the languages, English first.
func Codes() []string {
	codes := make([]string, len(table))
	for i, l := range table {
		codes[i] = l.Code
	}
	return codes
}

// Find returns the language of a code.
func Find(code string) (Language, bool) {
	for _, l := range table {
		if l.Code == code {
			return l, true
		}
	}
	return Language{}, false
}
