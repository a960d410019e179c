package ivr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// second lets every prompt take one second, in Finnish two.
func second(lang string, _ ivr.Prompt) time.Duration {
	if lang == "fi" {
		return 2 * time.Second
	}
	return time.Second
}

func TestWaits(t *testing.T) {
	t.Parallel()
	const src = `
start: hello
stuck: ring
languages: [%s]
nodes:
  hello: {do: say, say: welcome, then: topics}
  topics: {do: menu, wait: 5s, say: welcome, keys: {1: {say: press_keep, to: order}, 2: ring}}
  order: {do: ask_digits, say: welcome, save: order, then: desk}
  desk: {do: hours, open: ring, closed: bye}
  ring: {do: connect, say: connecting, to: agents, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`
	tests := []struct {
		lang string
		want string
	}{
		// order: welcome, the menu's two, the question, then connecting. Who is
		// quiet hears the question twice, and one second about silence.
		{"en", "order 5s 23s [topics]; topics 4s 17s [hello]"},
		{"en, fi", "order 10s 30s [topics]; topics 8s 24s [hello]"},
	}
	for _, tt := range tests {
		t.Run(tt.lang, func(t *testing.T) {
			t.Parallel()
			src := strings.ReplaceAll(src, "%s", tt.lang)
			m, err := ivr.Parse("x.yaml", []byte(src))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range m.Waits(second) {
				got = append(got, fmt.Sprintf("%s %s %s [%s]", w.Node, w.Key, w.Quiet, w.Path[len(w.Path)-1].From))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

// many writes a menu of n nodes that is as it should be.
func many(n int) []byte {
	var b strings.Builder
	b.WriteString("start: n0\nstuck: ring\nlanguages: [en, fi]\nnodes:\n")
	b.WriteString("  ring: {do: connect, say: connecting, to: agents, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n")
	b.WriteString("  n0:\n    do: menu\n    keys:\n")
	for k := 1; k <= 4; k++ {
		fmt.Fprintf(&b, "      %d: {label: {en: \"matter %d\", fi: \"asia %d\"}, to: n%d}\n", k, k, k, k)
	}
	for i := 1; i < n-2; i++ {
		next := i + 4
		if next >= n-2 {
			fmt.Fprintf(&b, "  n%d: {do: say, say: {en: \"words %d\", fi: \"sanat %d\"}, then: ring}\n", i, i, i)
			continue
		}
		fmt.Fprintf(&b, "  n%d: {do: ask_digits, say: {en: \"words %d\", fi: \"sanat %d\"}, save: s%d, then: n%d}\n", i, i, i, i, next)
	}
	return []byte(b.String())
}

// BenchmarkCheck reads and proves a menu of 200 nodes, and measures its ways.
func BenchmarkCheck(b *testing.B) {
	src := many(200)
	for b.Loop() {
		m, err := ivr.Parse("many.yaml", src)
		if err != nil {
			b.Fatal(err)
		}
		if len(m.Waits(second)) < 190 {
			b.Fatal("ways are missing")
		}
	}
}

func TestSpeakable(t *testing.T) {
	t.Parallel()
	const src = "%sstart: a\nstuck: p\nnodes:\n  a: {do: say, say: {en: %q}, then: p}\n  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end}\n"
	tests := []struct{ words, mistake, warning string }{
		{"Hello there!", "", ""},
		{"...", "say cannot be spoken: it has no letter", ""},
		{"Dear {name}", "", "'{' in say is not spoken"},
		{"Thanks ☺", "", "'☺' in say is not spoken"},
		{"Room 12, floor 3.", "", ""},
		{"We open at 9:30 each day.", "", `a voice may not read "9:30" in say as people do`},
		{"Closed on 24.12. and later", "", `a voice may not read "24.12" in say as people do`},
		{"Call +358401234567", "", `a voice may not read "+358401234567" in say as people do`},
		{"Call 0800 55 4433", "", ""},
		{"Save 20 %", "", `a voice may not read "20 %" in say as people do`},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			t.Parallel()
			m, err := ivr.Parse("x.yaml", fmt.Appendf(nil, src, "", tt.words))
			switch {
			case tt.mistake != "":
				if err == nil || !strings.Contains(err.Error(), tt.mistake) {
					t.Errorf("got %v", err)
				}
			case err != nil:
				t.Error(err)
			case tt.warning == "" && len(m.Warnings()) > 0, tt.warning != "" && (len(m.Warnings()) != 1 || m.Warnings()[0].Text != tt.warning):
				t.Errorf("got %v", m.Warnings())
			}
		})
	}
}
