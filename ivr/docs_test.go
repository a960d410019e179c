package ivr_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

const manual = "../docs/menus.md"

// blocks returns what stands between the fences of the manual.
func blocks(t *testing.T, fence string) []string {
	t.Helper()
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	var block []string
	inside, wanted := false, false
	for line := range strings.Lines(string(src)) {
		switch mark, isFence := strings.CutPrefix(strings.TrimSpace(line), "```"); {
		case isFence && inside:
			if wanted {
				all = append(all, strings.Join(block, ""))
			}
			inside, block = false, nil
		case isFence:
			inside, wanted = true, mark == fence
		case inside:
			block = append(block, line)
		}
	}
	return all
}

func TestManualMenus(t *testing.T) {
	t.Parallel()
	menus := blocks(t, "yaml")
	if len(menus) < 4 {
		t.Fatalf("the manual has %d menus", len(menus))
	}
	for _, src := range menus {
		m, err := ivr.Parse(manual, []byte(src))
		if err != nil {
			t.Error(err)
		} else if w := m.Warnings(); len(w) > 0 {
			t.Error(w)
		}
	}
	if n := strings.Count(menus[0], "\n"); n > 20 {
		t.Errorf("twenty lines have become %d", n)
	}
}

func TestManualTalk(t *testing.T) {
	t.Parallel()
	main := load(t, "main")
	talks := slices.DeleteFunc(blocks(t, ""), func(b string) bool { return !strings.Contains(b, "\nmenu ") })
	if len(talks) != 1 {
		t.Fatalf("the manual has %d talks", len(talks))
	}
	talk, err := script.Parse(manual, []byte(talks[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := talk.Run(main); err != nil {
		t.Error(err)
	}
}

// TestManualIsComplete: every kind of node has its section, and every
// condition is named.
func TestManualIsComplete(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ivr.Parse("x.yaml", []byte("start: a\nstuck: a\nnodes:\n  a: {do: 12345678}\n  b: {do: goto, if: 12345678, then: a, else: a}\n"))
	if err == nil {
		t.Fatal("a kind called 12345678 was found")
	}
	for line := range strings.Lines(err.Error()) {
		_, list, ok := strings.Cut(strings.TrimSpace(line), "; one of ")
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(list, ", ") {
			if text := string(src); !strings.Contains(text, "\n### "+name+"\n") && !strings.Contains(text, "`"+name+"`") {
				t.Errorf("the manual does not speak of %s", name)
			}
		}
	}
}

// TestManualOfKinds: each kind of node has a section of its own, with every name
// that its reader takes and a menu in which it is used.
func TestManualOfKinds(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for kind, names := range namesOfKinds(t) {
		_, after, found := strings.Cut(string(src), "\n### "+kind+"\n")
		section, _, _ := strings.Cut(after, "\n##")
		if !found {
			t.Errorf("the manual has no section %s", kind)
			continue
		}
		for _, name := range names {
			if name != "do" && !strings.Contains(section, "`"+name+"`") {
				t.Errorf("the section %s does not tell of %s:", kind, name)
			}
		}
		if _, example, _ := strings.Cut(section, "```yaml"); !strings.Contains(example, "do: "+kind) {
			t.Errorf("the section %s has no example", kind)
		}
	}
}

// namesOfKinds lists what the schema knows of each kind of node.
func namesOfKinds(t *testing.T) map[string][]string {
	t.Helper()
	src, err := ivr.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for name, def := range doc.Defs {
		if kind, found := strings.CutPrefix(name, "do_"); found {
			all[kind] = slices.Collect(maps.Keys(def.Properties))
		}
	}
	all["menu"] = slices.AppendSeq(all["menu"], maps.Keys(doc.Defs["key"].Properties))
	return all
}
