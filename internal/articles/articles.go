// Package articles keeps what agents look up: short articles with keywords,
// and a checklist for each matter.
package articles

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/holdless/holdless/ivr"
)

// A Book is one file of articles, as it was written.
type Book struct {
	Checklists map[string][]string `yaml:"checklists"` // by topic: what to ask or say, in this order
	Articles   map[string]Article  `yaml:"articles"`   // by short name
}

// An Article is one page for agents.
type Article struct {
	Title  string   `yaml:"title"`
	Topics []string `yaml:"topics"` // matters that it belongs to, as menus note them
	Tags   []string `yaml:"tags"`   // keywords
	Text   string   `yaml:"text"`
}

// The limits of what an agent can take in while somebody waits on the line.
const (
	maxSteps = 7
	maxStep  = 120
	maxTitle = 80
	maxText  = 4000
)

// Check reports everything that is wrong, each with its place.
func (b Book) Check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, topic := range slices.Sorted(maps.Keys(b.Checklists)) {
		steps := b.Checklists[topic]
		if n := len(steps); n == 0 || n > maxSteps {
			wrong("checklists.%s: it has %d steps; 1 to %d can be kept in mind", topic, n, maxSteps)
		}
		for i, step := range steps {
			if n := utf8.RuneCountInString(step); strings.TrimSpace(step) == "" || n > maxStep {
				wrong("checklists.%s[%d]: a step has 1 to %d characters, not %d", topic, i, maxStep, n)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Articles)) {
		for _, err := range b.Articles[name].check() {
			errs = append(errs, fmt.Errorf("articles.%s%w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (a Article) check() []error {
	var errs []error
	if n := utf8.RuneCountInString(a.Title); strings.TrimSpace(a.Title) == "" || n > maxTitle {
		errs = append(errs, fmt.Errorf(".title: it has 1 to %d characters, not %d", maxTitle, n))
	}
	if n := utf8.RuneCountInString(a.Text); strings.TrimSpace(a.Text) == "" || n > maxText {
		errs = append(errs, fmt.Errorf(".text: it has 1 to %d characters, not %d", maxText, n))
	}
	if len(a.Tags) == 0 && len(a.Topics) == 0 {
		errs = append(errs, errors.New(": without tags and topics nobody finds it"))
	}
	for i, tag := range a.Tags {
		switch folded := ivr.Fold(tag); {
		case strings.TrimSpace(tag) == "":
			errs = append(errs, fmt.Errorf(".tags[%d]: it is empty", i))
		case slices.ContainsFunc(a.Tags[:i], func(s string) bool { return ivr.Fold(s) == folded }):
			errs = append(errs, fmt.Errorf(".tags[%d]: %q is here twice", i, tag))
		}
	}
	return errs
}

// Topics returns every matter that the book speaks of, with the place where
// it first does.
func (b Book) Topics() map[string]string {
	all := map[string]string{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(b.Articles))) {
		for i, topic := range b.Articles[name].Topics {
			all[topic] = fmt.Sprintf("articles.%s.topics[%d]", name, i)
		}
	}
	for topic := range b.Checklists {
		all[topic] = "checklists." + topic
	}
	return all
}

// A Hit is an article that was found.
type Hit struct {
	Name string `json:"name"`
	Article
	Score int `json:"-"`
}

// How much a word counts, by where it stands.
const (
	inTag   = 8
	inTopic = 6
	inTitle = 4
	inText  = 1
)

// Find returns the articles in which all words stand, the best first. Letters
// count without their marks, and the beginning of a word is enough.
func (b Book) Find(words string) []Hit {
	wanted := strings.FieldsFunc(ivr.Fold(words), notInWord)
	var hits []Hit
	for _, name := range slices.Sorted(maps.Keys(b.Articles)) {
		if score := b.Articles[name].score(wanted); score > 0 {
			hits = append(hits, Hit{name, b.Articles[name], score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return b.Score - a.Score })
	return hits
}

// About returns the articles of a matter, those with a keyword among the words
// that are known of it first.
func (b Book) About(topic, known string) []Hit {
	words := strings.FieldsFunc(ivr.Fold(known), notInWord)
	var hits []Hit
	for _, name := range slices.Sorted(maps.Keys(b.Articles)) {
		a := b.Articles[name]
		score := 0
		if slices.Contains(a.Topics, topic) {
			score = inTopic
		}
		for _, word := range words {
			score += a.worth(word) / inTag * inTag // keywords alone
		}
		if score > 0 {
			hits = append(hits, Hit{name, a, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return b.Score - a.Score })
	return hits
}

// score is 0 when one of the words stands nowhere.
func (a Article) score(words []string) int {
	sum := 0
	for _, word := range words {
		worth := a.worth(word)
		if worth == 0 {
			return 0
		}
		sum += worth
	}
	return sum
}

// worth is what the best place of a word counts.
func (a Article) worth(word string) int {
	switch {
	case begins(strings.Join(a.Tags, " "), word):
		return inTag
	case begins(strings.Join(a.Topics, " "), word):
		return inTopic
	case begins(a.Title, word):
		return inTitle
	case begins(a.Text, word):
		return inText
	}
	return 0
}

// begins reports whether a word of a text begins so.
func begins(text, word string) bool {
	return strings.Contains(" "+strings.Join(strings.FieldsFunc(ivr.Fold(text), notInWord), " "), " "+word)
}

func notInWord(r rune) bool { return strings.ContainsRune(" \t\r\n.,:;!?()\"'/-", r) }
