package ivr

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/sounds/languages"
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

// own are the replies in the words of a language, which its folder has.
func own(t *testing.T, lang string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "sounds", lang, "testdata", "replies.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(src)) {
		if body, want, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			all[body] = want
		}
	}
	if len(all) < 10 {
		t.Errorf("%d replies in %s are too few", len(all), lang)
	}
	return all
}

// TestReplies holds all replies against all languages.
func TestReplies(t *testing.T) {
	t.Parallel()
	n := 0
	for _, lang := range languages.Codes() {
		for _, table := range []map[string]string{everywhere, own(t, lang)} {
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
	if n < 78*len(languages.Codes()) {
		t.Errorf("%d replies are too few", n)
	}
}

// Whatever is said beside a score, or instead of one, reaches a person.
func TestRepliesKeepTheirWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages.Codes() {
		for body, want := range own(t, lang) {
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
