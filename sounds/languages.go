package sounds

import (
	"fmt"
	"sync"

	"github.com/holdless/holdless/sounds/languages"
)

// A language is one of the table with its words read.
type language struct {
	languages.Language
	phrases map[string]phrase
}

// spoken reads the words of all languages, once.
var spoken = sync.OnceValue(func() map[string]*language {
	all := map[string]*language{}
	for _, l := range languages.All() {
		phrases, err := readWords(l.Files)
		if err != nil { // the words are part of the program, and tested
			panic(fmt.Sprintf("sounds: words of %s: %v", l.Code, err))
		}
		all[l.Code] = &language{l, phrases}
	}
	return all
})

// Languages returns the codes of all languages, English first.
func Languages() []string { return languages.Codes() }

// Name returns what the speakers of a language call it.
func Name(lang string) string { return speaker(lang).Name }

// Known reports whether a language is spoken.
func Known(lang string) bool {
	_, ok := languages.Find(lang)
	return ok
}

// speaker returns a language, or English.
func speaker(lang string) *language {
	all := spoken()
	if l, ok := all[lang]; ok {
		return l
	}
	return all[Languages()[0]]
}
