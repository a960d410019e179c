// Package drawing draws menus: as SVG, as text, and for Mermaid and Graphviz.
package drawing

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// A Menu is what is drawn, and how it speaks.
type Menu struct {
	*ivr.Menu
	Lang  string
	Words func(lang string, p ivr.Prompt) string

	// What callers did, when that is to be drawn too: how many took a way, how
	// many came to a node, and the node that they have most trouble with.
	Took  func(ivr.Way) int
	Came  func(node string) int
	Worst string
}

// Formats lists what can be drawn, by name.
var Formats = map[string]func(io.Writer, Menu) error{
	"svg": SVG, "text": Text, "mermaid": Mermaid, "dot": Dot,
}

// A box is one node in the tree that is drawn: each node stands once, where
// the fewest ways lead to it; all other ways only name it.
type box struct {
	node     ivr.Node
	ways     []way
	x, y     int
	children []*box
}

// A way out of a box.
type way struct {
	ivr.Way
	label string
	took  string // how many did
	child *box   // nil when the node stands elsewhere
}

// A root is where a tree begins, and why somebody comes there.
type root struct {
	why string
	box *box
}

// trees lays the nodes out as trees: one from the start, and one from each
// node that only a key at any time, or not being understood, leads to.
func (m Menu) trees() []root {
	nodes := map[string]ivr.Node{}
	for _, n := range m.Nodes() {
		nodes[n.Name] = n
	}
	out := map[string][]ivr.Way{}
	for _, w := range m.Ways() {
		out[w.From] = append(out[w.From], w)
	}
	seen := map[string]bool{}
	var all []root
	for _, begin := range m.begins() {
		if n, ok := nodes[begin[0]]; ok && !seen[n.Name] {
			seen[n.Name] = true
			all = append(all, root{begin[1], &box{node: n}})
		}
	}
	for _, r := range all {
		m.grow(r.box, nodes, out, seen)
	}
	return all
}

// begins lists where talks, and people who ask for help, come first.
func (m Menu) begins() [][2]string {
	all := [][2]string{{m.Start(), "start"}}
	keys := m.Anytime()
	for _, key := range "0123456789*#" {
		if to := keys[string(key)]; to != "" {
			all = append(all, [2]string{to, "key " + string(key) + " at any time"})
		}
	}
	return append(all, [2]string{m.Stuck(), "not understood"})
}

// grow makes the tree below a box, level by level.
func (m Menu) grow(top *box, nodes map[string]ivr.Node, out map[string][]ivr.Way, seen map[string]bool) {
	for level := []*box{top}; len(level) > 0; {
		b := level[0]
		level = level[1:]
		for _, w := range out[b.node.Name] {
			step := way{Way: w, label: m.label(b.node, w), took: m.took(b.node, w)}
			if to, ok := nodes[w.To]; ok && !seen[w.To] {
				seen[w.To] = true
				step.child = &box{node: to}
				b.children = append(b.children, step.child)
				level = append(level, step.child)
			}
			b.ways = append(b.ways, step)
		}
	}
}

// took says how many took a way.
func (m Menu) took(n ivr.Node, w ivr.Way) string {
	if m.Took == nil {
		return ""
	}
	return fmt.Sprintf(" %d (%d%%)", m.Took(w), 100*m.Took(w)/max(m.Came(n.Name), 1))
}

// came says how many came to a node, and whether it is the worst.
func (m Menu) came(n ivr.Node) string {
	switch {
	case m.Came == nil:
		return ""
	case m.Worst == n.Name:
		return fmt.Sprintf(" %d, worst", m.Came(n.Name))
	}
	return fmt.Sprintf(" %d", m.Came(n.Name))
}

// label names a way: the key and what is said of it, or why it is taken.
func (m Menu) label(n ivr.Node, w ivr.Way) string {
	key, isKey := strings.CutPrefix(w.By, "key ")
	if !isKey {
		if w.By == "then" && n.Do == "goto" && n.Field("if") != "" {
			return "if " + n.Field("if")
		}
		return w.By
	}
	if matter := n.Field("keys", key, "label", m.Lang); matter != "" {
		return key + " " + matter
	}
	if n.Field("keys", key, "label") != "" {
		return key + " " + m.Label(cmp.Or(n.Field("keys", key, "value"), w.To), m.Lang)
	}
	return strings.TrimSpace(key + " " + strings.TrimPrefix(n.Field("keys", key, "say"), "press_"))
}

// said is the first words of a node; "" when it says nothing by itself.
func (m Menu) said(n ivr.Node) string {
	usual := ivr.Facts{Open: true, Caller: ivr.Caller{Phone: "+358401234567", Callable: true}}
	for _, p := range m.Says(n.Name, m.Lang, usual) {
		if p.Key == "" && p.Digits == "" && p.At.IsZero() {
			return m.Words(m.Lang, p)
		}
	}
	return ""
}

// Text draws a menu as an indented tree.
func Text(w io.Writer, m Menu) error {
	var b strings.Builder
	for i, r := range m.trees() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s: %s\n", r.why, m.title(r.box.node))
		m.branch(&b, r.box, "")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m Menu) title(n ivr.Node) string { return n.Name + " (" + n.Do + ")" + m.came(n) }

func (m Menu) branch(b *strings.Builder, at *box, indent string) {
	for i, w := range at.ways {
		fork, next := "├─ ", "│  "
		if i == len(at.ways)-1 {
			fork, next = "└─ ", "   "
		}
		if w.child == nil {
			fmt.Fprintf(b, "%s%s%s%s → %s\n", indent, fork, w.label, w.took, w.To)
			continue
		}
		fmt.Fprintf(b, "%s%s%s%s: %s\n", indent, fork, w.label, w.took, m.title(w.child.node))
		m.branch(b, w.child, indent+next)
	}
}

// Mermaid writes a menu as a flow chart for Mermaid.
func Mermaid(w io.Writer, m Menu) error {
	quote := strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "|", "#124;", "#", "#35;")
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	m.edges(func(n ivr.Node) {
		fmt.Fprintf(&b, "  n_%s[\"%s<br/>%s%s\"]\n", n.Name, n.Name, n.Do, m.came(n))
	}, func(from, to, label string) {
		fmt.Fprintf(&b, "  n_%s -->|\"%s\"| n_%s\n", from, quote.Replace(label), to)
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// Dot writes a menu as a graph for Graphviz.
func Dot(w io.Writer, m Menu) error {
	quote := strings.NewReplacer(`"`, `\"`, `\`, `\\`)
	var b strings.Builder
	b.WriteString("digraph menu {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n")
	m.edges(func(n ivr.Node) {
		fmt.Fprintf(&b, "  \"%s\" [label=\"%s\\n%s%s\"];\n", n.Name, n.Name, n.Do, m.came(n))
	}, func(from, to, label string) {
		fmt.Fprintf(&b, "  \"%s\" -> \"%s\" [label=\"%s\"];\n", from, to, quote.Replace(label))
	})
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// edges tells all nodes in the order of the file, and then all ways.
func (m Menu) edges(node func(ivr.Node), edge func(from, to, label string)) {
	nodes := m.Nodes()
	for _, n := range nodes {
		node(n)
	}
	for _, w := range m.Ways() {
		i := slices.IndexFunc(nodes, func(n ivr.Node) bool { return n.Name == w.From })
		if i >= 0 {
			edge(w.From, w.To, m.label(nodes[i], w)+m.took(nodes[i], w))
		}
	}
}
