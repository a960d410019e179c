package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzCheck checks a whole service: a configuration, the menu it names, and the
// file that the menu takes nodes from. Whatever stands in them, every mistake has
// a place in one of the files, the same ones are found again, and what has none
// is loaded.
func FuzzCheck(f *testing.F) {
	const config = "numbers: {+358912345: {menu: menu.yaml, queue: billing}}\n" +
		"agents: {anna: {name: Anna, phone: \"sip:anna@127.0.0.1:9\"}}\n" +
		"queues: {billing: {agents: [anna], hours: {mon-fri: \"09:00-17:00\"}}}\n"
	const menu = "include: [part.yaml]\nstart: hello\nstuck: ring\nnodes:\n  hello: {do: say, say: {en: Hello.}, then: ring}\n" +
		"tests:\n  nobody: |\n    > \"Hello.\", connecting; connect agents\n    < noanswer busy\n    > goodbye; end\n"
	const part = "nodes:\n  ring: {do: connect, to: agents, say: connecting, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n"
	f.Add(config, menu, part)
	f.Add(config+"zone: Europe/Nowhere\nqeues: {}\n", menu, part)
	f.Add(config, strings.ReplaceAll(menu, "then: ring", "then: rung"), part+"  lost: {do: end}\n")
	f.Add(config, strings.Replace(menu, "goodbye; end", "thanks; end", 1), part)
	f.Add(config, menu, "include: [menu.yaml, ../x.yaml, part.yaml]\nnodes: {ring: {do: connect, to: \"agent:nobody\"}}\n")
	f.Add(config+"holidays: &a [*a]\n", "nodes: {a: *a}", "\tnodes: #\n")
	f.Add("", "", "")
	proof, err := newProof()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { proof.voice.Close() })
	f.Fuzz(func(t *testing.T, config, menu, part string) {
		dir := t.TempDir()
		texts := map[string]string{}
		for name, text := range map[string]string{"config.yaml": config, "menu.yaml": menu, "part.yaml": part} {
			name = filepath.Join(dir, name)
			write(t, name, text)
			texts[name] = text
		}
		clear(proof.known)
		look := func() []finding {
			found, err := (&checker{config: filepath.Join(dir, "config.yaml"), proof: proof}).look(nil)
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(found, func(f finding) bool { return f.warning })
		}
		all := look()
		for _, f := range all {
			if lines := strings.Count(texts[f.File], "\n") + 1; texts[f.File] == "" && f.Line > 1 || f.Line < 0 || f.Line > lines || f.Text == "" {
				t.Errorf("%+v is not in a file of %d lines", f, lines)
			}
		}
		if again := look(); !slices.Equal(all, again) {
			t.Errorf("found %v\nthen %v", all, again)
		}
		tellable(t, all)
		if _, err := loadConfig(filepath.Join(dir, "config.yaml")); err != nil && len(all) == 0 {
			t.Errorf("nothing was found, and yet: %v", err)
		}
	})
}

// tellable says whether findings can be told in every format.
func tellable(t *testing.T, all []finding) {
	t.Helper()
	for format, tell := range tellers {
		var out bytes.Buffer
		if err := tell(&out, all); err != nil {
			t.Fatal(err)
		}
		if format == "json" && !json.Valid(out.Bytes()) {
			t.Errorf("no JSON: %s", out.Bytes())
		}
		if format == "github" && strings.Count(out.String(), "\n") != len(all) {
			t.Errorf("%d findings are the lines\n%s", len(all), out.String())
		}
	}
}

// TestFuzzersAreRun: every fuzz test is one of those that make fuzz runs.
func TestFuzzersAreRun(t *testing.T) {
	t.Parallel()
	const root = "../.."
	listed, err := exec.CommandContext(t.Context(), "sh", filepath.Join(root, "tools/fuzz"), "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") {
				want = append(want, filepath.ToSlash(dir)+" "+fn.Name.Name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(string(listed)), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 15 || !slices.Equal(got, want) {
		t.Errorf("tools/fuzz runs\n%q\nand there are\n%q", got, want)
	}
}
