package ivr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// fields reads a mapping whose names are known. A name is known because
// somebody asked for it; what nobody asked for is a mistake.
type fields struct {
	*reader
	what  string
	whole *yaml.Node
	pairs []pair
	asked []string

	shapes map[string]shape // what values look like; only while probed
	needed []string
}

func (r *reader) fields(n *yaml.Node, what string) *fields {
	return &fields{reader: r, what: what, whole: n, pairs: r.pairs(n, what)}
}

// get returns the value of a name, or nil.
func (f *fields) get(name string) *yaml.Node {
	f.asked = append(f.asked, name)
	i := slices.IndexFunc(f.pairs, func(p pair) bool { return p.key == name })
	if i < 0 {
		return nil
	}
	return f.pairs[i].value
}

// need is get for what must be there.
func (f *fields) need(name string) *yaml.Node {
	n := f.get(name)
	if n == nil {
		f.missing(name)
	}
	return n
}

// missing reports a name that must be there.
func (f *fields) missing(name string) {
	f.needed = append(f.needed, name)
	f.fail(f.whole, fmt.Sprintf("%s needs %s:", f.what, name), "")
}

// done reports the names that nobody asked for.
func (f *fields) done() {
	for _, p := range f.pairs {
		if !slices.Contains(f.asked, p.key) {
			hint := f.meant(p.key, f.asked)
			if hint == "" {
				hint = "it can have " + strings.Join(f.asked, ", ")
			}
			f.fail(p.name, fmt.Sprintf("%s has no %q", f.what, p.key), hint)
		}
	}
}

// text reads a word, "" when it is not there.
func (f *fields) text(name string) string {
	f.shape(name, textShape)
	n := f.get(name)
	if n == nil {
		return ""
	}
	s, _ := f.scalar(n, name)
	return s
}

// word reads one word of a closed list; the first is the default.
func (f *fields) word(name string, list ...string) string {
	f.shape(name, shape{"enum": list, "default": list[0]})
	n := f.get(name)
	if n == nil {
		return list[0]
	}
	s, ok := f.scalar(n, name)
	if ok && !slices.Contains(list, s) {
		hint := f.meant(s, list)
		if hint == "" {
			hint = "one of " + strings.Join(list, ", ")
		}
		f.fail(n, fmt.Sprintf("%s cannot be %q", name, s), hint)
	}
	return s
}

// yes reads true or false.
func (f *fields) yes(name string, otherwise bool) bool {
	f.shape(name, yesShape)
	n := f.get(name)
	if n == nil {
		return otherwise
	}
	s, ok := f.scalar(n, name)
	switch {
	case !ok:
	case s == "true" || s == "yes":
		return true
	case s != "false" && s != "no":
		f.fail(n, fmt.Sprintf("%s is true or false, not %q", name, s), "")
	}
	return false
}

// number reads a whole number between lo and hi.
func (f *fields) number(name string, otherwise, lo, hi int) int {
	f.shape(name, shape{"type": "integer", "minimum": lo, "maximum": hi, "default": otherwise})
	n := f.get(name)
	if n == nil {
		return otherwise
	}
	s, ok := f.scalar(n, name)
	i, err := strconv.Atoi(s)
	if ok && (err != nil || i < lo || i > hi) {
		f.fail(n, fmt.Sprintf("%s is a number from %d to %d, not %q", name, lo, hi, s), "")
		return otherwise
	}
	return i
}

// duration reads a time span such as 20s.
func (f *fields) duration(name string, otherwise, most time.Duration) time.Duration {
	f.shape(name, spanShape)
	n := f.get(name)
	if n == nil {
		return otherwise
	}
	s, ok := f.scalar(n, name)
	if !ok {
		return otherwise
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		hint := "write it like 20s"
		if _, err := strconv.Atoi(s); err == nil {
			hint = "write " + s + "s for seconds"
		}
		f.fail(n, fmt.Sprintf("%s is a time span, and %q is none", name, s), hint)
		return otherwise
	}
	if d < time.Second || d > most {
		f.fail(n, fmt.Sprintf("%s is between 1s and %s", name, most), "")
	}
	return d
}

// next reads the node that follows by itself.
func (f *fields) next(name string) string {
	f.shape(name, refShape)
	return f.lead(f.need(name), name, true)
}

// choice reads the node that follows what the person does.
func (f *fields) choice() string {
	f.shape("then", refShape)
	return f.lead(f.need("then"), "then", false)
}

// chosen is choice for what follows a key: the key is what leads there.
func (f *fields) chosen(name string) string {
	f.shape(name, refShape)
	n := f.need(name)
	if n == nil {
		return ""
	}
	return f.lead(n, f.what, false)
}

// lead is reader.lead, for a value that is the name of a node.
func (f *fields) lead(n *yaml.Node, what string, auto bool) string {
	f.shape(what, refShape)
	return f.reader.lead(n, what, auto)
}

// lead notes one way out of the node that is being read.
func (r *reader) lead(n *yaml.Node, what string, auto bool) string {
	if n == nil {
		return ""
	}
	to, ok := r.scalar(n, what)
	if ok {
		r.leads = append(r.leads, lead{r.node, to, what, auto, n})
	}
	return to
}
