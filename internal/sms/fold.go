package sms

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// foldings say how a language is written in the GSM alphabet, where one
// character outside of it would make a text two or three times as dear.
var foldings = map[string]func(string) string{
	"cs": pairs("áa čc ďd ěe íi ňn óo řr šs ťt úu ůu ýy žz").Replace,
	"cy": pairs("áa âa ëe êe íi îi ïi óo ôo úu ûu ẁw ẃw ŵw ẅw ýy ŷy ÿy").Replace,
	"el": greek,
	"ro": pairs("ăa âa îi șs şs țt ţt").Replace,
}

// marks are those that typographers use.
var marks = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "…", "...", "\u00a0", " ")

// pairs makes a replacer of letters and what is written for them, small and
// capital.
func pairs(all string) *strings.Replacer {
	var list []string
	for p := range strings.FieldsSeq(all) {
		r := []rune(p)
		from, to := string(r[0]), string(r[1])
		list = append(list, from, to, strings.ToUpper(from), strings.ToUpper(to))
	}
	return strings.NewReplacer(list...)
}

// greek writes capitals, as on signs: half of them look like Latin ones, and
// the alphabet has the other half (3GPP TS 23.038, 6.2.1).
func greek(s string) string { return greekLetters.Replace(strings.ToUpper(s)) }

var greekLetters = strings.NewReplacer(
	"Ά", "A", "Έ", "E", "Ή", "H", "Ί", "I", "Ϊ", "I", "ΐ", "I", "Ό", "O", "Ύ", "Y", "Ϋ", "Y", "ΰ", "Y", "Ώ", "Ω",
	"Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P",
	"Τ", "T", "Υ", "Y", "Χ", "X", "\u0301", "", "\u0308", "", ";", "?",
)

// Foldable lists the languages that can be written without accents.
func Foldable() []string { return slices.Sorted(maps.Keys(foldings)) }

// Fold writes a text of a language in the cheaper alphabet, as far as that
// has letters for it. It leaves alone what fits already.
func Fold(lang, s string) string {
	fold, ok := foldings[lang]
	if !ok || GSM(s) {
		return s
	}
	return fold(marks.Replace(s))
}

// Folding makes the words of some languages cheaper.
func Folding(words func(lang string, p ivr.Prompt) string, langs []string) func(string, ivr.Prompt) string {
	return func(lang string, p ivr.Prompt) string {
		s := words(lang, p)
		if slices.Contains(langs, lang) {
			s = Fold(lang, s)
		}
		return s
	}
}

// Dear returns the characters that keep a text out of the GSM alphabet, each
// once.
func Dear(body string) string {
	var all []rune
	for _, r := range body {
		if !GSM(string(r)) && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return string(all)
}
