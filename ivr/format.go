package ivr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/sounds/languages"
)

// The order in which names stand in a file that was formatted. Names that are
// not here come last, in the order of the file. Nodes, keys and outcomes are
// never moved: their order is what callers hear.
var (
	headOrder = []string{"for", "languages", "canary", "start", "stuck", "anytime", "include", "nodes", "tests"}
	nodeOrder = []string{
		"do", "if", "action", "say", "short", "note", "save", "answers", "min", "max", "wait",
		"to", "ring", "open", "closed", "keys", "then", "else", "taken", "refused", "none", "busy", "outcomes", "stop",
	}
	keyOrder = []string{"label", "say", "value", "lang", "to"}
)

// Format writes a menu file in the one way in which they are written: names
// in a fixed order, two spaces, keys in quotes. Comments and blank lines
// between nodes are kept, and what was formatted stays as it is. The menu need
// not be right, but it must be YAML; else the error is [Mistakes].
func Format(name string, src []byte) ([]byte, error) {
	r := newReader(name, src)
	if r.load(); len(r.mistakes) > 0 {
		return nil, r.report()
	}
	out, err := write(src)
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", name, err)
	}
	if err := kept(src, out); err != nil {
		return nil, fmt.Errorf("format %s: %w", name, err)
	}
	return out, nil
}

func write(src []byte) ([]byte, error) {
	doc, err := tree(src)
	if err != nil {
		return nil, err
	}
	root := doc.Content[0]
	sortPairs(root, headOrder)
	langs := langsIn(root)
	for _, p := range pairsOf(root) {
		switch p.key {
		case "anytime":
			quoteKeys(p.value)
		case "nodes":
			for _, n := range pairsOf(p.value) {
				formatNode(n.value, langs)
			}
		}
	}
	air := airy(src, root)
	out, err := yaml.Dump(doc, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	return ventilate(out, air)
}

func tree(src []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		return nil, err
	}
	return &doc, nil
}

func formatNode(n *yaml.Node, langs []string) {
	sortPairs(n, nodeOrder)
	for _, p := range pairsOf(n) {
		switch p.key {
		case "say", "short":
			sortWords(p.value, langs)
		case "keys":
			quoteKeys(p.value)
			for _, k := range pairsOf(p.value) {
				sortPairs(k.value, keyOrder)
				for _, f := range pairsOf(k.value) {
					if f.key == "label" {
						sortPairs(f.value, langs)
					}
				}
			}
		}
	}
}

// sortWords puts own words in the order of the languages of the menu.
func sortWords(n *yaml.Node, langs []string) {
	sortPairs(n, langs)
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			sortPairs(item, langs)
		}
	}
}

func langsIn(root *yaml.Node) []string {
	var langs []string
	for _, p := range pairsOf(root) {
		if p.key == "languages" && p.value.Value == allLanguages {
			return languages.Codes()
		}
		if p.key == "languages" {
			for _, item := range p.value.Content {
				langs = append(langs, item.Value)
			}
		}
	}
	return langs
}

// pairsOf lists a mapping; nothing when it is none.
func pairsOf(n *yaml.Node) []pair {
	var all []pair
	if n.Kind == yaml.MappingNode {
		for c := range slices.Chunk(n.Content, 2) {
			all = append(all, pair{c[0].Value, c[0], c[1]})
		}
	}
	return all
}

func sortPairs(n *yaml.Node, order []string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	rank := func(p pair) int {
		if i := slices.Index(order, p.key); i >= 0 {
			return i
		}
		return len(order)
	}
	all := pairsOf(n)
	slices.SortStableFunc(all, func(a, b pair) int { return rank(a) - rank(b) })
	n.Content = n.Content[:0]
	for _, p := range all {
		n.Content = append(n.Content, p.name, p.value)
	}
}

// quoteKeys writes keys of a telephone in quotes, which * and # need anyway.
func quoteKeys(n *yaml.Node) {
	for _, p := range pairsOf(n) {
		if len(p.key) == 1 && strings.Contains(phoneKeys, p.key) {
			p.name.Style, p.name.Tag = yaml.DoubleQuotedStyle, "!!str"
		}
	}
}

// openers are the names before which a line may be blank: those of the file,
// and nodes.
func openers(root *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for _, p := range pairsOf(root) {
		all = append(all, p.name)
		if p.key == "nodes" && p.value.Style&yaml.FlowStyle == 0 {
			for _, n := range pairsOf(p.value) {
				all = append(all, n.name)
			}
		}
	}
	return all
}

// above is the line on which a name begins, with the comments over it.
func above(lines []string, line int) int {
	for line > 1 && line-2 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[line-2]), "#") {
		line--
	}
	return line
}

// airy tells for each opener whether a blank line stands above it. One always
// does above the nodes, and above tests.
func airy(src []byte, root *yaml.Node) []bool {
	lines := strings.Split(string(src), "\n")
	all := openers(root)
	air := make([]bool, len(all))
	for i, n := range all {
		at := above(lines, n.Line)
		blank := at > 1 && at-2 < len(lines) && strings.TrimSpace(lines[at-2]) == ""
		air[i] = i > 0 && (blank || n.Value == "nodes" && n.Column == 1 || n.Value == "tests" && n.Column == 1)
	}
	return air
}

// ventilate puts the blank lines in.
func ventilate(out []byte, air []bool) ([]byte, error) {
	doc, err := tree(out)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(out), "\n")
	all := openers(doc.Content[0])
	if len(all) != len(air) {
		return nil, fmt.Errorf("%d names became %d", len(air), len(all))
	}
	for i, n := range slices.Backward(all) {
		at := above(lines, n.Line)
		if air[i] && at > 1 && strings.TrimSpace(lines[at-2]) != "" {
			lines = slices.Insert(lines, at-1, "")
		}
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// kept proves that nothing was lost: what the file says, and its comments.
func kept(src, out []byte) error {
	var before, after any
	if err := yaml.Load(src, &before); err != nil {
		return err
	}
	if err := yaml.Load(out, &after); err != nil {
		return err
	}
	if !reflect.DeepEqual(texts(before), texts(after)) {
		return fmt.Errorf("it would not say the same; write it more plainly")
	}
	for i, line := range strings.Split(string(src), "\n") {
		if c := remark(line); c != "" && !strings.Contains(string(out), c) {
			return fmt.Errorf("the comment on line %d would be lost; give it a line of its own", i+1)
		}
	}
	again, err := write(out)
	if err == nil && string(again) != string(out) {
		err = fmt.Errorf("it would not stay as it is; write comments on lines of their own")
	}
	return err
}

// remark is the comment on a line; "" when there is none for certain.
func remark(line string) string {
	if c := strings.TrimSpace(line); strings.HasPrefix(c, "#") {
		return c
	}
	i := strings.LastIndex(line, " #")
	if i < 0 || strings.ContainsAny(line[i:], `"'`) {
		return ""
	}
	return strings.TrimSpace(line[i:])
}

// texts makes all keys texts, as quotes make them.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, value := range v {
			all[key] = texts(value)
		}
		return all
	case map[any]any:
		all := map[string]any{}
		for key, value := range v {
			all[fmt.Sprint(key)] = texts(value)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, item := range v {
			all[i] = texts(item)
		}
		return all
	}
	return v
}
