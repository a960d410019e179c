package ivr

import (
	"slices"
	"strings"
	"testing"
)

// everywhere are replies that mean the same whatever the language of the
// question: a number from 1 to 5, "stop", or "" for what must be asked again.
var everywhere = map[string]string{
	"1": "1", "2": "2", "3": "3", "4": "4", "5": "5",
	" 5 ": "5", "5.": "5", "5!": "5", "5!!!": "5", "(5)": "5", "\"5\"": "5", "5\n": "5", "5\u00a0": "5", "*5*": "5",
	"+5": "5", "#5": "5", "= 5": "5", "5 5 5": "5", "5, 5": "5", "5,5": "", "4.5": "", "4½": "",
	"5/5": "5", "5 / 5": "5", "4/5": "4", "1/5": "1", "5/": "5", "/5": "5", "4/10": "", "10/10": "", "5/4": "", "5/5/5": "", "4/5/2024": "", "5/great": "5",
	"５": "5", "５/５": "5", "４／５": "4", "٥": "5", "۵": "5", "५": "5", "⑤": "5", "5️⃣": "5", "5⃣": "5", "➎": "", "Ⅴ": "",
	"⭐⭐⭐⭐": "4", "⭐️⭐️⭐️⭐️⭐️": "5", "★★★☆☆": "3", "🌟🌟": "2", "⭐⭐⭐⭐⭐⭐": "", "⭐ ⭐": "2",
	"5 👍": "5", "👍 5": "5", "5😀😀": "5", "👍": "", "👎": "", "❤️": "", "😡😡😡": "", "🖐": "",
	"1-5": "", "1–5": "", "1 2": "", "3 4": "", "55": "", "7": "", "10": "", "-": "", "?": "", "...": "", "": "", "   ": "",
	"99999999999999999999": "", "0x5": "", "5e3": "", "00": "", "05": "5",
	"five": "5", "FIVE!": "5", "4 thanks": "4", "4, great": "4", "4-great": "4", "4 out of 5": "4", "5 of 5": "5", "4 of 10": "",
	"not 5": "", "never a 5": "", "no 5": "", "5, not 4": "", "1 or 2": "", "5 but I waited 20 minutes": "5", "I waited 5 minutes": "",
	"0": "stop", " 0. ": "stop", "０": "stop", "STOP": "stop", "stop": "stop", "Stop.": "stop", "ＳＴＯＰ": "stop", "\u200bstop": "stop", "sto\u00adp": "stop",
	"unsubscribe": "stop", "opt out": "stop", "opt-out": "stop", "quit": "stop", "stop 5": "stop",
	"LOPETA": "stop", "konec": "stop", "ΣΤΟΠ": "stop", "στοπ": "stop", "διακοπή": "stop", "stopio": "stop", "oprește": "stop", "OPREŞTE": "stop",
}

// own are replies in the words of a language.
var own = map[string]map[string]string{
	"en": {
		"one": "1", "Two": "2", "three stars": "3", "4 stars": "4", "I give 4": "4", "it was a 5": "", "a five": "5", "five of five": "5",
		"isn't a 5": "", "don't give 5": "", "can't say 5": "", "hardly 5": "", "fivefold": "", "pump": "", "viisi": "",
	},
	"fi": {
		"yksi": "1", "kaksi": "2", "kolme": "3", "Neljä": "4", "NELJÄ": "4", "nelja": "4", "viisi": "5", "vitonen": "5", "ykkönen": "1", "annan 4": "4",
		"5 kautta 5": "5", "4/5 kiitos": "4", "viisi!": "5", "ei 5": "", "en anna 5": "", "ei todellakaan 5": "", "eikä 5": "", "emme anna 5": "",
		"1 tai 2": "", "odotin 5 minuuttia": "", "Odotin 2 päivää ja silti ei apua": "", "ei enää viestejä": "stop", "ei kiitos viestejä": "stop",
		"5 ei moitteita": "5", "cinci": "",
	},
	"cs": {
		"jedna": "1", "dvě": "2", "tři": "3", "čtyři": "4", "ctyri": "4", "ČTYŘI": "4", "pět": "5", "PET": "5", "pětka": "5", "dávám 4": "4",
		"5 z 5": "5", "4 z 10": "", "ne 5": "", "nedávám 5": "", "není to 5": "", "nikdy 5": "", "1 nebo 2": "", "čekal jsem 5 minut": "",
		"už neposílat": "stop", "přestaňte mi psát": "stop", "5 nemám výhrady": "5",
	},
	"el": {
		"ένα": "1", "δύο": "2", "τρία": "3", "τέσσερα": "4", "πέντε": "5", "ΠΕΝΤΕ": "5", "πεντε": "5", "τρεις": "3", "βάζω 4": "4",
		"ΠENTE": "5", "TPIA": "", "TΡIA": "3", "πέντε ευχαριστώ": "5", "5 στα 5": "5", "4 στα 10": "", "5 ευχαριστώ πολύ": "5",
		"δεν 5": "", "δεν βάζω 5": "", "όχι 5": "", "ποτέ 5": "", "μην 5": "", "1 ή 2": "", "περίμενα 5 λεπτά": "",
		"μη μου στέλνετε": "stop", "ΣTOΠ": "stop", "σταματήστε τα μηνύματα": "stop",
	},
	"cy": {
		"un": "1", "dau": "2", "tair": "3", "pedwar": "4", "pump": "5", "PUMP": "5", "pum": "5", "rhoddaf 4": "4", "4 allan o 5": "4",
		"pump, diolch": "5", "ddim 5": "", "nid 5": "", "dim 5": "", "byth 5": "", "1 neu 2": "", "arhosais 5 munud": "",
		"dim mwy": "stop", "peidiwch â thecstio": "stop",
	},
	"ro": {
		"unu": "1", "două": "2", "trei": "3", "patru": "4", "cinci": "5", "CINCI": "5", "dau 4": "4", "dau nota 5": "5", "4 din 5": "4", "4 din 10": "",
		"cinci, mulțumesc": "5", "nu 5": "", "nu dau 5": "", "niciodată 5": "", "nici 5": "", "1 sau 2": "", "am așteptat 5 minute": "",
		"nu mai trimiteți mesaje": "stop", "dezabonare": "stop",
	},
}

// TestReplies holds all replies against all six languages.
func TestReplies(t *testing.T) {
	t.Parallel()
	n := 0
	for _, lang := range []string{"en", "fi", "cs", "el", "cy", "ro"} {
		for _, table := range []map[string]string{everywhere, own[lang]} {
			for body, want := range table {
				n++
				a := readAnswer(body, lang, oneToFive)
				got := a.value
				if a.stop {
					got = "stop"
				}
				if got != want && (want != "" || a.given) {
					t.Errorf("%q (%s): got %+v, want %q", body, lang, a, want)
				}
			}
		}
	}
	if n < 78*6 {
		t.Errorf("%d replies are too few", n)
	}
}

// Whatever is said beside a score, or instead of one, reaches a person.
func TestRepliesKeepTheirWords(t *testing.T) {
	t.Parallel()
	for lang, table := range own {
		for body, want := range table {
			a := readAnswer(body, lang, oneToFive)
			if want == "" && a.words != strings.TrimSpace(body) {
				t.Errorf("%q (%s): keeps %q", body, lang, a.words)
			}
			if a.given && !slices.Contains([]string{"1", "2", "3", "4", "5"}, a.value) {
				t.Errorf("%q (%s): got %+v", body, lang, a)
			}
		}
	}
}
