package sounds

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/sounds/grammar"
)

// An exception is where our words are not those of ICU; its file says why ours
// are right. The first that stands in the words of ICU is put in place of
// them; one that is never needed is a mistake.
type exception struct {
	rules, icu, ours string
	used             bool
}

// ours says what we have for a rule set of ICU.
func ours(l *language, rules string, n int) string {
	r := l.Spoken
	switch {
	case strings.HasPrefix(rules, "numbering"):
		return join(r.Number(n))
	case strings.HasPrefix(rules, "ordinal"):
		return inDate(r, n)
	}
	for _, say := range r.Forms {
		return join(say(n)) // languages have one at most
	}
	_, hour, _ := strings.Cut(r.Clock(n, 0)[0], " ")
	return hour
}

// inDate is the number of a day as it stands in a date, without its article.
func inDate(r grammar.Rules, n int) string {
	day := r.Day(grammar.DayOf(time.Date(2028, 1, n, 0, 0, 0, 0, time.UTC), time.Time{}))
	return day[1][strings.LastIndex(day[1], " ")+1:]
}

// TestNumbersAgainstICU holds our numbers against those of ICU, but for the
// exceptions. How words are parted is not compared: Finnish is spoken in
// pieces that are written as one word.
func TestNumbersAgainstICU(t *testing.T) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			except := exceptions(t, lang)
			rows := table(t, filepath.Join(lang, "testdata", "icu.tsv"), 3)
			for _, f := range rows {
				n, err := strconv.Atoi(f[1])
				if err != nil {
					t.Fatal(err)
				}
				want := "| " + f[2] + " |"
				for i, e := range except {
					if strings.HasPrefix(f[0], e.rules) && strings.Contains(want, e.icu) {
						want, except[i].used = strings.ReplaceAll(want, e.icu, e.ours), true
					}
				}
				got := ours(speaker(lang), f[0], n)
				if strings.ReplaceAll(got, " ", "") != strings.NewReplacer(" ", "", "|", "").Replace(want) {
					t.Errorf("%s %d: %q, ICU has %q", f[0], n, got, want)
				}
			}
			if len(rows) < 188 {
				t.Errorf("%d numbers of ICU are too few", len(rows))
			}
			for _, e := range except {
				if !e.used {
					t.Errorf("no number needs the exception %q for %q", e.ours, e.icu)
				}
			}
		})
	}
}

// exceptions reads those of a language, if it has any.
func exceptions(t *testing.T, lang string) []exception {
	t.Helper()
	file := filepath.Join(lang, "testdata", "icu_exceptions.tsv")
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	var all []exception
	for _, f := range table(t, file, 4) {
		for i, s := range f[:3] {
			var err error
			if f[i], err = strconv.Unquote(s); err != nil {
				t.Fatalf("%s: %s: %v", file, s, err)
			}
		}
		if f[3] == "" {
			t.Errorf("%s: no reason for %q", file, f[2])
		}
		all = append(all, exception{rules: f[0], icu: f[1], ours: f[2]})
	}
	return all
}

// table reads the lines of a file, but for comments, each with its columns.
func table(t *testing.T, file string, columns int) [][]string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(src)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) != columns {
			t.Fatalf("%s: %q has %d columns, want %d", file, line, len(f), columns)
		}
		all = append(all, f)
	}
	return all
}
