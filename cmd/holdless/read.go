package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/ivr"
)

// configSize is the size of the largest configuration that is looked at: the
// YAML library needs seconds for a few megabytes of crafted input.
const configSize = 256 << 10

// reader reads one YAML file into structs, strictly, and collects everything
// that is wrong, with its place.
type reader struct {
	file     string
	src      []byte
	places   map[string]*yaml.Node // by path: queues.billing.hours
	hidden   []string              // values from the environment, and how the file names them
	wrong    map[*yaml.Node]bool   // values of which one mistake was told: what follows from it is none
	garbled  bool                  // it is no YAML, so that nothing else can be said
	mistakes ivr.Mistakes
}

// decode reads a file into the struct that out points to, whose fields keep
// their values where the file says nothing.
func decode(file string, src []byte, out any) *reader {
	r := &reader{file: file, src: src, places: map[string]*yaml.Node{}, wrong: map[*yaml.Node]bool{}}
	if len(src) > configSize {
		r.garbled = true
		r.add(1, 1, fmt.Sprintf("the file has %d KiB; %d are allowed", len(src)>>10, configSize>>10), "")
		return r
	}
	var doc yaml.Node
	if len(bytes.TrimSpace(src)) == 0 || !r.load(&doc) || len(doc.Content) == 0 {
		r.garbled = len(r.mistakes) > 0
		return r
	}
	r.expand(&doc)
	r.walk(doc.Content[0], reflect.TypeOf(out).Elem(), "")
	r.fill(&doc, out)
	return r
}

func (r *reader) load(doc *yaml.Node) bool {
	err := yaml.Load(r.src, doc)
	if err == nil {
		return true
	}
	if strings.Contains(err.Error(), "no documents in stream") {
		return false // comments alone: everything is as it is by default
	}
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		hint := "look at the indentation, colons and quotes here and one line above"
		if bytes.ContainsRune(r.line(at.Mark.Line), '\t') {
			hint = "indent with spaces: YAML does not allow tabs"
		}
		r.add(at.Mark.Line, at.Mark.Column, "this is not YAML: "+at.Message, hint)
		return false
	}
	r.add(1, 1, "this is not YAML: "+err.Error(), "")
	return false
}

func (r *reader) line(no int) []byte {
	lines := bytes.Split(r.src, []byte("\n"))
	if no < 1 || no > len(lines) {
		return nil
	}
	return lines[no-1]
}

// variable is the way to take a value from the environment.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand puts the environment in.
func (r *reader) expand(n *yaml.Node) {
	for _, child := range n.Content {
		r.expand(child)
	}
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "${") {
		return
	}
	n.Value = variable.ReplaceAllStringFunc(n.Value, func(ref string) string {
		name := variable.FindStringSubmatch(ref)[1]
		value, ok := os.LookupEnv(name)
		if !ok {
			r.at(n, fmt.Sprintf("the environment has no %s", name), "set it, or write the value into a file and name that")
			r.wrong[n] = true
		}
		if value != "" {
			r.hidden = append(r.hidden, value, ref)
		}
		return value
	})
}

// walk notes the place of every value, and finds keys that no field has.
func (r *reader) walk(n *yaml.Node, t reflect.Type, path string) {
	r.places[path] = n
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		r.walkStruct(n, t, path)
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		r.pairs(n, path, func(_, value *yaml.Node, at string) { r.walk(value, t.Elem(), at) })
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for i, item := range n.Content {
			r.walk(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

func (r *reader) walkStruct(n *yaml.Node, t reflect.Type, path string) {
	fields := fieldsOf(t)
	r.pairs(n, path, func(key, value *yaml.Node, at string) {
		if ft, ok := fields[key.Value]; ok {
			r.walk(value, ft, at)
			return
		}
		known := slices.Sorted(maps.Keys(fields))
		r.at(key, fmt.Sprintf("there is no key %q here", key.Value), suggest(key.Value, known))
		// A key that was misspelt is read as the one that was meant, lest its
		// value be missed, too.
		if meant := ivr.Nearest(key.Value, known); meant != "" && !has(n, meant) {
			at = strings.TrimSuffix(at, key.Value) + meant
			key.Value = meant
			r.walk(value, fields[meant], at)
		}
	})
}

// has reports whether a mapping has a key.
func has(n *yaml.Node, key string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// pairs goes through a mapping, and takes out keys that are there twice.
func (r *reader) pairs(n *yaml.Node, path string, do func(key, value *yaml.Node, at string)) {
	seen := map[string]int{}
	var once []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if line := seen[key.Value]; line > 0 {
			r.at(key, fmt.Sprintf("%q is here twice; first on line %d", key.Value, line), "remove one")
			continue
		}
		once = append(once, key, value)
		seen[key.Value] = key.Line
		at := key.Value
		if path != "" {
			at = path + "." + key.Value
		}
		do(key, value, at)
	}
	n.Content = once
}

// fill puts the values into the fields; those that do not fit are left out.
func (r *reader) fill(doc *yaml.Node, out any) {
	err := doc.Decode(out)
	var several *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case err == nil:
	case errors.As(err, &several):
		for _, e := range several.Errors {
			r.misfit(e)
		}
	case errors.As(err, &one):
		r.misfit(one)
	default:
		r.add(1, 1, plainly(err.Error()), "")
	}
}

// misfit tells of a value that is not what its field takes, unless something
// was said of it before.
func (r *reader) misfit(e *yaml.LoadError) {
	for path, n := range r.places {
		if n.Line != e.Mark.Line || n.Column != e.Mark.Column {
			continue
		}
		if r.wrong[n] {
			return
		}
		r.wrong[n] = true
		if list, _, item := strings.Cut(path, "["); item {
			r.wrong[r.places[list]] = true // the items after it have moved up
		}
	}
	r.add(e.Mark.Line, e.Mark.Column, plainly(e.Message), "")
}

// wanted is how the YAML library names a value that does not fit.
var wanted = regexp.MustCompile("^cannot (?:unmarshal|construct) !!\\w+(?: `.*`)? into (.+)$")

// kinds says in words what Go calls a type.
var kinds = map[string]string{
	"int": "a number", "int64": "a number", "bool": "true or false", "string": "a text",
	"[]string": "a list", "time.Duration": `a length of time like "15m"`,
}

func plainly(message string) string {
	m := wanted.FindStringSubmatch(message)
	if m == nil {
		return message
	}
	what := kinds[m[1]]
	switch {
	case what != "":
	case strings.HasPrefix(m[1], "map["), !strings.HasPrefix(m[1], "["):
		what = "keys with values"
	default:
		what = "a list"
	}
	return "this must be " + what
}

func (r *reader) at(n *yaml.Node, text, suggestion string) { r.add(n.Line, n.Column, text, suggestion) }

func (r *reader) add(line, col int, text, suggestion string) {
	m := ivr.At(r.file, r.src, line, col, r.hide(text))
	m.Suggestion = suggestion
	r.mistakes = append(r.mistakes, m)
}

// hide names what came from the environment instead of showing it.
func (r *reader) hide(text string) string { return strings.NewReplacer(r.hidden...).Replace(text) }

// err is all that is wrong, in the order of the file.
func (r *reader) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.mistakes, func(a, b ivr.Mistake) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return r.mistakes
}

// fieldsOf lists the keys that a struct takes.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			maps.Copy(fields, fieldsOf(f.Type))
		case name != "-" && f.IsExported():
			fields[name] = f.Type
		}
	}
	return fields
}

// suggest names the key that was meant, or all of them when they are few.
func suggest(got string, known []string) string {
	if one := ivr.Meant(got, known); one != "" || len(known) > 16 {
		return one
	}
	return "the keys here are: " + strings.Join(known, ", ")
}
