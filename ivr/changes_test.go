package ivr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	const old = `languages: [en, fi]
start: hello
stuck: ring
anytime: {"0": ring, "*": back}
nodes:
  hello: {do: say, say: {en: "Hello.", fi: "Hei."}, then: pick}
  pick: {do: menu, say: welcome, wait: 6s, keys: {1: {label: {en: bills, fi: laskut}, to: ring}, 2: ring, 3: bye}}
  ring: {do: connect, say: connecting, to: agents, ring: 20s, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`
	tests := []struct {
		name     string
		from, to string
		want     []string
	}{
		{"nothing", "hello: {do", "hello:   {do", nil},
		{"a comment", "nodes:", "nodes: # here", nil},
		{"a key in short form", "2: ring", "2: {to: ring}", nil},
		{"where a key leads", "2: ring", "2: bye", []string{"key 2 in pick leads to bye now (was: ring)"}},
		{"a key that is gone", ", 3: bye", "", []string{"key 3 in pick is gone (it led to bye)"}},
		{"a new key", "3: bye", "3: bye, 4: {label: {en: a, fi: b}, to: ring}", []string{"key 4 in pick is new and leads to ring"}},
		{"the order of keys", "2: ring, 3: bye", "3: bye, 2: ring", []string{"the keys of pick are read out in the order 1, 3, 2 now (was: 1, 2, 3)"}},
		{"a label", "fi: laskut", "fi: lasku", []string{`key 1 in pick is called "lasku" in fi now (was: "laskut")`}},
		{"words in one language", `fi: "Hei."`, `fi: "Terve."`, []string{`hello says "Terve." in fi now (was: "Hei.")`}},
		{"a built-in sentence", "say: welcome", "say: thanks", []string{"pick says the sentence thanks now (was: welcome)"}},
		{"a way", "busy: bye", "busy: hello", []string{`ring leads to hello when it is "busy" now (was: bye)`}},
		{"a span", "ring: 20s", "ring: 30s", []string{"ring has ring: 30s now (was: 20s)"}},
		{"a name that is gone", "wait: 6s, ", "", []string{"pick has wait: 6s no more"}},
		{"a new name", "wait: 6s", "wait: 6s, note: topic", []string{"pick has note: topic now (it had none)"}},
		{
			"a new node", "  bye: {do: end, say: goodbye}", "  bye: {do: say, say: goodbye, then: last}\n  last: {do: end}",
			[]string{"bye is now a node of the kind say (was: end)", "last is new (end)"},
		},
		{"a list of one", "say: welcome", "say: [welcome]", nil},
		{"one sentence more", "say: welcome", "say: [welcome, thanks]", []string{"pick says the sentence thanks now (it had none)"}},
		{"whom it speaks to", "start: hello", "for: customer\nstart: hello", []string{"the menu speaks to customer now (was: caller)"}},
		{"a key at any time", `"*": back`, `"#": back`, []string{"key # leads to back at any time now", "key * does nothing at any time any more (was: back)"}},
		{"the order of languages", "[en, fi]", "[fi, en]", []string{"the languages are fi, en now (was: en, fi)"}},
	}
	before := parsed(t, old)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(old, tt.from, tt.to, 1)
			if src == old {
				t.Fatal("nothing was changed")
			}
			if got := ivr.Changes(before, parsed(t, src)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	gone := strings.Replace(strings.Replace(old, "then: pick}", "then: ring}", 1), "  pick:", "  # pick:", 1)
	got := ivr.Changes(before, parsed(t, gone))
	if !slices.Equal(got, []string{`hello goes on to ring now (was: pick)`, "pick is gone (menu)"}) {
		t.Errorf("got %q", got)
	}
}

func parsed(t *testing.T, src string) *ivr.Menu {
	t.Helper()
	m, err := ivr.Parse("x.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
