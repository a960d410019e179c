package drawing_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/drawing"
	"github.com/holdless/holdless/ivr"
)

const src = `
languages: [en, fi]
start: hello
stuck: ring
nodes:
  hello: {do: say, say: {en: "Hello & <welcome>", fi: "Hei"}, then: pick}
  pick: {do: menu, keys: {1: {label: {en: 'the "bill"', fi: lasku}, to: end}, 2: {say: press_keep, to: pick}}}
  ring: {do: connect, say: connecting, to: agents, then: end, busy: end}
  end: {do: end}
`

func menu(t *testing.T, src string) drawing.Menu {
	t.Helper()
	m, err := ivr.Parse("x.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return drawing.Menu{Menu: m, Lang: "en", Words: func(_ string, p ivr.Prompt) string { return p.Name + p.Text }}
}

func drawn(t *testing.T, format string, m drawing.Menu) string {
	t.Helper()
	var b strings.Builder
	if err := drawing.Formats[format](&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	t.Parallel()
	const want = `start: hello (say)
└─ then: pick (menu)
   ├─ 1 the "bill": end (end)
   └─ 2 keep → pick

key 0 at any time: ring (connect)
├─ then → end
└─ busy → end
`
	if got := drawn(t, "text", menu(t, src)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What callers did is drawn where it was done.
func TestTraffic(t *testing.T) {
	t.Parallel()
	m := menu(t, src)
	m.Took = func(w ivr.Way) int { return map[string]int{"pick key 1": 30, "hello then": 40}[w.From+" "+w.By] }
	m.Came = func(node string) int { return map[string]int{"hello": 40, "pick": 40, "end": 30}[node] }
	m.Worst = "pick"
	for format, want := range map[string][]string{
		"text":    {"start: hello (say) 40\n", `└─ then 40 (100%): pick (menu) 40, worst`, `├─ 1 the "bill" 30 (75%): end (end) 30`, "2 keep 0 (0%) → pick"},
		"mermaid": {`n_pick["pick<br/>menu 40, worst"]`, `30 (75%)`},
		"dot":     {`"pick" [label="pick\nmenu 40, worst"]`, `30 (75%)`},
		"svg":     {`<rect class="box worst"`, `> 30 (75%)<`, `>menu 40, worst<`},
	} {
		got := drawn(t, format, m)
		for _, want := range want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", format, want, got)
			}
		}
	}
}

func TestGraphs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		format string
		want   []string
	}{
		{"mermaid", []string{"flowchart LR\n", `n_end["end<br/>end"]`, `n_pick -->|"1 the #quot;bill#quot;"| n_end`, `n_pick -->|"2 keep"| n_pick`}},
		{"dot", []string{"digraph menu {", `"end" [label="end\nend"];`, `"pick" -> "end" [label="1 the \"bill\""];`, "}\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			t.Parallel()
			got := drawn(t, tt.format, menu(t, src))
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
		})
	}
}

// TestSVG: the drawing is XML, shows every node once, and is always the same.
func TestSVG(t *testing.T) {
	t.Parallel()
	main, err := ivr.DefaultSource("main")
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{src, string(main)} {
		m := menu(t, src)
		got := drawn(t, "svg", m)
		if got != drawn(t, "svg", menu(t, src)) {
			t.Error("two drawings of one menu differ")
		}
		names := map[string]int{}
		for _, n := range words(t, got, "name") {
			names[n]++
		}
		for _, n := range m.Nodes() {
			if names[n.Name] != 1 {
				t.Errorf("%s is drawn %d times", n.Name, names[n.Name])
			}
		}
		if strings.Contains(got, "#0") || strings.Contains(got, "white") || !strings.Contains(got, "currentColor") {
			t.Error("the drawing has colours of its own")
		}
	}
}

// words lists the texts of one class.
func words(t *testing.T, svg, class string) []string {
	t.Helper()
	var all []string
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "text" {
			continue
		}
		for _, a := range start.Attr {
			if a.Name.Local == "class" && a.Value == class {
				var text string
				if err := d.DecodeElement(&text, &start); err != nil {
					t.Fatal(err)
				}
				all = append(all, text)
			}
		}
	}
}
