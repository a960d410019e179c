package ivr

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Node is one step of a menu, as it stands in the file.
type Node struct {
	Name   string
	Do     string // the kind of node
	Line   int
	Fields []Field
	column int
}

// A Field is one value of a node.
type Field struct {
	Path  []string // its names, from the outside in: keys, 1, label, fi
	Value string

	line, column int // in all files of the menu together
}

// Field returns a value of the node, "" when it is not in the file.
func (n Node) Field(path ...string) string {
	i := slices.IndexFunc(n.Fields, func(f Field) bool { return slices.Equal(f.Path, path) })
	if i < 0 {
		return ""
	}
	return n.Fields[i].Value
}

// A Way leads from one node to another.
type Way struct {
	From string // "" for the ways into the menu
	To   string
	By   string // what leads there: "key 1", "then", "busy", "start"
	Auto bool   // the person does nothing to take it
}

// Audience returns whom the menu speaks to: "caller", "customer", "agent" or
// "text".
func (m *Menu) Audience() string { return string(m.audience) }

// Start returns the node where the talk begins.
func (m *Menu) Start() string { return m.start }

// Stuck returns the node that people come to who are not understood.
func (m *Menu) Stuck() string { return m.stuck }

// Anytime returns the keys that work wherever keys are heard, each with the
// node that it leads to, "back" or "repeat".
func (m *Menu) Anytime() map[string]string { return maps.Clone(m.anytime) }

// Noted returns the values that keys of the menu note under a name, once each,
// in the order of the file.
func (m *Menu) Noted(name string) []string {
	var all []string
	for _, n := range m.outline {
		k, ok := m.nodes[n.Name].(*menu)
		if !ok || k.note != name {
			continue
		}
		for i := range k.options {
			if value := k.options[i].value; !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	return all
}

// Label returns the words of the key that notes a value, in a language: what a
// matter is called. It is "" when no key of the menu notes it.
func (m *Menu) Label(value, lang string) string {
	for _, n := range m.outline {
		k, ok := m.nodes[n.Name].(*menu)
		if !ok {
			continue
		}
		for i := range k.options {
			if o := &k.options[i]; o.value == value && o.label[lang] != "" {
				return o.label[lang]
			}
		}
	}
	return ""
}

// Nodes returns the nodes of the menu in the order of the file.
func (m *Menu) Nodes() []Node { return slices.Clone(m.outline) }

// Ways returns every way from node to node, in the order of the file; first
// those into the menu.
func (m *Menu) Ways() []Way { return slices.Clone(m.ways) }

// A Test is a written talk that stands in the menu file itself.
type Test struct {
	Name string
	Text string
	File string
	Line int // where the text begins
}

// Tests returns the written talks in the menu file, in its order.
func (m *Menu) Tests() []Test { return slices.Clone(m.tests) }

// readTests reads the talks under tests:. What is in them is for those who
// hold them.
func (f *fields) readTests() {
	f.shape("tests", shape{"type": "object", "additionalProperties": shape{"anyOf": []shape{
		{"type": "string"}, {"type": "object", "additionalProperties": oneOrMore(textShape)},
	}}})
	n := f.get("tests")
	if n == nil {
		return
	}
	for _, p := range f.reader.pairs(n, "tests") {
		if p.value.Kind == yaml.MappingNode {
			f.menu.tests = append(f.menu.tests, f.shortTest(p))
			continue
		}
		if text, ok := f.scalar(p.value, "a test"); ok {
			line := p.value.Line
			if p.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				line++
			}
			file, local := place(f.sections, line)
			f.menu.tests = append(f.menu.tests, Test{p.key, text, file, local})
		}
	}
}

// shortTest reads a talk that is written as name: value, and writes it as
// lines, each where it stands in the file as far as that can be.
func (f *fields) shortTest(test pair) Test {
	var lines []string
	add := func(n *yaml.Node, text string) {
		for len(lines) < n.Line-test.value.Line {
			lines = append(lines, "")
		}
		lines = append(lines, text)
	}
	for _, p := range f.reader.pairs(test.value, "a test") {
		var words []string
		for _, item := range f.list(p.value) {
			if word, ok := f.scalar(item, p.key); ok {
				words = append(words, word)
			}
		}
		switch {
		case p.key == "says":
			for _, word := range words {
				add(p.name, "says "+word)
			}
		case p.key == "keys" && p.value.Kind == yaml.SequenceNode:
			add(p.name, `keys "`+strings.Join(words, `" "`)+`"`)
		default:
			add(p.name, p.key+" "+strings.Join(words, " "))
		}
	}
	file, local := place(f.sections, test.value.Line)
	return Test{test.key, strings.Join(lines, "\n"), file, local}
}

// keep notes what stands in the file, for those who draw or compare menus.
func (r *reader) keep() {
	into, within := []Way{}, []Way{}
	for _, l := range r.leads {
		w := Way{From: l.from, To: l.to, By: l.by, Auto: l.auto}
		if w.From == "" {
			into = append(into, w)
		} else {
			within = append(within, w)
		}
	}
	r.menu.ways = append(into, within...)
}

// outline notes one node as it stands in the file.
func (r *reader) outline(p pair) {
	n := Node{Name: p.key, Line: p.name.Line, column: p.name.Column}
	for _, f := range flat(p.value, nil) {
		if len(f.Path) == 0 {
			continue // not a node, which has been reported
		}
		if len(f.Path) == 1 && f.Path[0] == "do" {
			n.Do = f.Value
			continue
		}
		if len(f.Path) == 2 && f.Path[0] == "keys" {
			f.Path = append(f.Path, "to") // a key with a node alone
		}
		if said := f.Path[0] == "say" || f.Path[0] == "short"; said && (len(f.Path) == 1 || langName.MatchString(f.Path[1])) {
			f.Path = slices.Insert(f.Path, 1, "1") // one thing in place of a list of one
		}
		n.Fields = append(n.Fields, f)
	}
	r.menu.outline = append(r.menu.outline, n)
}

// flat lists the values below a place in the file. An alias is left out: it
// has been reported.
func flat(n *yaml.Node, path []string) []Field {
	var all []Field
	switch n.Kind {
	case yaml.ScalarNode:
		return []Field{{Path: path, Value: n.Value, line: n.Line, column: n.Column}}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			all = append(all, flat(item, below(path, strconv.Itoa(i+1)))...)
		}
	case yaml.MappingNode:
		for c := range slices.Chunk(n.Content, 2) {
			all = append(all, flat(c[1], below(path, c[0].Value))...)
		}
	default:
		return nil
	}
	return all
}

func below(path []string, name string) []string { return append(slices.Clone(path), name) }
