package sounds

import (
	"fmt"
	"slices"
	"sync"

	"github.com/holdless/holdless/sounds/cs"
	"github.com/holdless/holdless/sounds/cy"
	"github.com/holdless/holdless/sounds/el"
	"github.com/holdless/holdless/sounds/en"
	"github.com/holdless/holdless/sounds/fi"
	"github.com/holdless/holdless/sounds/grammar"
	"github.com/holdless/holdless/sounds/ro"
)

// table has one line for each language. The first is spoken when another is
// not known.
var table = []entry{
	{"en", en.Language},
	{"fi", fi.Language},
	{"cs", cs.Language},
	{"el", el.Language},
	{"cy", cy.Language},
	{"ro", ro.Language},
}

type entry struct {
	code string
	grammar.Language
}

// A language is an entry with its words read.
type language struct {
	entry
	phrases map[string]phrase
}

// languages reads the words of all languages, once.
var languages = sync.OnceValue(func() map[string]*language {
	all := make(map[string]*language, len(table))
	for _, e := range table {
		phrases, err := readWords(e.Files)
		if err != nil { // the words are part of the program, and tested
			panic(fmt.Sprintf("sounds: words of %s: %v", e.code, err))
		}
		all[e.code] = &language{e, phrases}
	}
	return all
})

// Languages returns the codes of all languages, English first.
func Languages() []string {
	codes := make([]string, len(table))
	for i, e := range table {
		codes[i] = e.code
	}
	return codes
}

// Name returns what the speakers of a language call it.
func Name(lang string) string { return speaker(lang).Name }

// Known reports whether a language is spoken.
func Known(lang string) bool { return slices.Contains(Languages(), lang) }

// speaker returns a language, or English.
func speaker(lang string) *language {
	all := languages()
	if l, ok := all[lang]; ok {
		return l
	}
	return all[table[0].code]
}
