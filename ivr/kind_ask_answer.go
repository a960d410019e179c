package ivr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/holdless/holdless/sounds/grammar"
	"github.com/holdless/holdless/sounds/languages"
)

// An answer is what was understood of an answer in words.
type answer struct {
	given bool
	value string // the number, or all words where any will do
	words string // what else was said, to be read by a person
	stop  bool   // no more messages are wanted
}

// replies are the words of a language that answers are made of.
type replies grammar.Replies

// english is understood whatever the language of the talk.
func english() replies {
	l, _ := languages.Find("en")
	return replies(l.Replies)
}

// readAnswer understands "5", "4 thanks", "neljä", "5/5" and "stop". What
// could be two answers, or is off the scale, is none.
func readAnswer(body, lang string, scale []int) answer {
	raw := strings.TrimSpace(body)
	all := tokens(fold(raw))
	tables := []replies{english()}
	if l, ok := languages.Find(lang); ok && lang != "en" {
		tables = append(tables, replies(l.Replies))
	}
	switch {
	case WantsStop(body):
		return answer{stop: true, words: raw}
	case scale == nil:
		return answer{given: raw != "", value: raw}
	case len(all) == 1 && all[0] == "0" && scale[0] > 0: // as every survey text says
		return answer{stop: true}
	}
	s := score{tables: tables, scale: scale}
	if n := stars(raw); n > 0 && len(all) == 0 {
		all = []string{strconv.Itoa(n)}
	}
	n, ok := s.read(all)
	a := answer{given: ok}
	if ok {
		a.value = strconv.Itoa(n)
	}
	if s.more || !ok {
		a.words = raw
	}
	return a
}

// WantsStop reports whether somebody asks for no more messages, in any
// language. It would rather believe it once too often.
func WantsStop(body string) bool {
	all := tokens(fold(body))
	if len(all) == 0 {
		return false
	}
	return anyLanguage(func(r replies) bool { return r.wantsStop(all) })
}

// WantsHelp reports whether somebody asks who we are, in any language.
func WantsHelp(body string) bool {
	all := tokens(fold(body))
	return len(all) == 1 && anyLanguage(func(r replies) bool { return slices.Contains(r.Help, all[0]) })
}

// WantsStart reports whether somebody takes back that he wants no messages.
// Carriers act on these words alone.
func WantsStart(body string) bool {
	all := tokens(fold(body))
	return len(all) == 1 && (all[0] == "start" || all[0] == "unstop")
}

// ReadNumber understands an answer that is one of a few numbers, in words of
// a language or of English.
func ReadNumber(body, lang string, answers []int) (int, bool) {
	a := readAnswer(body, lang, answers)
	n, err := strconv.Atoi(a.value)
	return n, a.given && err == nil
}

func anyLanguage(holds func(replies) bool) bool {
	return slices.ContainsFunc(languages.All(), func(l languages.Language) bool { return holds(replies(l.Replies)) })
}

func (r replies) wantsStop(all []string) bool {
	if len(all) == 1 && slices.Contains(r.Stop, all[0]) || slices.Contains(r.Cease, all[0]) {
		return true
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(all, func(w string) bool { return slices.Contains(list, w) })
	}
	return has(r.Cease) && has(r.About) || slices.Contains(r.Wishes, strings.Join(r.blunt(all), " "))
}

// blunt leaves out what people say out of politeness: "no more, thanks".
func (r replies) blunt(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(r.Polite, w) })
}

// number finds the number that a word says, noNumber for none.
func (r replies) number(word string) int {
	if i := slices.Index(r.Numbers, word); i >= 0 {
		return i
	}
	for _, form := range r.Also {
		if name, digits, _ := strings.Cut(form, "="); name == word {
			n, _ := strconv.Atoi(digits) // written above
			return n
		}
	}
	return noNumber
}

// A score reads a number on a scale.
type score struct {
	tables []replies
	scale  []int
	more   bool // there were more words than the number
}

// What value returns for a word that is no answer.
const (
	noNumber = -1
	offScale = -2 // a number, and not on the scale
)

func (s *score) read(all []string) (int, bool) {
	if len(all) == 0 {
		return 0, false
	}
	s.more = len(all) > 1
	first := s.value(all[0])
	switch {
	case first == offScale:
		return 0, false
	case first >= 0:
		return first, s.alone(first, all[1:])
	}
	// "I give 4", but not "not 5"
	last := s.value(all[len(all)-1])
	return last, last >= 0 && len(all) <= 3 && !s.any(all, func(r replies) []string { return r.Not })
}

// alone reports whether the words after a number leave it as the answer: not
// in "4/10", "1-5" and "1 or 2", but in "4/5" and "5 but I waited 20 minutes".
func (s *score) alone(first int, rest []string) bool {
	if end, ok := s.outOf(rest); ok {
		return end == strconv.Itoa(s.scale[len(s.scale)-1])
	}
	if len(rest) > 1 && rest[0] == "/" && s.value(rest[1]) != noNumber { // 4/5/2024
		return false
	}
	for i, w := range rest[:min(3, len(rest))] {
		if n := s.value(w); n != noNumber && n != first && (i == 0 || len(rest) <= 2) {
			return false
		}
	}
	return true
}

// outOf finds the end of the scale in "/5", "of 5" and "out of 5".
func (s *score) outOf(rest []string) (string, bool) {
	skip := 0
	for skip < min(2, len(rest)) && (rest[skip] == "/" || s.any(rest[skip:skip+1], func(r replies) []string { return r.Of })) {
		skip++
	}
	if skip == 0 || skip >= len(rest) || !digits(rest[skip], 1, 3) || skip+1 < len(rest) && rest[skip+1] == "/" {
		return "", false
	}
	s.more = len(rest) > skip+1
	return rest[skip], true
}

func (s *score) any(all []string, list func(replies) []string) bool {
	for _, r := range s.tables {
		if slices.ContainsFunc(all, func(w string) bool { return slices.Contains(list(r), w) }) {
			return true
		}
	}
	return false
}

func (s *score) value(word string) int {
	n := -1
	for _, r := range s.tables {
		if i := r.number(word); i >= 0 {
			n = i
		}
	}
	if n < 0 {
		if word == "" || word[0] < '0' || word[0] > '9' {
			return noNumber
		}
		var err error
		if n, err = strconv.Atoi(word); err != nil { // 4.5
			return offScale
		}
	}
	if !slices.Contains(s.scale, n) {
		return offScale
	}
	return n
}
