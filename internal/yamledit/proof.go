package yamledit

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// proven returns the text, when it says what was wanted and all else as
// before.
func (d *document) proven(before *yaml.Node, path []string, want *yaml.Node) ([]byte, error) {
	out := []byte(strings.Join(d.lines, ""))
	after, err := parse(out)
	if err != nil {
		return nil, ErrShape
	}
	n, i := find(after, path)
	switch {
	case want == nil && i >= 0, want != nil && i < 0:
		return nil, ErrShape
	case want != nil && !equal(value(n, i), want.Content[0]):
		return nil, ErrShape
	case !reflect.DeepEqual(without(before, path), without(after, path)):
		return nil, ErrShape
	}
	return out, nil
}

// equal compares what two values say, and not how they are written.
func equal(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && reflect.DeepEqual(without(a, nil), without(b, nil))
}

// without lists all that a value says, but for one path in it.
func without(n *yaml.Node, path []string) []string {
	var all []string
	var walk func(n *yaml.Node, at []string)
	walk = func(n *yaml.Node, at []string) {
		switch {
		case path != nil && slices.Equal(at, path), n.Alias != nil:
		case n.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], append(slices.Clip(at), n.Content[i].Value))
			}
		case n.Kind == yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, append(slices.Clip(at), Item(i)))
			}
		case n.Tag == "!!null" && path != nil: // an empty value may have been filled
		default:
			all = append(all, fmt.Sprintf("%q %s %q", at, n.Tag, n.Value))
		}
	}
	walk(n, nil)
	slices.Sort(all)
	return all
}
