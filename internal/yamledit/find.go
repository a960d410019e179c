package yamledit

import (
	"go.yaml.in/yaml/v4"
)

// find returns the mapping that has the last name of a path, and where the
// name is in it; a number below 0 when it is not there.
func find(n *yaml.Node, path []string) (*yaml.Node, int) {
	for depth, name := range path {
		i := index(n, name)
		if i < 0 || depth == len(path)-1 {
			return n, i
		}
		n = value(n, i)
	}
	return n, -1
}

// value is what stands at a place that index has found.
func value(n *yaml.Node, i int) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content[i]
	}
	return n.Content[i+1]
}

func index(n *yaml.Node, name string) int {
	if n.Kind == yaml.SequenceNode {
		for i := range n.Content {
			if Item(i) == name {
				return i
			}
		}
	}
	if n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return i
		}
	}
	return -1
}
