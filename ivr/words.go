package ivr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Words are the supervisor's own, in one language, and where they stand.
type Words struct {
	Node string
	What string // "say", "label", ...
	Lang string
	Text string

	Recording string // the name of a recording of the text; "" for none

	Line   int // in all files of the menu together
	Column int
}

// Words returns the supervisor's own words in the order of the file.
func (m *Menu) Words() []Words { return append([]Words(nil), m.words...) }

// Mistake describes something about the words of a menu, with the place in
// its file.
func (m *Menu) Mistake(w Words, text, suggestion string) Mistake {
	return m.mistake(w.Line, w.Column, text, suggestion)
}

func (m *Menu) mistake(line, col int, text, suggestion string) Mistake {
	file, local := place(m.sections, line)
	return Mistake{
		File: file, Line: local, Column: col, Text: text,
		Excerpt: excerpt(m.lines, line, col), Suggestion: suggestion, at: line,
	}
}

// MistakeAt describes something about a node, or about one of its fields, with
// the place in its file.
func (m *Menu) MistakeAt(node Node, text, suggestion string, path ...string) Mistake {
	for _, f := range node.Fields {
		if len(path) > 0 && slices.Equal(f.Path, path) {
			return m.mistake(f.line, f.column, text, suggestion)
		}
	}
	return m.mistake(node.Line, max(1, node.column), text, suggestion)
}

// MistakeOf describes something about one of the languages of the menu, with
// the place in its file.
func (m *Menu) MistakeOf(lang, text, suggestion string) Mistake {
	i := slices.Index(m.languages, lang)
	if i < 0 || i >= len(m.spoken) {
		return Mistake{File: m.name, Text: text, Suggestion: suggestion}
	}
	return m.mistake(m.spoken[i].line, m.spoken[i].column, text, suggestion)
}

// Node returns one step of the menu.
func (m *Menu) Node(name string) Node {
	for _, n := range m.outline {
		if n.Name == name {
			return n
		}
	}
	return Node{Name: name}
}

// speakable reports words that no voice can say, and characters in words that
// it would leave out.
func (r *reader) speakable(n *yaml.Node, what, text string) {
	if !strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
		r.fail(n, what+" cannot be spoken: it has no letter", "")
		return
	}
	if r.menu.audience == texter {
		return
	}
	if i := strings.IndexFunc(text, unspoken); i >= 0 {
		c := []rune(text[i:])[0]
		r.warn(n, fmt.Sprintf("%q in %s is not spoken", c, what), "write it in words")
		return
	}
	if number := misread.FindString(text); number != "" {
		r.warn(n, fmt.Sprintf("a voice may not read %q in %s as people do", number, what), "write it in words")
	}
}

// misread are numbers that voices read as something else: telephone numbers as
// millions, times and dates as fractions, and signs in another language.
var misread = regexp.MustCompile(`\+?[0-9]{5,}|[0-9]+[.:][0-9]+|[0-9]+ ?[%€$£&+/]|[%€$£&]`)

// unspoken are characters that voices leave out or stumble over.
func unspoken(c rune) bool {
	return strings.ContainsRune("{}<>[]|\\_~^=", c) || unicode.Is(unicode.So, c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Co, c)
}
