package ivr

import (
	"encoding/json"
	"maps"
	"slices"
)

// A shape is a piece of JSON Schema.
type shape map[string]any

// Schema returns the JSON Schema of menu files, for editors. It is not written
// down anywhere: the readers of the loader are asked what they ask for, so the
// two cannot disagree about a name, a limit or what must be there. How the
// nodes hang together is more than a schema can say; [Parse] proves that.
func Schema() ([]byte, error) {
	names := slices.Sorted(maps.Keys(kinds))
	defs := map[string]shape{
		"ref":   {"type": "string", "pattern": nodeName.String()},
		"words": wordsShape,
		"say":   sayShape(),
		"key":   {"anyOf": []shape{refShape, keyShape()}},
	}
	cases := make([]shape, len(names))
	for i, name := range names {
		defs["do_"+name] = kindShape(name)
		cases[i] = shape{
			"if":   shape{"properties": shape{"do": shape{"const": name}}, "required": []string{"do"}},
			"then": shape{"$ref": "#/$defs/do_" + name},
		}
	}
	defs["node"] = shape{
		"type": "object", "required": []string{"do"},
		"properties": shape{"do": shape{"enum": names, "description": meanings["node.do"]}},
		"allOf":      cases,
	}
	root := probed(caller, nil, func(f *fields) { f.readHead() }).object("menu file")
	root["$schema"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "A menu of holdless", defs
	return json.MarshalIndent(root, "", "  ")
}

// kindShape asks the reader of one kind of node, on behalf of a caller and of
// a writer of texts.
func kindShape(name string) shape {
	read := func(f *fields) { kinds[name](f) }
	p := probed(caller, nil, read)
	if slices.Contains(textKinds, name) {
		p = p.or(probed(texter, nil, read))
	}
	all, needed := variants(p, read)
	p.needed = needed
	s := p.object(name)
	props, _ := s["properties"].(map[string]shape)
	props["do"] = shape{"const": name}
	s["required"], s["description"] = append([]string{"do"}, p.needed...), meanings[name]
	if len(all) > 0 {
		s["allOf"] = all
	}
	if with := p.together(read); len(with) > 0 {
		s["dependentRequired"] = with
	}
	return s
}

// together tells what a reader needs once a name is there, whatever its value.
func (p probe) together(read func(*fields)) map[string][]string {
	with := map[string][]string{}
	bare := hold(caller, nil, read).needed
	for _, name := range p.asked {
		if _, closed := p.shapes[name]["enum"]; closed {
			continue // the variants tell
		}
		needs := hold(caller, map[string]string{name: "x"}, read).needed
		needs = slices.DeleteFunc(needs, func(s string) bool { return slices.Contains(bare, s) })
		if len(needs) > 0 {
			with[name] = needs
		}
	}
	return with
}

// keyShape asks the reader of one key of a menu.
func keyShape() shape {
	return probed(caller, nil, func(f *fields) { f.saidKey("1") }).object("key")
}

// variants tells what a reader needs more, and what has no place, for each
// word of a closed list; and what it needs with any of them.
func variants(p probe, read func(*fields)) (all []shape, needed []string) {
	needed = p.needed
	for _, name := range p.asked {
		list, _ := p.shapes[name]["enum"].([]string)
		of := make([]probe, len(list))
		for i, value := range list {
			of[i] = probed(caller, map[string]string{name: value}, read)
			needed = both(needed, of[i].needed)
		}
		for i, value := range list {
			if len(of[i].needed) > len(needed) || len(p.without(of[i])) > 0 {
				all = append(all, p.variant(name, value, of[i]))
			}
		}
	}
	return all, needed
}

// variant is what another probe asks for when a name has one value.
func (p probe) variant(name, value string, other probe) shape {
	when := shape{"properties": shape{name: shape{"const": value}}}
	if p.shapes[name]["default"] != value { // else it may be left out
		when["required"] = []string{name}
	}
	return shape{"if": when, "then": shape{"required": other.needed, "properties": p.without(other)}}
}

func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}
