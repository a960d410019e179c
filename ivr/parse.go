package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/sounds/languages"
)

// Where a key can lead besides to a node.
const (
	back   = "back"   // to what was asked before, or the same again
	repeat = "repeat" // the same again
)

// phoneKeys are the keys of a telephone.
const phoneKeys = "0123456789*#"

// textKinds are the kinds of node that need no telephone call.
var textKinds = []string{"ask", "end", "goto", "say"}

var (
	nodeName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	langName = regexp.MustCompile(`^[a-z]{2,3}$`)
)

func newReader(name string, src []byte) *reader {
	lines := strings.Split(string(src[:min(len(src), maxSize)]), "\n")
	return &reader{
		file: name, src: src, sections: []section{{file: name}},
		shown: lines, lines: slices.Clone(lines), places: map[string]*yaml.Node{},
	}
}

// read reads the whole file, and then checks how the nodes hang together.
func (r *reader) read() {
	root := r.load()
	if root == nil {
		return
	}
	start, stuck, anytime, nodes, more := r.fields(root, "the menu").readHead()
	r.menu.nodes = map[string]kind{}
	r.readNodes(nodes)
	r.includes(more, []string{path.Base(r.file)})
	r.menu.start = r.lead(start, "start", true)
	r.menu.stuck = r.lead(stuck, "stuck", true)
	r.readAnytime(anytime, stuck)
	r.keep()
	r.check()
}

// readHead reads what stands above the nodes. Where it leads is looked at
// when the nodes are known.
func (f *fields) readHead() (start, stuck, anytime, nodes, more *yaml.Node) {
	f.menu.audience = audience(f.word("for", string(caller), string(customer), string(agent), string(texter)))
	f.shape("languages", langsShape)
	f.readLanguages(f)
	f.readCanary()
	f.shape("start", refShape)
	f.shape("stuck", refShape)
	start, stuck = f.need("start"), f.need("stuck")
	f.shape("anytime", keyed(refShape))
	anytime = f.get("anytime")
	f.shape("nodes", nodesShape)
	nodes = f.need("nodes")
	f.shape("include", oneOrMore(shape{"type": "string", "pattern": `\\.ya?ml$`}))
	more = f.get("include")
	f.readTests()
	f.done()
	return start, stuck, anytime, nodes, more
}

// report returns what is wrong, in the order of the file.
func (r *reader) report() Mistakes {
	r.mistakes.sort()
	if r.more > 0 {
		last := r.mistakes[len(r.mistakes)-1]
		r.mistakes = append(r.mistakes, Mistake{
			File: last.File, Line: last.Line, Column: last.Column, Text: fmt.Sprintf("and %d more mistakes", r.more),
		})
	}
	return r.mistakes
}

// allLanguages stands for every language that holdless speaks.
const allLanguages = "all"

func (r *reader) readLanguages(f *fields) {
	r.menu.languages = []string{"en"}
	n := f.get("languages")
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode && n.Value == allLanguages {
		r.menu.languages, r.menu.speaksAll = languages.Codes(), true
		return
	}
	var all []string
	for _, item := range r.list(n) {
		s, ok := r.scalar(item, "a language")
		switch {
		case !ok:
		case !langName.MatchString(s):
			r.fail(item, fmt.Sprintf("%q is not the code of a language", s), "write it like en or fi")
		case slices.Contains(all, s):
			r.fail(item, fmt.Sprintf("%q is here for the second time", s), "")
		default:
			all = append(all, s)
			r.menu.spoken = append(r.menu.spoken, Field{line: item.Line, column: item.Column})
		}
	}
	if len(all) > 0 {
		r.menu.languages = all
	}
}

// readAnytime reads the keys that work everywhere. When they are left out,
// 0 leads where a caller who is not understood goes, and * goes back.
func (r *reader) readAnytime(n, stuck *yaml.Node) {
	r.menu.anytime = map[string]string{}
	switch {
	case r.menu.audience == texter:
		if n != nil {
			r.fail(n, "a text message has no keys that work at any time", "take it out")
		}
		return
	case n == nil:
		r.menu.anytime["*"] = back
		if r.menu.audience == caller && stuck != nil {
			r.menu.anytime["0"] = r.menu.stuck
		}
		return
	}
	for _, p := range r.pairs(n, "anytime") {
		if key, ok := r.key(p.name); ok {
			r.menu.anytime[key] = r.anytimeLead(key, p.value)
		}
	}
}

func (r *reader) anytimeLead(key string, n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && (n.Value == back || n.Value == repeat) {
		return n.Value
	}
	return r.lead(n, "key "+key, false)
}

// curlyQuotes are what word processors make of quotes.
const curlyQuotes = "“”„‟‘’‚«»"

// key reads one key of a telephone.
func (r *reader) key(n *yaml.Node) (string, bool) {
	s, ok := r.scalar(n, "a key")
	if !ok {
		return "", false
	}
	if len(s) == 1 && strings.Contains(phoneKeys, s) {
		return s, true
	}
	hint := "a key is one of 0 to 9, * and #"
	if plain := strings.Trim(s, curlyQuotes); plain != s && strings.Contains(phoneKeys, plain) {
		hint = fmt.Sprintf("write it in straight quotes: %q", plain)
	}
	if bare := strings.TrimLeft(s, "0"); len(bare) == 1 && bare >= "1" && bare <= "9" {
		hint = fmt.Sprintf("did you mean %q?", bare)
	}
	r.fail(n, fmt.Sprintf("%q is not a key of a telephone", s), hint)
	return "", false
}

func (r *reader) readNodes(n *yaml.Node) {
	if n == nil {
		return
	}
	all := r.pairs(n, "nodes")
	if n.Kind == yaml.MappingNode && len(all) == 0 {
		r.fail(n, "there are no nodes", "")
	}
	for _, p := range all {
		switch {
		case p.key == back || p.key == repeat:
			r.fail(p.name, fmt.Sprintf("a node cannot be called %q", p.key), "that word is for the key *")
		case !nodeName.MatchString(p.key):
			r.fail(p.name, fmt.Sprintf("%q cannot be the name of a node", p.key), "use small letters, digits and _")
		}
		if first := r.places[p.key]; first != nil {
			file, line := place(r.sections, first.Line)
			r.fail(p.name, fmt.Sprintf("a node %q is there already", p.key), fmt.Sprintf("the first is in %s on line %d", file, line))
			continue
		}
		r.node = p.key
		r.places[p.key] = p.name
		r.order = append(r.order, p.key)
		r.menu.nodes[p.key] = r.readNode(p)
		r.outline(p)
	}
	r.node = ""
}

// readNode reads one node by its kind. What it returns can be used even when
// there were mistakes.
func (r *reader) readNode(p pair) kind {
	f := r.fields(p.value, p.key)
	if p.value.Kind != yaml.MappingNode {
		return &end{}
	}
	do := f.need("do")
	if do == nil {
		return &end{}
	}
	name, ok := r.scalar(do, "do")
	read, known := kinds[name]
	if !known {
		if names := slices.Sorted(maps.Keys(kinds)); ok {
			r.fail(do, fmt.Sprintf("no kind of node is called %q", name), cmp.Or(r.meant(name, names), "one of "+strings.Join(names, ", ")))
		}
		return &end{}
	}
	if r.menu.audience == texter && !slices.Contains(textKinds, name) {
		r.fail(do, name+" needs a telephone call", "a text menu has ask, say, goto and end")
	}
	k := read(f)
	f.done()
	return k
}
