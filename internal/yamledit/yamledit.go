// Package yamledit changes single values in YAML that people wrote, and leaves
// every other character as it is.
package yamledit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// ErrShape says that a file is written in a way in which one value cannot be
// changed by itself: with anchors, or over lines that belong to others.
var ErrShape = errors.New("the file is written in a way that cannot be changed here; change it by hand")

// Set gives a value to a name, and makes the names above it that are missing.
// The value is YAML in one line; see [Text]. What was there before is gone
// with the comments inside of it; a comment behind it stays.
func Set(src []byte, value string, path ...string) ([]byte, error) {
	root, err := parse(src)
	if err != nil {
		return nil, err
	}
	var want yaml.Node
	if err := yaml.Load([]byte(value), &want); err != nil {
		return nil, fmt.Errorf("%q is not YAML: %w", value, err)
	}
	d := document{lines: strings.SplitAfter(string(src), "\n")}
	d.set(root, value, path)
	return d.proven(root, path, &want)
}

// Delete takes a name and its value out, with the comment behind it. When
// nothing is left beside it, the names above it go too.
func Delete(src []byte, path ...string) ([]byte, error) {
	root, err := parse(src)
	if err != nil {
		return nil, err
	}
	n, i := find(root, path)
	if i < 0 {
		return src, nil
	}
	for len(n.Content) == 2 && len(path) > 1 {
		path = path[:len(path)-1]
		n, i = find(root, path)
	}
	d := document{lines: strings.SplitAfter(string(src), "\n")}
	d.cut(n, i)
	return d.proven(root, path, nil)
}

// Item is the name of one thing in a list, counted from 0, within a path.
func Item(i int) string { return fmt.Sprint("#", i) }

// Text writes words as a YAML value in one line.
func Text(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// sizeMost is the largest file that is changed: the YAML library needs seconds
// for a few megabytes of crafted input.
const sizeMost = 256 << 10

// breaks end a line for the YAML library as \n does (YAML 1.1, 5.4), and for
// no editor: its lines would not be ours.
const breaks = "\r\u0085\u2028\u2029"

func parse(src []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if len(src) > sizeMost {
		return nil, ErrShape
	}
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	if strings.TrimSpace(text) == "" || strings.ContainsAny(text, breaks) {
		return nil, ErrShape
	}
	if err := yaml.Load(src, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, ErrShape
	}
	return doc.Content[0], nil
}

// find returns the mapping that has the last name of a path, and where the
// name is in it; a number below 0 when it is not there.
func find(n *yaml.Node, path []string) (*yaml.Node, int) {
	for depth, name := range path {
		i := index(n, name)
		if i < 0 || depth == len(path)-1 {
			return n, i
		}
		n = value(n, i)
	}
	return n, -1
}

// value is what stands at a place that index has found.
func value(n *yaml.Node, i int) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content[i]
	}
	return n.Content[i+1]
}

func index(n *yaml.Node, name string) int {
	if n.Kind == yaml.SequenceNode {
		for i := range n.Content {
			if Item(i) == name {
				return i
			}
		}
	}
	if n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return i
		}
	}
	return -1
}

// A document is the lines of a file, each with its end.
type document struct{ lines []string }

// set changes a value, or adds it to the innermost mapping that there is.
func (d *document) set(n *yaml.Node, text string, path []string) {
	for ; len(path) > 1; path = path[1:] {
		i := index(n, path[0])
		if i < 0 || value(n, i).Kind == yaml.ScalarNode || len(value(n, i).Content) == 0 {
			break
		}
		n = value(n, i)
	}
	for _, name := range slices.Backward(path[1:]) {
		text = "{" + key(name) + ": " + text + "}"
	}
	if i := index(n, path[0]); i >= 0 {
		d.replace(n.Content[i], value(n, i), text)
		return
	}
	d.add(n, key(path[0])+": "+text)
}

// key writes a name as a key.
func key(name string) string {
	var n yaml.Node
	if err := yaml.Load([]byte(name+": 1"), &n); err == nil && len(n.Content) == 1 {
		if m := n.Content[0]; m.Kind == yaml.MappingNode && m.Content[0].Value == name && m.Content[0].Tag == "!!str" {
			return name
		}
	}
	return Text(name)
}

// replace puts a value in the place of another.
func (d *document) replace(name, old *yaml.Node, value string) {
	if old.Kind == yaml.ScalarNode && old.Tag == "!!null" && old.Value == "" {
		line, col := name.Line-1, name.Column-1
		row := []rune(d.lines[line])
		colon := col + strings.Index(string(row[col:]), ":")
		d.lines[line] = string(row[:colon+1]) + " " + value + string(row[colon+1:])
		return
	}
	if at, rest := d.end(old); at == old.Line-1 && name.Line == old.Line {
		row := []rune(d.lines[at])
		d.lines[at] = string(row[:old.Column-1]) + value + rest
		return
	}
	last := d.last(old) // a value over several lines
	row := []rune(strings.TrimRight(d.lines[name.Line-1], "\r\n"))
	end := len(row)
	if old.Line == name.Line {
		end = old.Column - 1
	}
	head := strings.TrimRight(string(row[:end]), " ")
	if i := strings.Index(head, " #"); i >= 0 && old.Line != name.Line { // a comment beside the name
		head = strings.TrimRight(head[:i], " ") + " " + value + "  " + head[i+1:]
	} else {
		head += " " + value
	}
	d.lines = slices.Replace(d.lines, name.Line-1, last, head+"\n")
}

// end is the line in which a value on one line ends, from 0, and what stands
// behind it there; -1 when it does not end in its first.
func (d *document) end(n *yaml.Node) (line int, rest string) {
	row := []rune(d.lines[n.Line-1])
	from := n.Column - 1
	if lastLine(n) != n.Line || from > len(row) {
		return -1, ""
	}
	stop := stops(n)
	for i := from; i <= len(row); i++ {
		if tail := string(row[i:]); stop(string(row[from:i]), tail) {
			return n.Line - 1, tail
		}
	}
	return -1, ""
}

// stops tells where a value ends: behind its last quote or bracket, or before
// what cannot be in plain words.
func stops(n *yaml.Node) func(value, tail string) bool {
	var same yaml.Node
	return func(value, tail string) bool {
		switch quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0; {
		case value == "", quoted && !strings.ContainsAny(value[len(value)-1:], `"'`):
			return false
		case n.Kind != yaml.ScalarNode && !strings.ContainsAny(value[len(value)-1:], "}]"):
			return false
		case n.Kind == yaml.ScalarNode && !quoted && (strings.HasSuffix(value, " ") || tail != "" && !strings.ContainsAny(tail[:1], ",]} \r\n")):
			return false
		}
		same = yaml.Node{}
		return yaml.Load([]byte(value), &same) == nil && len(same.Content) == 1 && equal(same.Content[0], n)
	}
}

// add puts a pair into a mapping: last in one that stands in lines, first in
// one in brackets.
func (d *document) add(n *yaml.Node, pair string) {
	if n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		row := []rune(d.lines[n.Line-1])
		comma := ", "
		if len(n.Content) == 0 {
			comma = ""
		}
		d.lines[n.Line-1] = string(row[:n.Column]) + pair + comma + string(row[n.Column:])
		return
	}
	at := d.last(n)
	if end := &d.lines[at-1]; !strings.HasSuffix(*end, "\n") {
		*end += "\n"
	}
	d.lines = slices.Insert(d.lines, at, strings.Repeat(" ", n.Content[0].Column-1)+pair+"\n")
}

// cut takes a pair out of a mapping.
func (d *document) cut(n *yaml.Node, i int) {
	name, value := n.Content[i], n.Content[i+1]
	if n.Style&yaml.FlowStyle == 0 {
		d.lines = slices.Delete(d.lines, name.Line-1, d.last(value))
		return
	}
	row := []rune(d.lines[name.Line-1])
	_, rest := d.end(value)
	head := string(row[:name.Column-1])
	if tail, more := strings.CutPrefix(strings.TrimLeft(rest, " "), ","); more {
		rest = strings.TrimLeft(tail, " ")
	} else {
		head = strings.TrimRight(head, ", ")
	}
	d.lines[name.Line-1] = head + rest
}

// last is the last line of the file that a value has a part in. Where nothing
// stands, as behind a lone ?, the value may be below all lines.
func (d *document) last(n *yaml.Node) int { return min(lastLine(n), len(d.lines)) }

// lastLine is the last line that a value has a part in.
func lastLine(n *yaml.Node) int {
	last := n.Line
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		last += strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
	}
	for _, child := range n.Content {
		last = max(last, lastLine(child))
	}
	return last
}

// proven returns the text, when it says what was wanted and all else as
// before.
func (d *document) proven(before *yaml.Node, path []string, want *yaml.Node) ([]byte, error) {
	out := []byte(strings.Join(d.lines, ""))
	after, err := parse(out)
	if err != nil {
		return nil, ErrShape
	}
	n, i := find(after, path)
	switch {
	case want == nil && i >= 0, want != nil && i < 0:
		return nil, ErrShape
	case want != nil && !equal(value(n, i), want.Content[0]):
		return nil, ErrShape
	case !reflect.DeepEqual(without(before, path), without(after, path)):
		return nil, ErrShape
	}
	return out, nil
}

// equal compares what two values say, and not how they are written.
func equal(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && reflect.DeepEqual(without(a, nil), without(b, nil))
}

// without lists all that a value says, but for one path in it.
func without(n *yaml.Node, path []string) []string {
	var all []string
	var walk func(n *yaml.Node, at []string)
	walk = func(n *yaml.Node, at []string) {
		switch {
		case path != nil && slices.Equal(at, path), n.Alias != nil:
		case n.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], append(slices.Clip(at), n.Content[i].Value))
			}
		case n.Kind == yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, append(slices.Clip(at), Item(i)))
			}
		case n.Tag == "!!null" && path != nil: // an empty value may have been filled
		default:
			all = append(all, fmt.Sprintf("%q %s %q", at, n.Tag, n.Value))
		}
	}
	walk(n, nil)
	slices.Sort(all)
	return all
}
