package ivr

import (
	"strings"
	"unicode"
)

// marks takes the marks off letters that people leave out in texts.
var marks = strings.NewReplacer(
	"ä", "a", "ö", "o", "å", "a", "ü", "u", "’", "'", "´", "'",
	"á", "a", "č", "c", "ď", "d", "é", "e", "ě", "e", "í", "i", "ň", "n", "ó", "o", "ř", "r", "š", "s", "ť", "t", "ú", "u", "ů", "u", "ý", "y", "ž", "z",
	"ά", "α", "έ", "ε", "ή", "η", "ί", "ι", "ϊ", "ι", "ΐ", "ι", "ό", "ο", "ύ", "υ", "ϋ", "υ", "ΰ", "υ", "ώ", "ω", "ς", "σ",
	"â", "a", "ê", "e", "î", "i", "ô", "o", "û", "u", "ŵ", "w", "ŷ", "y", "ï", "i", "ë", "e",
	"ă", "a", "ș", "s", "ş", "s", "ț", "t", "ţ", "t",
	"\u0300", "", "\u0301", "", "\u0302", "", "\u0306", "", "\u0308", "", "\u030a", "", "\u030c", "", "\u0326", "", "\u0327", "",
	"\u20e3", "", "\ufe0f", "",
	"½", "0.5", "¼", "0.2", "¾", "0.7", // behind a number they make it none of the scale
)

// lookalikes are Latin letters that pass for Greek ones: telephones write
// Greek capitals with them, as the GSM alphabet does.
var lookalikes = strings.NewReplacer(
	"a", "α", "b", "β", "e", "ε", "z", "ζ", "h", "η", "i", "ι", "k", "κ", "m", "μ", "n", "ν",
	"o", "ο", "p", "ρ", "t", "τ", "y", "υ", "x", "χ",
)

// oneScript writes a word that mixes Greek letters and Latin ones in Greek.
func oneScript(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Greek, r) }) {
		return lookalikes.Replace(word)
	}
	return word
}

// plain takes out what is not seen, and makes wide characters narrow.
func plain(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// fold writes a text in the one form in which words are looked up.
func fold(s string) string {
	return strings.Map(digit, marks.Replace(strings.ToLower(strings.Map(plain, s))))
}

// Fold writes a text in the one form in which words are looked up: small
// letters without marks.
func Fold(s string) string { return fold(s) }

// digit turns digits in circles, wide digits and those of other scripts into
// plain ones.
func digit(r rune) rune {
	switch {
	case r >= '①' && r <= '⑨':
		return '1' + r - '①'
	case r < 0x80 || !unicode.IsDigit(r):
		return r
	}
	zero := r // digits come in runs of ten
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return '0' + r - zero
}

// tokens cuts a folded text into words, numbers and slashes.
func tokens(s string) []string {
	var all []string
	var word []rune
	number := false
	flush := func() {
		if w := strings.Trim(string(word), ".,'"); w != "" {
			all = append(all, oneScript(w))
		}
		word, number = nil, false
	}
	for _, r := range s {
		isDigit := r >= '0' && r <= '9'
		switch {
		case isDigit, number && (r == '.' || r == ','):
			if !number {
				flush()
			}
			number = true
			word = append(word, r)
			continue
		case number:
			flush()
		}
		switch {
		case unicode.IsLetter(r), r == '\'':
			word = append(word, r)
		case r == '/':
			flush()
			all = append(all, "/")
		default:
			flush()
		}
	}
	flush()
	return all
}

// stars counts them in an answer that is nothing else.
func stars(s string) int {
	n := 0
	for _, r := range s {
		switch r {
		case '⭐', '★', '🌟':
			n++
		case '\ufe0f', ' ', '☆':
		default:
			return 0
		}
	}
	return n
}
