package yamledit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
