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
	also    []string // other forms of them, as one=1
	of      []string // between a score and the end of the scale: 4 "of" 5
	not     []string
	stop    []string // by themselves: no more messages. Carriers act on the English ones
	cease   []string // at the beginning, or beside a word of about
	about   []string // what is not wanted
	wishes  []string // whole sentences that mean stop
	help    []string // by themselves
}

// english is understood whatever the language of the talk.
var english = replies{
	numbers: strings.Fields("zero one two three four five six seven eight nine ten"),
	of:      strings.Fields("of out from"),
	not:     strings.Fields("not no never isn't wasn't don't can't cannot won't hardly"),
	stop:    strings.Fields("stop stopall unsubscribe cancel end quit revoke optout arret"),
	cease:   strings.Fields("stop unsubscribe"),
	about:   strings.Fields("text texts texting sms message messages messaging sending contacting survey surveys"),
	wishes:  []string{"opt out", "stop all", "no more", "no more texts", "no more messages", "no more surveys", "leave me alone", "remove me", "do not text", "do not text me", "don't text me", "never text me"},
	help:    strings.Fields("help info"),
}

// languages lists the other languages. A new one is one entry.
var languages = map[string]replies{
	"fi": {
		numbers: strings.Fields("nolla yksi kaksi kolme nelja viisi kuusi seitseman kahdeksan yhdeksan kymmenen"),
		also:    strings.Fields("ykkonen=1 kakkonen=2 kolmonen=3 nelonen=4 viitonen=5 vitonen=5 kymppi=10"),
		of:      strings.Fields("kautta"),
		not:     strings.Fields("ei en emme eika enka eivat"),
		stop:    strings.Fields("lopeta lopettakaa peru peruuta seis"),
		cease:   strings.Fields("lopeta lopettakaa"),
		about:   strings.Fields("viesti viestit viestien viesteja viestin kysely kyselyt kyselyita kyselyja tekstari tekstarit"),
		wishes:  []string{"ei viesteja", "ei enaa viesteja", "ei kiitos viesteja", "ei enaa", "ei enaa kyselyita", "ei enaa kyselyja", "alkaa lahettako viesteja", "ala laheta viesteja"},
		help:    strings.Fields("apua ohje ohjeet"),
	},
	"cs": {
		numbers: strings.Fields("nula jedna dva tri ctyri pet sest sedm osm devet deset"),
		also:    strings.Fields("jeden=1 jednicka=1 dve=2 dvojka=2 trojka=3 ctyrka=4 petka=5 sestka=6 sedmicka=7 osmicka=8 devitka=9 desitka=10"),
		of:      strings.Fields("z ze"),
		not:     strings.Fields("ne nikdy neni nebylo nedavam nedame nedam ani"),
		stop:    strings.Fields("konec zrusit odhlasit nepsat neposilat"),
		cease:   strings.Fields("prestante nepiste neposilejte odhlaste"),
		about:   strings.Fields("zpravy zpravu sms psat posilat dotazniky pruzkum"),
		wishes:  []string{"uz nepsat", "uz neposilat", "uz mi nepiste", "zadne zpravy", "zadne dalsi zpravy"},
		help:    strings.Fields("pomoc napoveda"),
	},
	"el": {
		numbers: strings.Fields("μηδεν ενα δυο τρια τεσσερα πεντε εξι επτα οκτω εννεα δεκα"),
		also:    strings.Fields("εφτα=7 οχτω=8 εννια=9 ενας=1 μια=1 τρεισ=3 τεσσερισ=4"),
		of:      strings.Fields("στα απο"),
		not:     strings.Fields("δεν οχι μη μην ποτε ουτε"),
		stop:    strings.Fields("στοπ διακοπη τελοσ διαγραφη"),
		cease:   strings.Fields("σταματηστε σταματα διακοψτε στοπ"),
		about:   strings.Fields("μηνυμα μηνυματα sms ερωτησεισ"),
		wishes:  []string{"οχι αλλα μηνυματα", "οχι αλλεσ ερωτησεισ", "μη στελνετε", "μη μου στελνετε"},
		help:    strings.Fields("βοηθεια"),
	},
	"cy": {
		numbers: strings.Fields("dim un dau tri pedwar pump chwech saith wyth naw deg"),
		also:    strings.Fields("dwy=2 tair=3 pedair=4 pum=5 chwe=6"),
		of:      strings.Fields("allan o"),
		not:     strings.Fields("nid ddim nac dydy byth"),
		stop:    strings.Fields("stopio diwedd canslo"),
		cease:   strings.Fields("stopiwch peidiwch stopia"),
		about:   strings.Fields("neges negeseuon negesau tecstio arolwg arolygon"),
		wishes:  []string{"dim mwy", "dim mwy o negeseuon", "dim mwy o gwestiynau"},
		help:    strings.Fields("cymorth"),
	},
	"ro": {
		numbers: strings.Fields("zero unu doi trei patru cinci sase sapte opt noua zece"),
		also:    strings.Fields("una=1 doua=2 cincea=5"),
		of:      strings.Fields("din"),
		not:     strings.Fields("nu niciodata nici"),
		stop:    strings.Fields("opreste opriti dezabonare dezaboneaza renunta"),
		cease:   strings.Fields("opriti opreste incetati dezabonati"),
		about:   strings.Fields("mesaj mesaje mesajele sms intrebari sondaje"),
		wishes:  []string{"fara mesaje", "nu mai trimiteti", "nu mai trimiteti mesaje", "fara intrebari"},
		help:    strings.Fields("ajutor"),
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
	return len(all) == 1 && anyLanguage(func(r replies) bool { return slices.Contains(r.help, all[0]) })
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
	if holds(english) {
		return true
	}
	for _, r := range languages {
		if holds(r) {
			return true
		}
	}
	return false
}

func (r replies) wantsStop(all []string) bool {
	if len(all) == 1 && slices.Contains(r.stop, all[0]) || slices.Contains(r.cease, all[0]) {
		return true
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(all, func(w string) bool { return slices.Contains(list, w) })
	}
	return has(r.cease) && has(r.about) || slices.Contains(r.wishes, strings.Join(all, " "))
}

// number finds the number that a word says, noNumber for none.
func (r replies) number(word string) int {
	if i := slices.Index(r.numbers, word); i >= 0 {
		return i
	}
	for _, form := range r.also {
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
	return last, last >= 0 && len(all) <= 3 && !s.any(all, func(r replies) []string { return r.not })
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
	for skip < min(2, len(rest)) && (rest[skip] == "/" || s.any(rest[skip:skip+1], func(r replies) []string { return r.of })) {
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
