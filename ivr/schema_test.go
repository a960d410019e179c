package ivr_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/ivr"
)

// compiled is the schema as an editor reads it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	src, err := ivr.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("menu.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("menu.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain makes of YAML what JSON could hold: keys are texts.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case map[any]any:
		all := map[string]any{}
		for key, value := range v {
			all[fmt.Sprint(key)] = plain(value)
		}
		return all
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	}
	return v
}

func valid(s *jsonschema.Schema, src []byte) error {
	var doc any
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return err
	}
	return s.Validate(plain(doc))
}

// TestSchemaTakesMenus: what the loader takes, the schema takes.
func TestSchemaTakesMenus(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	menus := map[string][]byte{"many": many(40)}
	for _, dir := range []string{"menus", "testdata"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no menus in %s: %v", dir, err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			menus[file] = src
		}
	}
	for i, src := range blocks(t, "yaml") {
		menus[fmt.Sprintf("menu %d of the manual", i+1)] = []byte(src)
	}
	for name, src := range menus {
		if _, err := ivr.Parse(name, src); err != nil {
			t.Errorf("the loader refuses %s: %v", name, err)
		}
		if err := valid(s, src); err != nil {
			t.Errorf("the schema refuses %s: %v", name, err)
		}
	}
}

// TestSchemaRefuses: mistakes of form are refused by both.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	const whole = "start: a\nstuck: p\nnodes:\n  a: %s\n  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end}\n"
	tests := []struct{ name, src string }{
		{"an unknown name of the file", "starts: a\n" + fmt.Sprintf(whole, "{do: say, say: welcome, then: p}")},
		{"no nodes", "start: a\nstuck: a\n"},
		{"an unknown audience", "for: everybody\n" + fmt.Sprintf(whole, "{do: say, say: welcome, then: p}")},
		{"no kind", fmt.Sprintf(whole, "{say: welcome, then: p}")},
		{"an unknown kind", fmt.Sprintf(whole, "{do: sing, then: p}")},
		{"an unknown name", fmt.Sprintf(whole, "{do: say, say: welcome, than: p, then: p}")},
		{"an unknown sentence", fmt.Sprintf(whole, "{do: say, say: welcom, then: p}")},
		{"a missing name", fmt.Sprintf(whole, "{do: say, say: welcome}")},
		{"a key that no telephone has", fmt.Sprintf(whole, "{do: menu, keys: {A: p}}")},
		{"a key without a node", fmt.Sprintf(whole, "{do: menu, keys: {1: {say: press_keep}}}")},
		{"an unknown name of a key", fmt.Sprintf(whole, "{do: menu, keys: {1: {too: p, to: p}}}")},
		{"an unknown sentence of a key", fmt.Sprintf(whole, "{do: menu, keys: {1: {say: welcome, to: p}}}")},
		{"a number that is too large", fmt.Sprintf(whole, "{do: offer, max: 9, then: p, none: p}")},
		{"a span that is none", fmt.Sprintf(whole, "{do: menu, wait: soon, keys: {1: p}}")},
		{"neither true nor false", fmt.Sprintf(whole, "{do: offer, wait: maybe, then: p, none: p}")},
		{"confirm without taken", fmt.Sprintf(whole, "{do: book, then: p, refused: p}")},
		{"keep with taken", fmt.Sprintf(whole, "{do: book, action: keep, then: p, taken: p}")},
		{"if without else", fmt.Sprintf(whole, "{do: goto, if: open, then: p}")},
		{"an unknown condition", fmt.Sprintf(whole, "{do: goto, if: raining, then: p, else: p}")},
		{"an unknown outcome", fmt.Sprintf(whole, "{do: connect, to: agents, then: p, busy: p, outcomes: {bored: p}}")},
		{"nobody to connect", fmt.Sprintf(whole, "{do: connect, to: nobody, then: p, busy: p}")},
		{"no number to transfer to", fmt.Sprintf(whole, "{do: transfer, to: \"0401\", then: p, busy: p}")},
		{"an answer that is no number", fmt.Sprintf(whole, "{do: ask, say: csat, save: x, answers: [a, b], then: p}")},
		{"a language that is none", "languages: [English]\n" + fmt.Sprintf(whole, "{do: say, say: welcome, then: p}")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ivr.Parse("x.yaml", []byte(tt.src)); err == nil {
				t.Error("the loader takes it")
			}
			if err := valid(s, []byte(tt.src)); err == nil {
				t.Error("the schema takes it")
			}
		})
	}
}
