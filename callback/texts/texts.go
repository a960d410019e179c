// Package texts knows how texts are written: in which words one says what it has
// to, what it asks for, and as how few messages it is billed.
package texts

import (
	"strings"

	"github.com/holdless/holdless/ivr"
)

// A Writer writes texts.
type Writer struct {
	Text     func(lang string, p ivr.Prompt) string // the words of a prompt
	Messages func(body string) int                  // as how many a text is billed; nil for always one
}

// brief begins the names of words that say the same with fewer letters, and
// without such as make a text dear. A text has room for them and a link.
const brief = "text_brief_"

// briefly names the short form of the words of a text.
func briefly(name string) string { return brief + strings.TrimPrefix(name, "text_") }

// Wording chooses among the ways to say a text, each with the digits that
// answer it and its link, the one that is billed as the fewest messages; of
// several the one with the most words.
func (w Writer) Wording(lang string, p ivr.Prompt, link string) string {
	ask := Answers(Asks(p.Name))
	few := p
	few.Name = briefly(p.Name)
	ways := []string{w.sentences(lang, link, p, ivr.Prompt{Name: ask})}
	if link != "" {
		short := ivr.Prompt{}
		if ask != "" {
			short.Name = briefly(ask)
		}
		ways = append(ways, w.sentences(lang, link, p, short), w.sentences(lang, link, few, short))
	}
	best := ways[0]
	for _, way := range ways[1:] {
		if w.Cost(way) < w.Cost(best) {
			best = way
		}
	}
	return best
}

// sentences writes prompts and a link behind one another.
func (w Writer) sentences(lang, link string, prompts ...ivr.Prompt) string {
	var all []string
	for _, p := range prompts {
		if p.Name != "" {
			all = append(all, w.Text(lang, p))
		}
	}
	if link != "" {
		all = append(all, link)
	}
	return strings.Join(all, " ")
}

// WithRoom puts something before words while both fit one text.
func (w Writer) WithRoom(before, words string) string {
	both := strings.TrimSpace(before + " " + words)
	if w.Cost(both) <= 1 {
		return both
	}
	return words
}

// Cost is as how many messages a text is billed.
func (w Writer) Cost(body string) int {
	if w.Messages == nil {
		return 1
	}
	return w.Messages(body)
}
