package sounds

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/sounds/grammar"
)

// A phrase is what a language says for one name: one sentence for each plural
// form, most often only one.
type phrase map[grammar.Class]sentence

// A sentence is cut into clauses where a voice may pause.
type sentence []clause

// A clause is words, and holes among them.
type clause []part

// A part is words as they stand, or the hole to fill in, and for a number the
// form it has there.
type part struct {
	words, hole, form string
}

var hole = regexp.MustCompile(`\{(\w+)(?::(\w+))?\}`)

// readWords reads words.yaml of a language.
func readWords(files fs.FS) (map[string]phrase, error) {
	src, err := fs.ReadFile(files, "words.yaml")
	if err != nil {
		return nil, err
	}
	var raw map[string]forms
	if err := yaml.Load(src, &raw); err != nil {
		return nil, err
	}
	phrases := make(map[string]phrase, len(raw))
	for name, f := range raw {
		phrases[name] = make(phrase, len(f))
		for class, s := range f {
			phrases[name][class] = parseSentence(s)
		}
	}
	return phrases, nil
}

// forms are the sentences of a name as they are written.
type forms map[grammar.Class]string

// UnmarshalYAML reads a sentence, or one for each plural form.
func (f *forms) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*f = forms{grammar.Other: node.Value}
		return nil
	}
	var byClass map[grammar.Class]string
	if err := node.Decode(&byClass); err != nil {
		return err
	}
	if byClass[grammar.Other] == "" {
		return fmt.Errorf("line %d: no sentence for the plural form %q", node.Line, grammar.Other)
	}
	*f = byClass
	return nil
}

func parseSentence(s string) sentence {
	var all sentence
	for c := range strings.SplitSeq(s, "|") {
		all = append(all, parseClause(c))
	}
	return all
}

func parseClause(s string) clause {
	var c clause
	end := 0
	for _, at := range hole.FindAllStringSubmatchIndex(s, -1) {
		if at[0] > end {
			c = append(c, part{words: s[end:at[0]]})
		}
		filling := part{hole: s[at[2]:at[3]]}
		if at[4] >= 0 {
			filling.form = s[at[4]:at[5]]
		}
		c = append(c, filling)
		end = at[1]
	}
	if end < len(s) {
		c = append(c, part{words: s[end:]})
	}
	return c
}

// sentence picks the plural form for a count.
func (p phrase) sentence(class grammar.Class) sentence {
	if s, ok := p[class]; ok {
		return s
	}
	return p[grammar.Other]
}

// holes returns the names of all holes, sorted.
func (p phrase) holes() []string {
	names := map[string]bool{}
	for _, s := range p {
		for _, c := range s {
			for _, part := range c {
				names[part.hole] = true
			}
		}
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

func (c clause) has(hole string) bool {
	return slices.ContainsFunc(c, func(p part) bool { return p.hole == hole })
}
