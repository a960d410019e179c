package ivr

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A menu may take nodes from other files. All of them together are one text:
// that of the menu, and behind it that of each file, under a line that names
// it. This text is the source of the menu, so that a version can be held again
// when the files have changed.
const fileMark = "#--- include "

// An Opener returns the text of a file that a menu takes nodes from, by its
// name as seen from the menu, with slashes.
type Opener func(name string) ([]byte, error)

// Read is [Parse] for a menu that takes nodes from other files.
func Read(name string, src []byte, open Opener) (*Menu, error) { return parse(name, src, open) }

// A section is where a file begins in the text of the whole menu.
type section struct {
	file  string
	above int // lines above its first
}

// place tells in which file a line of the whole text stands, and where.
func place(all []section, line int) (file string, local int) {
	i := len(all) - 1
	for i > 0 && all[i].above >= line {
		i--
	}
	return all[i].file, max(line-all[i].above, 0)
}

// bundled cuts a text at the lines that name files.
func bundled(src string) (first string, files map[string]string) {
	files = map[string]string{}
	parts := strings.Split("\n"+src, "\n"+fileMark)
	for _, part := range parts[1:] {
		name, text, _ := strings.Cut(part, "\n")
		files[strings.TrimSpace(name)] = text
	}
	return parts[0][1:], files
}

// Parts cuts the [Menu.Source] of a menu into what stands in its own file, and
// what stands in each file that it takes nodes from, by name.
func Parts(source string) (own string, files map[string]string) { return bundled(source) }

// includes reads the files that stand under include:. The names are seen from
// the file that they stand in.
func (r *reader) includes(n *yaml.Node, from []string) {
	if n == nil {
		return
	}
	for _, item := range r.list(n) {
		name, ok := r.scalar(item, "the name of a file")
		if !ok {
			continue
		}
		if hint := confined(name); hint != "" {
			r.fail(item, fmt.Sprintf("%q cannot be included", name), hint)
			continue
		}
		full := path.Join(path.Dir(from[len(from)-1]), name)
		switch {
		case slices.Contains(from, full) || full == path.Base(r.file):
			r.fail(item, "the files include each other: "+strings.Join(append(from, full), " -> "), "take one of them out")
		case slices.ContainsFunc(r.sections, func(s section) bool { return s.file == r.beside(full) }):
			r.fail(item, fmt.Sprintf("%s is included already", full), "take one of them out")
		default:
			r.include(item, append(slices.Clone(from), full))
		}
	}
}

// strays finds what stands behind the menu and is included by nothing: it would
// be written beside the menu, under whatever name.
func (r *reader) strays(files map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.ContainsFunc(r.sections, func(s section) bool { return s.file == r.beside(name) }) && r.menu.nodes != nil {
			r.at(0, 0, fmt.Sprintf("nothing includes %q, which stands behind the menu", name), "name it under include:, or take it out")
		}
	}
}

// confined says what a name of a file must not be; "" when all is well. The
// opener sees to links.
func confined(name string) string {
	switch {
	case strings.HasPrefix(name, "/") || strings.Contains(name, `\`) || strings.Contains(name, ":"):
		return "name it as seen from this file, as in parts/person.yaml"
	case slices.Contains(strings.Split(name, "/"), ".."):
		return "it must stand beside this file or in a folder below, without .."
	case path.Ext(name) != ".yaml" && path.Ext(name) != ".yml":
		return "its name must end in .yaml"
	}
	return ""
}

// beside names a file as the menu is named.
func (r *reader) beside(name string) string {
	if i := strings.LastIndexByte(r.file, '/'); i >= 0 {
		return r.file[:i+1] + name
	}
	return name
}

// maxFiles is how many files one menu takes nodes from.
const maxFiles = 50

// include reads one file.
func (r *reader) include(at *yaml.Node, path []string) {
	name := path[len(path)-1]
	text, err := r.open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(at, fmt.Sprintf("there is no file %s", name), "")
		return
	case err != nil:
		r.fail(at, fmt.Sprintf("%s cannot be read: %v", name, cmp.Or(errors.Unwrap(err), err)), "it must stand beside the menu, and not be a link to elsewhere")
		return
	case len(r.sections) > maxFiles || len(r.src)+len(text) > maxSize:
		r.fail(at, fmt.Sprintf("with %s the menu is too large", name), fmt.Sprintf("the limits are %d files and %d KiB", maxFiles, maxSize>>10))
		return
	}
	r.src = append(slices.Clip(r.src), "\n"+fileMark+name+"\n"+string(text)...)
	part := newReader(r.beside(name), text)
	above := len(r.shown) + 1
	root := part.load()
	r.shown = append(append(r.shown, fileMark+name), part.shown...)
	r.lines = append(append(r.lines, fileMark+name), part.lines...)
	r.sections = append(r.sections, section{part.file, above})
	for _, m := range part.mistakes {
		m.at = above + m.Line
		r.mistakes = append(r.mistakes, m)
	}
	if root != nil {
		lower(root, above)
		r.part(root, path)
	}
}

// part reads what may stand in an included file.
func (r *reader) part(root *yaml.Node, path []string) {
	f := r.fields(root, path[len(path)-1])
	more, nodes := f.get("include"), f.need("nodes")
	f.readTests()
	f.done()
	r.readNodes(nodes)
	r.includes(more, path)
}

// lower moves a tree down by some lines.
func lower(n *yaml.Node, by int) {
	n.Line += by
	for _, child := range n.Content {
		lower(child, by)
	}
}
