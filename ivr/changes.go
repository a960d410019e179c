package ivr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Changes tells in words what a new menu changes for callers, in the order of
// its file; what is gone comes last. Comments and the way in which the file is
// written change nothing.
func Changes(before, after *Menu) []string {
	c := &comparison{}
	c.heads(before, after)
	old := map[string]Node{}
	for _, n := range before.outline {
		old[n.Name] = n
	}
	for _, n := range after.outline {
		was, known := old[n.Name]
		delete(old, n.Name)
		switch {
		case !known:
			c.say("%s is new (%s)", n.Name, n.Do)
		case was.Do != n.Do:
			c.say("%s is now a node of the kind %s (was: %s)", n.Name, n.Do, was.Do)
		default:
			c.node(was, n)
		}
	}
	for _, n := range before.outline {
		if _, gone := old[n.Name]; gone {
			c.say("%s is gone (%s)", n.Name, n.Do)
		}
	}
	if after.canary > 0 && len(c.found) > 0 {
		c.say("%d%% of the callers meet all this first", after.canary)
	}
	return c.found
}

// A comparison collects what has changed.
type comparison struct{ found []string }

func (c *comparison) say(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func (c *comparison) heads(before, after *Menu) {
	for _, h := range []struct{ what, was, is string }{
		{"the menu speaks to", string(before.audience), string(after.audience)},
		{"the talk begins at", before.start, after.start},
		{"people who are not understood come to", before.stuck, after.stuck},
		{"the languages are", strings.Join(before.languages, ", "), strings.Join(after.languages, ", ")},
	} {
		if h.was != h.is {
			c.say("%s %s now (was: %s)", h.what, h.is, h.was)
		}
	}
	all := maps.Clone(before.anytime)
	maps.Copy(all, after.anytime)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		switch was, is := before.anytime[key], after.anytime[key]; {
		case is == "":
			c.say("key %s does nothing at any time any more (was: %s)", key, was)
		case was == "":
			c.say("key %s leads to %s at any time now", key, is)
		case was != is:
			c.say("key %s leads to %s at any time now (was: %s)", key, is, was)
		}
	}
}

// node compares two nodes of one kind.
func (c *comparison) node(was, is Node) {
	c.keys(was, is)
	for _, f := range is.Fields {
		if keyOf(f) != "" && was.Field("keys", keyOf(f), "to") == "" {
			continue // the key is new
		}
		if old, known := was.value(f.Path); !known {
			c.say("%s now (it had none)", phrase(is, f))
		} else if old != f.Value {
			c.say("%s now (was: %s)", phrase(is, f), quoted(f, old))
		}
	}
	for _, f := range was.Fields {
		if keyOf(f) != "" && is.Field("keys", keyOf(f), "to") == "" {
			continue // the key is gone
		}
		if _, still := is.value(f.Path); !still {
			c.say("%s no more", phrase(was, f))
		}
	}
}

// keys compares which keys a node has, and in which order they are read out.
func (c *comparison) keys(was, is Node) {
	old, now := keysIn(was), keysIn(is)
	for _, key := range now {
		if !slices.Contains(old, key) {
			c.say("key %s in %s is new and leads to %s", key, is.Name, is.Field("keys", key, "to"))
		}
	}
	for _, key := range old {
		if !slices.Contains(now, key) {
			c.say("key %s in %s is gone (it led to %s)", key, is.Name, was.Field("keys", key, "to"))
		}
	}
	old, now = both(old, now), both(now, old)
	if !slices.Equal(old, now) {
		c.say("the keys of %s are read out in the order %s now (was: %s)", is.Name, strings.Join(now, ", "), strings.Join(old, ", "))
	}
}

func keysIn(n Node) []string {
	var all []string
	for _, f := range n.Fields {
		if key := keyOf(f); key != "" && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}

// keyOf is the key that a field is about; "" for none.
func keyOf(f Field) string {
	if len(f.Path) > 1 && f.Path[0] == "keys" {
		return f.Path[1]
	}
	return ""
}

func (n Node) value(path []string) (string, bool) {
	i := slices.IndexFunc(n.Fields, func(f Field) bool { return slices.Equal(f.Path, path) })
	if i < 0 {
		return "", false
	}
	return n.Fields[i].Value, true
}

// leading are the names whose values are nodes.
var leading = []string{"then", "else", "open", "closed", "taken", "refused", "none", "busy", "stop", "outcomes"}

// phrase says what a field means for callers.
func phrase(n Node, f Field) string {
	last := f.Path[len(f.Path)-1]
	switch first, key := f.Path[0], keyOf(f); {
	case key != "" && last == "to":
		return fmt.Sprintf("key %s in %s leads to %s", key, n.Name, f.Value)
	case key != "" && len(f.Path) == 4:
		return fmt.Sprintf("key %s in %s is called %q in %s", key, n.Name, f.Value, last)
	case key != "":
		return fmt.Sprintf("key %s in %s has %s: %s", key, n.Name, last, f.Value)
	case last == "then":
		return fmt.Sprintf("%s goes on to %s", n.Name, f.Value)
	case slices.Contains(leading, first):
		return fmt.Sprintf("%s leads to %s when it is %q", n.Name, f.Value, last)
	case (first == "say" || first == "short") && len(f.Path) == 3:
		return fmt.Sprintf("%s says %q in %s%s", n.Name, f.Value, last, again(first))
	case first == "say" || first == "short":
		return fmt.Sprintf("%s says the sentence %s%s", n.Name, f.Value, again(first))
	default:
		return fmt.Sprintf("%s has %s: %s", n.Name, strings.Join(f.Path, " "), f.Value)
	}
}

// again tells the words for who comes by again from the others.
func again(name string) string {
	if name == "short" {
		return " to who comes by again"
	}
	return ""
}

// quoted writes what stood in a field: words in quotes, names without.
func quoted(f Field, old string) string {
	said := (f.Path[0] == "say" || f.Path[0] == "short") && len(f.Path) == 3
	if label := keyOf(f) != "" && len(f.Path) == 4; said || label {
		return fmt.Sprintf("%q", old)
	}
	return old
}
