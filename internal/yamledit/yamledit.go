// Package yamledit changes single values in YAML that people wrote, and leaves
// every other character as it is.
package yamledit

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// ErrShape says that a file is written in a way in which one value cannot be
// changed by itself: with anchors, or over lines that belong to others.
var ErrShape = errors.New("the file is written in a way that cannot be changed here; change it by hand")

// Set gives a value to a name, and makes the names above it that are missing.
// The value is YAML in one line; see [Text]. What was there before is gone
// with the comments inside of it; a comment behind it stays.
func Set(src []byte, value string, path ...string) ([]byte, error) {
	root, err := parse(src)
	if err != nil {
		return nil, err
	}
	var want yaml.Node
	if err := yaml.Load([]byte(value), &want); err != nil {
		return nil, fmt.Errorf("%q is not YAML: %w", value, err)
	}
	d := document{lines: strings.SplitAfter(string(src), "\n")}
	d.set(root, value, path)
	return d.proven(root, path, &want)
}

// Delete takes a name and its value out, with the comment behind it. When
// nothing is left beside it, the names above it go too.
func Delete(src []byte, path ...string) ([]byte, error) {
	root, err := parse(src)
	if err != nil {
		return nil, err
	}
	n, i := find(root, path)
	if i < 0 {
		return src, nil
	}
	for len(n.Content) == 2 && len(path) > 1 {
		path = path[:len(path)-1]
		n, i = find(root, path)
	}
	d := document{lines: strings.SplitAfter(string(src), "\n")}
	d.cut(n, i)
	return d.proven(root, path, nil)
}

// Item is the name of one thing in a list, counted from 0, within a path.
func Item(i int) string { return fmt.Sprint("#", i) }

// Text writes words as a YAML value in one line.
func Text(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// sizeMost is the largest file that is changed: the YAML library needs seconds
// for a few megabytes of crafted input.
const sizeMost = 256 << 10

// breaks end a line for the YAML library as \n does (YAML 1.1, 5.4), and for
// no editor: its lines would not be ours.
const breaks = "\r\u0085\u2028\u2029"

func parse(src []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if len(src) > sizeMost {
		return nil, ErrShape
	}
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	if strings.TrimSpace(text) == "" || strings.ContainsAny(text, breaks) {
		return nil, ErrShape
	}
	if err := yaml.Load(src, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, ErrShape
	}
	return doc.Content[0], nil
}
