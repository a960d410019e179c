package sounds

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// FuzzWords: whatever stands in a prompt, what is spoken has no figure in it,
// every language says something, and an unknown one is served too.
func FuzzWords(f *testing.F) {
	f.Add("offer", "billing", "1", "+358401234567", 5, int64(1_790_000_000), int64(1_789_990_000), "cy")
	f.Add("press_wait", "12:30 #7", "*", "00", -3, int64(-1), int64(1<<40), "ro")
	f.Add("option", "{key} | {n:f} 007 24:61", "", "", 1_000_000, int64(0), int64(0), "")
	f.Fuzz(func(t *testing.T, name, text, key, digits string, n int, at, now int64, lang string) {
		p := ivr.Prompt{
			Name: name, Text: text, Key: key, Digits: digits, N: n, Lang: lang,
			At: time.Unix(at%(1<<38), 0).UTC(), Now: time.Unix(now%(1<<38), 0).UTC(),
		}
		for _, l := range append(Languages(), "tlh") {
			words := Words(l, p)
			if i := strings.IndexAny(words, "0123456789"); i >= 0 && name != "" && speaker(l).phrases[name] != nil {
				t.Errorf("%s: %+v is said as %q", l, p, words)
			}
			if name != "" && (words == "" || Text(l, p) == "") {
				t.Errorf("%s: %+v says nothing", l, p)
			}
		}
	})
}
