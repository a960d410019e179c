// Package floorplan keeps the packages on their floors.
package floorplan

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/holdless/holdless/"

// tongue stands for the package of a language, which is on its floor by being
// a folder of two letters.
const tongue = "sounds/??"

// floors lists every package of the project. A package may import only
// packages on floors below its own.
var floors = [][]string{
	{"sounds/audio", "sounds/grammar"},
	{tongue},
	{"sounds/languages", "callback/figures"},
	{"ivr", "callback/feedback", "callback/wait", "callback/dispatch", "callback/opening", "callback/number", "internal/yamledit", "internal/limits"},
	{"callback/walk", "callback/texts"},
	{"callback"},
	{"sounds", "internal/menus", "internal/accounts", "internal/hooks"},
	{"scheduler", "internal/store", "internal/media", "internal/liveline", "internal/drawing", "internal/simulate", "internal/editor", "internal/studio", "internal/mailbox", "internal/replay", "internal/traffic", "internal/script", "internal/articles", "internal/lists", "internal/web", "internal/twilioapi"},
	{"internal/store/storetest", "internal/pagetest"},
	{"internal/desk", "internal/wall", "internal/reports", "internal/sipline", "internal/sms", "internal/mail", "internal/twilioline", "internal/phone", "internal/simulation", "internal/linetest", "internal/twiliosim", "internal/api", "internal/api/clientgen"},
	{"internal/booth"},
	{"cmd/holdless"},
}

func TestFloors(t *testing.T) {
	floor := map[string]int{}
	for i, pkgs := range floors {
		for _, p := range pkgs {
			floor[p] = i + 1
		}
	}
	// The files are read here, not by "go list", so that the test cache
	// knows when they change.
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if ok, _ := filepath.Match(tongue, pkg); ok {
			floor[pkg] = floor[tongue]
		}
		if floor[pkg] == 0 {
			t.Errorf("%s is on no floor", pkg)
		}
		for _, imp := range imports(t, path) {
			imp, ours := strings.CutPrefix(imp, module)
			if of, _ := filepath.Match(tongue, imp); of {
				imp = tongue
			}
			if ours && floor[imp] >= floor[pkg] {
				t.Errorf("%s may not import %s", path, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestManualNamesEveryPackage lets a newcomer find every room in the manual.
func TestManualNamesEveryPackage(t *testing.T) {
	manual, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range slices.Concat(floors...) {
		if p != tongue && !strings.Contains(string(manual), "| `"+p+"` |") {
			t.Errorf("docs/architecture.md does not say what %s is", p)
		}
	}
}

// TestManualNamesFilesOfTheDesk holds that its map of the desk has every file, and
// leads nowhere else.
func TestManualNamesFilesOfTheDesk(t *testing.T) {
	manual, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(manual), "files of `callback` |")
	table, _, _ = strings.Cut(table, "\n\n")
	named := files.FindAllString(table, -1)
	there, err := filepath.Glob("../../callback/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range there {
		there[i] = filepath.Base(path)
		if !strings.HasSuffix(path, "_test.go") && !slices.Contains(named, there[i]) {
			t.Errorf("docs/architecture.md does not name callback/%s", there[i])
		}
	}
	for _, name := range named {
		if !slices.Contains(there, name) {
			t.Errorf("docs/architecture.md names callback/%s, which is not there", name)
		}
	}
}

var files = regexp.MustCompile(`[a-z_]+\.go`)

// TestPackageIsOneSentence holds that the first paragraph on every package is
// one sentence: who needs two has two packages in one.
func TestPackageIsOneSentence(t *testing.T) {
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil || file.Doc == nil {
			return err
		}
		first, _, _ := strings.Cut(file.Doc.Text(), "\n\n")
		said := strings.Join(strings.Fields(first), " ")
		if !strings.HasSuffix(said, ".") || sentences.MatchString(said) {
			t.Errorf("%s: %q is not one sentence", path, said)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sentences is where one ends and another begins.
var sentences = regexp.MustCompile(`[.!?] [A-Z]`)

func imports(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, spec := range file.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, imp)
	}
	return all
}
