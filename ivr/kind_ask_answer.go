package ivr

import (
	"slices"
	"strconv"
	"strings"
)

// An answer is what was understood of an answer in words.
type answer struct {
	given bool
	value string // the number, or all words where any will do
	words string // what else was said, to be read by a person
	stop  bool   // no more messages are wanted
}

// replies lists the words of a language that answers are made of, folded.
type replies struct {
	numbers []string // from zero
	of      []string // between a score and the end of the scale: 4 "of" 5
	not     []string
	stop    []string // by themselves or at the beginning: no more messages
	about   []string // anywhere in the sentence beside a word of stop
	wishes  []string // whole sentences that mean stop
}

// english is understood whatever the language of the talk.
var english = replies{
	numbers: strings.Fields("zero one two three four five six seven eight nine ten"),
	of:      strings.Fields("of out from"),
	not:     strings.Fields("not no never isn't wasn't don't"),
	stop:    strings.Fields("stop stopall unsubscribe cancel end quit revoke optout"),
	about:   strings.Fields("text texts texting sms message messages messaging sending contacting survey surveys"),
	wishes:  []string{"opt out", "stop all", "no more", "no more texts", "no more messages", "no more surveys", "leave me alone", "remove me", "do not text", "do not text me", "don't text me", "never text me"},
}

// languages lists the other languages. A new one is one entry.
var languages = map[string]replies{
	"fi": {
		numbers: strings.Fields("nolla yksi kaksi kolme nelja viisi kuusi seitseman kahdeksan yhdeksan kymmenen"),
		of:      strings.Fields("kautta"),
		not:     strings.Fields("ei en"),
		stop:    strings.Fields("lopeta lopettakaa peru peruuta seis"),
		about:   strings.Fields("viesti viestit viestien viesteja viestin kysely kyselyt kyselyita kyselyja tekstari tekstarit"),
		wishes:  []string{"ei viesteja", "ei enaa viesteja", "ei kiitos viesteja", "ei enaa", "ei enaa kyselyita", "ei enaa kyselyja", "alkaa lahettako viesteja", "ala laheta viesteja"},
	},
}

// readAnswer understands "5", "4 thanks", "neljä", "5/5" and "stop". What
// could be two answers, or is off the scale, is none.
func readAnswer(body, lang string, scale []int) answer {
	raw := strings.TrimSpace(body)
	all := tokens(fold(raw))
	tables := []replies{english}
	if r, ok := languages[lang]; ok {
		tables = append(tables, r)
	}
	switch {
	case wantsStop(all, tables):
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

// wantsStop reports whether somebody asks for no more messages. It would
// rather believe it once too often.
func wantsStop(all []string, tables []replies) bool {
	if len(all) == 0 {
		return false
	}
	for _, r := range tables {
		has := func(list []string) bool {
			return slices.ContainsFunc(all, func(w string) bool { return slices.Contains(list, w) })
		}
		first := slices.Contains(r.stop, all[0])
		if first || has(r.stop) && has(r.about) || slices.Contains(r.wishes, strings.Join(all, " ")) {
			return true
		}
	}
	return false
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
	return last, last >= 0 && len(all) <= 3 && !s.any(all, func(r replies) []string { return r.not })
}

// alone reports whether the words after a number leave it as the answer: not
// in "4/10", "1-5" and "1 or 2", but in "4/5" and "5 but I waited 20 minutes".
func (s *score) alone(first int, rest []string) bool {
	if end, ok := s.outOf(rest); ok {
		return end == strconv.Itoa(s.scale[len(s.scale)-1])
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
	for skip < min(2, len(rest)) && (rest[skip] == "/" || s.any(rest[skip:skip+1], func(r replies) []string { return r.of })) {
		skip++
	}
	if skip == 0 || skip >= len(rest) || !digits(rest[skip], 1, 3) {
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
		if i := slices.Index(r.numbers, word); i >= 0 {
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
