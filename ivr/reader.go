package ivr

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A reader turns the text of one file into a menu, and collects all that is
// wrong on the way.
type reader struct {
	file     string
	src      []byte
	open     Opener
	sections []section
	shown    []string // the lines as they were written
	lines    []string // the same, mended
	menu     *Menu
	node     string // the node that is being read
	places   map[string]*yaml.Node
	order    []string // nodes as they stand in the file
	leads    []lead
	mistakes Mistakes
	more     int // mistakes beyond maxMistakes
	warnings Mistakes

	canaryLine int // where canary: stands; 0 when it does not
}

// A lead is one way out of a node.
type lead struct {
	from, to string
	by       string // the name, or the key, that leads there
	auto     bool   // it is taken without the person doing anything
	at       *yaml.Node
}

// maxMistakes is how many mistakes of one file are reported.
const maxMistakes = 200

func (r *reader) at(line, col int, text, suggestion string) {
	if r.tired() {
		r.more++
		return
	}
	r.mistakes = append(r.mistakes, r.mistake(line, col, text, suggestion))
}

// tired reports whether enough is wrong.
func (r *reader) tired() bool { return len(r.mistakes) >= maxMistakes }

func (r *reader) fail(n *yaml.Node, text, suggestion string) {
	if !strings.Contains(n.Value, mended) {
		r.at(n.Line, n.Column, text, suggestion)
	}
}

func (r *reader) warn(n *yaml.Node, text, suggestion string) {
	if len(r.warnings) >= maxMistakes {
		return
	}
	r.warnings = append(r.warnings, r.mistake(n.Line, n.Column, text, suggestion))
}

func (r *reader) mistake(line, col int, text, suggestion string) Mistake {
	file, local := place(r.sections, line)
	return Mistake{
		File: file, Line: local, Column: col, Text: text,
		Excerpt: excerpt(r.shown, line, col), Suggestion: suggestion, at: line,
	}
}

// scalar reads one word or sentence. It reports anything else.
func (r *reader) scalar(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.fail(n, "a * without quotes means something else in YAML", `write it in quotes`)
	case n.Kind != yaml.ScalarNode:
		r.fail(n, what+" must be one word or sentence", "")
	case n.Tag == "!!null":
		r.empty(n, what)
	case strings.TrimSpace(n.Value) == "":
		r.fail(n, what+" has no value", "")
	default:
		return n.Value, !strings.Contains(n.Value, mended)
	}
	return "", false
}

// list reads a list, or one thing in place of a list of one.
func (r *reader) list(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// A pair is one key of a mapping and what belongs to it.
type pair struct {
	key   string
	name  *yaml.Node
	value *yaml.Node
}

// pairs reads a mapping in the order in which it was written.
func (r *reader) pairs(n *yaml.Node, what string) []pair {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		r.empty(n, what)
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, what+" must be written as name: value", "")
		return nil
	}
	var all []pair
	lines := make(map[string]int, len(n.Content)/2)
	for c := range slices.Chunk(n.Content, 2) {
		key, ok := r.scalar(c[0], "a name in "+what)
		if !ok {
			continue
		}
		if line := lines[key]; line > 0 {
			_, first := place(r.sections, line)
			r.fail(c[0], fmt.Sprintf("%q is here for the second time", key), fmt.Sprintf("the first is on line %d", first))
			continue
		}
		lines[key] = c[0].Line
		all = append(all, pair{key, c[0], c[1]})
	}
	return all
}

// meant suggests a name, as long as mistakes are still reported.
func (r *reader) meant(got string, names []string) string {
	if r.tired() {
		return ""
	}
	return meant(got, names)
}

// meant suggests the name that is most like a mistyped one.
func meant(got string, names []string) string {
	if best := Nearest(got, names); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
}

// distance counts the letters to add, drop, change or swap between two words.
func distance(a, b string) int {
	if abs(len(a)-len(b)) > 4 || len(a) > 64 {
		return 99
	}
	var before, last, row [80]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func abs(n int) int { return max(n, -n) }
