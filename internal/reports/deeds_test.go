package reports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// kindOf is how a kind of line of the journal is written, or how it begins.
var kindOf = regexp.MustCompile(`^(task|transfer|[a-z]+\.[a-z_]*)$`)

// recorders are the functions that are told which kind of line to write.
var recorders = []string{"journal", "record", "tell", "leaveLine"}

// writers are the packages that write lines.
var writers = []string{"callback", "internal/accounts", "internal/hooks", "internal/menus", "internal/studio"}

// course are the lines that nobody writes by his own hand: what callers and
// customers do, what the desk and carriers do by themselves, and tasks, which
// have words of their own. Of a talk, the audit has nothing.
var course = []string{
	"call.abandoned", "limit.reached", "line.joined", "line.kept", "line.left", "line.lost", "line.served", "promise.confirmed", "promise.missed", "promise.sooner", "survey.comment",
	"survey.score", "talk.ended", "talk.gone", "talk.note", "task", "text.resumed", "text.stopped", "text.unexpected", "voicemail.left", "webhook.disabled",
}

// families are the kinds that the sources put together, by how they begin.
func families() map[string][]string {
	all := map[string][]string{
		"talk.": nil, "message.": nil, // which are no changes
		"menu.":  {"hours", "capacity", "notice"},
		"agent.": {string(callback.Available), string(callback.OnBreak), string(callback.Offline)},
	}
	for _, s := range callback.States() {
		all["callback."] = append(all["callback."], string(s))
	}
	for _, d := range []callback.Deed{
		callback.DoClaim, callback.DoRelease, callback.DoCall, callback.DoSnooze, callback.DoMove, callback.DoCancel, callback.DoHand, callback.DoNote, callback.DoOutcome,
	} {
		all["desk."] = append(all["desk."], string(d))
	}
	return all
}

// A reader finds what a package writes into the journal.
type reader struct {
	testing.TB
	files  []*ast.File
	consts map[string]string
	found  map[string]bool
}

// kinds reads what all packages write into the journal.
func kinds(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, dir := range writers {
		r := reader{t, nil, map[string]string{}, found}
		for _, name := range sources(t, dir) {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			r.files = append(r.files, file)
			ast.Inspect(file, r.constant)
		}
		for _, file := range r.files {
			ast.Inspect(file, r.entry)
		}
	}
	return found
}

// sources are the files of a package, without its tests.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// TestWriters fails when another package writes into the journal.
func TestWriters(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"internal/*", "cmd/holdless", "scheduler"} {
		for _, name := range sources(t, dir) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			of := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(name), filepath.Join("..", "..")+string(filepath.Separator)))
			if strings.Contains(string(src), "callback.Entry{") && !slices.Contains(writers, of) {
				t.Errorf("%s writes into the journal: put %s among the writers", name, of)
			}
		}
	}
}

// constant notes the constants of a package that are words.
func (r reader) constant(n ast.Node) bool {
	spec, ok := n.(*ast.ValueSpec)
	if !ok {
		return true
	}
	for i, name := range spec.Names {
		if i < len(spec.Values) {
			if word, ok := r.word(spec.Values[i]); ok {
				r.consts[name.Name] = word
			}
		}
	}
	return true
}

func (r reader) word(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		word, err := strconv.Unquote(e.Value)
		return word, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		word, ok := r.consts[e.Name]
		return word, ok
	}
	return "", false
}

// entry finds the kinds of lines: of an Entry that is made, of one that is changed,
// and of what functions are given that make one.
func (r reader) entry(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if called(n.Type) != "Entry" {
			return true
		}
		for _, field := range n.Elts {
			if kv, ok := field.(*ast.KeyValueExpr); ok && called(kv.Key) == "Kind" {
				r.kind(kv.Value)
			}
		}
	case *ast.AssignStmt:
		if to := called(n.Lhs[0]); len(n.Lhs) == 1 && (to == "Kind" || to == "kind") {
			r.kind(n.Rhs[0])
		}
	case *ast.CallExpr:
		if slices.Contains(recorders, called(n.Fun)) {
			_ = slices.ContainsFunc(n.Args, r.kind) // the first that is one
		}
	}
	return true
}

// kind notes one, or all of its family, if it is one. One that was handed on is
// noted where it comes from.
func (r reader) kind(e ast.Expr) bool {
	sum, made := e.(*ast.BinaryExpr)
	if made {
		e = sum.X
	}
	word, _ := r.word(e)
	if !kindOf.MatchString(word) || made != strings.HasSuffix(word, ".") {
		return false
	}
	if !made {
		r.found[word] = true
		return true
	}
	members, known := families()[word]
	if !known {
		r.Errorf("nobody knows which kinds begin with %q", word)
	}
	for _, m := range members {
		r.found[word+m] = true
	}
	return true
}

// called is the last name of an expression.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// TestEveryChangeHasWords holds that whatever the sources write into the journal of
// what people do is told in words, and can be looked for; and that no words are
// left of what nobody writes.
func TestEveryChangeHasWords(t *testing.T) {
	t.Parallel()
	found := kinds(t)
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(course, kind) {
			continue
		}
		if deeds[kind] == "" {
			t.Errorf("%s has no words: say what somebody did, or that it is of the course of things", kind)
		}
		thing, _, _ := strings.Cut(kind, ".")
		chosen := slices.ContainsFunc(whats, func(c choice) bool { return c.Value == thing })
		if !chosen && !slices.Contains([]string{"promise", "attempt", "transfer"}, thing) { // of the course of a call
			t.Errorf("%s cannot be looked for", kind)
		}
	}
	for kind := range deeds {
		if !found[kind] {
			t.Errorf("nobody writes %s any more", kind)
		}
	}
	for _, kind := range course {
		if !found[kind] || deeds[kind] != "" {
			t.Errorf("%s is not of the course of things", kind)
		}
	}
}
