package ivr

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// A probe is what one reader asks for.
type probe struct {
	asked  []string // in the order in which it asks
	needed []string
	shapes map[string]shape
}

// probed asks a reader twice: with nothing there but what is given, which
// tells what it needs, and with a value for all that it then asks for, which
// opens every branch.
func probed(whom audience, given map[string]string, read func(*fields)) probe {
	bare := hold(whom, given, read)
	values := map[string]string{}
	for _, name := range bare.asked {
		values[name] = "x"
	}
	maps.Copy(values, given)
	full := hold(whom, values, read)
	maps.Copy(full.shapes, bare.shapes)
	return probe{unique(bare.asked, full.asked), bare.needed, full.shapes}
}

// hold lets a reader read a mapping with some values in it, and listens.
func hold(whom audience, values map[string]string, read func(*fields)) probe {
	r := newReader("schema", nil)
	r.menu = &Menu{audience: whom, languages: []string{"en"}, texts: map[string][]string{}}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		n.Content = append(n.Content, word(name), word(values[name]))
	}
	f := r.fields(n, "probe")
	f.shapes = map[string]shape{}
	read(f)
	return probe{unique(f.asked), unique(f.needed), f.shapes}
}

func word(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func unique(lists ...[]string) []string {
	once := []string{}
	for _, s := range slices.Concat(lists...) {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// or is what one of two readers asks for, and both need.
func (p probe) or(q probe) probe {
	maps.Copy(q.shapes, p.shapes)
	return probe{unique(p.asked, q.asked), both(p.needed, q.needed), q.shapes}
}

// without forbids the names that another probe did not ask for.
func (p probe) without(q probe) map[string]bool {
	none := map[string]bool{}
	for _, name := range p.asked {
		if !slices.Contains(q.asked, name) {
			none[name] = false
		}
	}
	return none
}

// object describes a mapping with the names that were asked for.
func (p probe) object(of string) shape {
	props := map[string]shape{}
	for _, name := range p.asked {
		s := shape{"description": meanings[of+"."+name]}
		maps.Copy(s, p.shapes[name])
		props[name] = s
	}
	return shape{"type": "object", "properties": props, "required": p.needed, "additionalProperties": false}
}

// shape notes what a value looks like, while a reader is being probed.
func (f *fields) shape(name string, s shape) {
	if f.shapes != nil && f.shapes[name] == nil {
		f.shapes[name] = s
	}
}

// The shapes that values have.
var (
	refShape   = shape{"$ref": "#/$defs/ref"}
	textShape  = shape{"type": []string{"string", "number", "boolean"}}
	spanShape  = shape{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))+$`}
	yesShape   = shape{"enum": []any{true, false, "yes", "no"}}
	wordsShape = shape{
		"type": "object", "minProperties": 1, "propertyNames": shape{"pattern": "^([a-z]{2,3}|" + recordingKey + ")$"},
		"additionalProperties": textShape,
	}
	langsShape = oneOrMore(shape{"type": "string", "pattern": langName.String()})
	keysShape  = keyed(shape{"$ref": "#/$defs/key"})
	nodesShape = shape{
		"type": "object", "minProperties": 1, "propertyNames": shape{"pattern": nodeName.String()},
		"additionalProperties": shape{"$ref": "#/$defs/node"},
	}
)

// keyed is a mapping from keys of a telephone.
func keyed(value shape) shape {
	return shape{
		"type": "object", "minProperties": 1, "additionalProperties": false,
		"patternProperties": shape{"^[" + phoneKeys + "]$": value},
	}
}

// oneOrMore is a list, or one thing in place of a list of one.
func oneOrMore(item shape) shape {
	return shape{"anyOf": []shape{item, {"type": "array", "items": item}}}
}

// sayShape is built-in sentences and words of one's own.
func sayShape() shape {
	names := sayable()
	slices.Sort(names)
	return oneOrMore(shape{"anyOf": []shape{{"enum": names}, {"$ref": "#/$defs/words"}}})
}

// mapped is a mapping from some names to one sort of value.
func mapped(names []string, value shape) shape {
	return shape{"type": "object", "propertyNames": shape{"enum": names}, "additionalProperties": value}
}
