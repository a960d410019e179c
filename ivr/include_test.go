package ivr

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

const including = "start: hello\nstuck: person\ninclude: %s\nnodes:\n  hello: {do: say, say: welcome, then: person}\n  bye: {do: end, say: goodbye}\n"

const person = "nodes:\n  person: {do: connect, to: agents, then: bye, busy: bye}\n"

// shelf opens files from memory.
type shelf map[string]string

func (s shelf) open(name string) ([]byte, error) {
	if text, ok := s[name]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func TestInclude(t *testing.T) {
	t.Parallel()
	files := shelf{
		"parts/all.yaml":    "include: person.yaml\nnodes:\n  other: {do: end}\n",
		"parts/person.yaml": person,
	}
	src := []byte(strings.Replace(fmt.Sprintf(including, "parts/all.yaml"), "then: person", "then: either", 1) +
		"  either: {do: goto, if: open, then: person, else: other}\n")
	m, err := Read("menus/main.yaml", src, files.open)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("main", []byte(m.Source()))
	if err != nil || again.Version() != m.Version() || again.Source() != m.Source() {
		t.Errorf("what is kept of it: %v, version %s, want %s", err, again.Version(), m.Version())
	}
	files["parts/person.yaml"] += "# changed\n"
	changed, err := Read("menus/main.yaml", src, files.open)
	if err != nil || changed.Version() == m.Version() {
		t.Errorf("a changed file: %v, version %s still", err, changed.Version())
	}
}

// TestIncludeRefuses: a mistake names the file that it stands in.
func TestIncludeRefuses(t *testing.T) {
	t.Parallel()
	files := shelf{
		"person.yaml": person,
		"a.yaml":      "include: b.yaml\n" + person,
		"b.yaml":      "include: [a.yaml]\nnodes:\n  x: {do: end}\n",
		"self.yaml":   "include: m.yaml\n" + person,
		"wrong.yaml":  "nodes:\n  person: {do: connect, to: agents, then: bey, busy: bye}\n",
		"tab.yaml":    "nodes:\n\tperson: {do: end}\n",
		"twice.yaml":  "nodes:\n  hello: {do: end}\n  person: {do: connect, to: agents, then: bye, busy: bye}\n",
		"head.yaml":   "start: person\n" + person,
		"huge.yaml":   strings.Repeat("#\n", 130<<10),
		"quote.yaml":  "nodes:\n  person: {do: end, say: {en: \"Bye}}\n",
	}
	tests := []struct{ name, include, want string }{
		{"missing", "no.yaml", "menus/m.yaml:3:10: there is no file no.yaml"},
		{"above", "../person.yaml", "without .."},
		{"above, hidden", "parts/../../person.yaml", "without .."},
		{"from the root", "/etc/passwd.yaml", "name it as seen from this file"},
		{"another system", `'\person.yaml'`, "name it as seen from this file"},
		{"no YAML", "person.txt", "must end in .yaml"},
		{"round", "a.yaml", "menus/b.yaml:1:11: the files include each other: m.yaml -> a.yaml -> b.yaml -> a.yaml"},
		{"itself", "self.yaml", "menus/self.yaml:1:10: the files include each other"},
		{"twice", "[person.yaml, person.yaml]", "menus/m.yaml:3:24: person.yaml is included already"},
		{"no such node", "wrong.yaml", `menus/wrong.yaml:2:43: no node is called "bey"; did you mean "bye"?` + "\n" + `      person: {do: connect, to: agents, then: bey`},
		{"a tab", "tab.yaml", "menus/tab.yaml:2:1: YAML does not allow a tab here"},
		{"a quote", "quote.yaml", "menus/quote.yaml:2:"},
		{"a node twice", "twice.yaml", `menus/twice.yaml:2:3: a node "hello" is there already; the first is in menus/m.yaml on line 5`},
		{"a head", "head.yaml", `menus/head.yaml:1:1: head.yaml has no "start"`},
		{"too much", "huge.yaml", "is too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read("menus/m.yaml", fmt.Appendf(nil, including, tt.include), files.open)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
	_, err := Read("m.yaml", fmt.Appendf(nil, including, "x.yaml"), func(string) ([]byte, error) {
		return nil, &fs.PathError{Op: "openat", Path: "x.yaml", Err: errors.New("path escapes from parent")}
	})
	if err == nil || !strings.Contains(err.Error(), "x.yaml cannot be read: path escapes from parent; it must stand beside the menu") {
		t.Error(err)
	}
}
