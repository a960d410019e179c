package ivr_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	const src = `# The office.
nodes:
    # First of all.
    hello: {then: p, say: [welcome, {fi: "Hei.", en: "Hello."}], do: say} # short
    pick:
        keys:
            2: {to: p, label: {fi: b, en: a}}
            1: p   # a person

        do: menu

    p: {do: connect, busy: e, then: e, to: agents, own: 1}
    e: {do: end}
stuck: p
start: hello   # here
languages: [en, fi]
`
	const want = `languages: [en, fi]
start: hello # here
stuck: p

# The office.
nodes:
  # First of all.
  hello: {do: say, say: [welcome, {en: "Hello.", fi: "Hei."}], then: p} # short
  pick:
    do: menu
    keys:
      "2": {label: {en: a, fi: b}, to: p}
      "1": p # a person

  p: {do: connect, to: agents, then: e, busy: e, own: 1}
  e: {do: end}
`
	got, err := ivr.Format("x.yaml", []byte(src))
	if err != nil || string(got) != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestFormatRefuses(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", "# nothing\n", "a: [\n", "a:\n\tb: c\n", "a: *b\n", "a: 1\n---\nb: 2\n"} {
		if out, err := ivr.Format("x.yaml", []byte(src)); err == nil {
			t.Errorf("%q became %q", src, out)
		}
	}
}

// TestFormatLosesNothing: what cannot be written anew as it was meant is left
// alone, and the line of a comment is named.
func TestFormatLosesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"a comment between a name and its value", "start: a\nnodes:\n  a: # the bill\n    {do: end}\n", "the comment on line 3 would be lost; give it a line of its own"},
		{"a comment after an anchor", "&all # of it\n", "the comment on line 1 would be lost"},
		{"a comment that would move", "  f:\n # of f", "it would not stay as it is; write comments on lines of their own"},
		{"a name without a word", "? ", "it would not say the same; write it more plainly"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := ivr.Format("x.yaml", []byte(tt.src))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q\n%s", err, tt.want, out)
			}
		})
	}
}

// TestFormatKeepsMenus: a menu means the same after it was formatted.
func TestFormatKeepsMenus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("menus/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out, err := ivr.Format(file, src)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := ivr.Parse(file, out); err != nil {
			t.Error(err)
		}
		if strings.Count(string(src), "#") != strings.Count(string(out), "#") {
			t.Errorf("%s has lost a comment", file)
		}
	}
}

// FuzzFormat: what was formatted stays as it is, has all its comments, and is
// still taken or refused by the loader.
func FuzzFormat(f *testing.F) {
	for _, name := range []string{"main", "survey", "agent"} {
		src, err := ivr.DefaultSource(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("a: b # c\n# d\n\n# e\nnodes: {x: {do: end}} # f\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		once, err := ivr.Format("x.yaml", src)
		if err != nil {
			return
		}
		twice, err := ivr.Format("x.yaml", once)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%v\n%q\nbecame\n%q", err, once, twice)
		}
		if plain := !bytes.ContainsAny(src, "\"'|>"); plain && bytes.Count(src, []byte("#")) != bytes.Count(once, []byte("#")) {
			t.Errorf("%q\nhas lost a comment\n%q", src, once)
		}
		_, before := ivr.Parse("x.yaml", src)
		_, after := ivr.Parse("x.yaml", once)
		if (before == nil) != (after == nil) {
			t.Errorf("%v before, %v after\n%q", before, after, src)
		}
	})
}
