package sounds

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

// A piece is words that are one sound.
type piece struct {
	words string
	free  bool // words of the supervisor, which no shipped sound can have
}

// pieces cuts a clause into what ships as one sound each. A key stays within
// the words around it.
func (l *language) pieces(c clause, p ivr.Prompt) []piece {
	var all []piece
	var plain strings.Builder
	flush := func() {
		if w := tidy(l.inWords(plain.String())); w != "" {
			all = append(all, piece{words: w})
		}
		plain.Reset()
	}
	for _, part := range c {
		plain.WriteString(part.words)
		switch part.hole {
		case "":
		case "key":
			plain.WriteString(l.Spoken.Key(p.Key))
		default:
			flush()
			for _, w := range fill(part, p, l.Spoken) {
				all = append(all, piece{l.inWords(w), part.hole == "text"})
			}
		}
	}
	flush()
	return all
}

// tidy drops what a voice cannot say alone: the comma after a hole.
func tidy(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })
	return strings.TrimSpace(s)
}

// spoken returns a clause as one string.
func (l *language) spoken(c clause, p ivr.Prompt) string {
	var b strings.Builder
	for _, part := range c {
		b.WriteString(part.words)
		b.WriteString(join(fill(part, p, l.Spoken)))
	}
	return tidy(l.inWords(b.String()))
}

// repertoire returns all words that need a sound of their own so that every
// prompt can be said without a speech engine, sorted.
func (l *language) repertoire() []string {
	all := map[string]bool{}
	add := func(words ...string) {
		for _, w := range words {
			all[w] = true
		}
	}
	for name, phrase := range l.phrases {
		if strings.HasPrefix(name, onlyWritten) {
			continue
		}
		for _, s := range phrase {
			add(l.fixed(s)...)
		}
	}
	for minute := range 24 * 60 {
		add(l.Spoken.Clock(minute/60, minute%60)...)
	}
	for day := range 366 {
		date := time.Date(2028, 1, 1+day, 0, 0, 0, 0, time.UTC)
		add(l.Spoken.Day(grammar.DayOf(date, time.Time{}))...)
		for ahead := range 7 { // every day of a week, seen from every other
			add(l.Spoken.Day(grammar.DayOf(date, date.AddDate(0, 0, -ahead)))...)
		}
	}
	for n := range 1000 {
		add(l.Spoken.Number(n)...)
		add(l.Spoken.Number(n * 1000)...)
		for _, say := range l.Spoken.Forms {
			add(say(n)...)
		}
	}
	add(l.Spoken.Phone("+0123456789")...)
	for _, text := range l.labels() {
		add(l.freely(text)...)
	}
	delete(all, grammar.Pause)
	return slices.Sorted(maps.Keys(all))
}

// menus are those that ship with holdless, and so must speak like the rest.
var menus = []string{"main", "agent", "whisper", "customer", "desk", "survey"}

// labels returns the words of their own that the shipped menus have.
func (l *language) labels() []string {
	var all []string
	for _, name := range menus {
		m, err := ivr.Default(name)
		if err != nil { // it is part of the program, and tested
			panic(fmt.Sprintf("sounds: menu %s: %v", name, err))
		}
		all = append(all, m.Texts(l.Code)...)
	}
	return all
}

// freely returns what is worth a sound of the supervisor's own words: they
// alone, and as the label of a choice.
func (l *language) freely(text string) []string {
	p := ivr.Prompt{Name: "option", Text: text, Key: keys[0]}
	choice := l.clauses(l.phrases[p.Name], p)
	return []string{l.inWords(text), l.spoken(choice[0], p)}
}

// keys are those of a telephone.
var keys = strings.Split("1234567890*#", "")

// fixed returns the pieces of a sentence that do not depend on what its holes
// are filled with, for every key.
func (l *language) fixed(s sentence) []string {
	var all []string
	for _, key := range keys {
		for _, c := range s {
			plain := make(clause, len(c))
			copy(plain, c)
			for i, part := range plain {
				if part.hole != "" && part.hole != "key" {
					plain[i].hole = "cut"
				}
			}
			for _, p := range l.pieces(plain, ivr.Prompt{Key: key}) {
				all = append(all, p.words)
			}
		}
	}
	return all
}
