package sounds

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

var update = flag.Bool("update", false, "write the golden files anew; a native speaker must read them")

// TestGolden holds every time of a day, every date of a year and every count
// against files that people who speak the language can read.
func TestGolden(t *testing.T) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			r := speaker(lang).Spoken
			golden(t, lang, "clock", func(w *bytes.Buffer) {
				for m := range 24 * 60 {
					fmt.Fprintf(w, "%02d:%02d\t%s\n", m/60, m%60, join(r.Clock(m/60, m%60)))
				}
			})
			golden(t, lang, "dates", func(w *bytes.Buffer) {
				for day := range 366 { // 2028 has a 29th of February
					at := time.Date(2028, 1, 1+day, 9, 0, 0, 0, time.UTC)
					fmt.Fprintf(w, "%s\t%s\n", at.Format(time.DateOnly), join(r.Day(grammar.DayOf(at, time.Time{}))))
				}
			})
			golden(t, lang, "days", func(w *bytes.Buffer) {
				for ahead := -1; ahead < 9; ahead++ {
					fmt.Fprintf(w, "%+d\t%s\n", ahead, join(r.Day(grammar.DayOf(at(1+ahead, 9, 0), now))))
				}
			})
			golden(t, lang, "numbers", func(w *bytes.Buffer) {
				for _, n := range counts() {
					fmt.Fprintf(w, "%d\t%s\n", n, join(r.Number(n)))
				}
			})
			golden(t, lang, "sentences", func(w *bytes.Buffer) { sentences(w, speaker(lang)) })
		})
	}
}

// sentences are all that a language says, with its counts in every plural form,
// and the choices of the menus that ship.
func sentences(w *bytes.Buffer, l *language) {
	for _, name := range slices.Sorted(maps.Keys(l.phrases)) {
		p := full(name)
		said := []int{p.N}
		if l.phrases[name][grammar.Other].counts() {
			said = []int{1, 2, 3, 5, 8, 10, 21}
		}
		for _, p.N = range said {
			say := Words
			if written(name) {
				say = Text
			}
			fmt.Fprintf(w, "%s\t%s\n", name, say(l.Code, p))
		}
	}
	for i, label := range l.labels() {
		p := ivr.Prompt{Name: "option", Text: label, Key: keys[i]}
		fmt.Fprintf(w, "option\t%s\n", Words(l.Code, p))
	}
}

// counts reports whether a sentence has a number in it.
func (s sentence) counts() bool {
	return slices.ContainsFunc(s, func(c clause) bool { return c.has("n") })
}

// counts are all below 1,000, and those around the joints above.
func counts() []int {
	var all []int
	for n := range 1000 {
		all = append(all, n)
	}
	return append(all, 1000, 1001, 1100, 1999, 2000, 2026, 10_000, 21_021, 100_000, 123_456, most)
}

func golden(t *testing.T, lang, name string, write func(*bytes.Buffer)) {
	t.Helper()
	var got bytes.Buffer
	write(&got)
	file := filepath.Join(lang, "testdata", name+".tsv")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(want, []byte("\n"))
	for i, line := range bytes.Split(got.Bytes(), []byte("\n")) {
		if i >= len(lines) || !bytes.Equal(line, lines[i]) {
			t.Fatalf("%s, line %d: got %q", file, i+1, line)
		}
	}
}
