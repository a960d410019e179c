package ivr_test

import (
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

func TestCanary(t *testing.T) {
	t.Parallel()
	plain, err := ivr.Parse("menu.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"10%": 10, "10 %": 10, "1": 1, `"99%"   # nearly all`: 99} {
		src := strings.Replace(whole, "start:", "canary: "+text+"\nstart:", 1)
		m, err := ivr.Parse("menu.yaml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if m.Canary() != want || m.Version() != plain.Version() || m.Source() != whole {
			t.Errorf("%s: %d%% meet version %s of\n%s", text, m.Canary(), m.Version(), m.Source())
		}
		other, err := ivr.Parse("menu.yaml", []byte(strings.Replace(src, "languages: [en]", "languages: [en]\nanytime: {\"0\": person}", 1)))
		if err != nil {
			t.Fatal(err)
		}
		if all := ivr.Changes(plain, other); len(all) < 2 || !strings.Contains(all[len(all)-1], "of the callers meet all this first") {
			t.Errorf("%s: changes are %q", text, all)
		}
	}
	for text, want := range map[string]string{
		"0%": "write it like 10%", "ten": "write it like 10%", "100%": "take it out", "-5%": "write it like 10%",
	} {
		_, err := ivr.Parse("menu.yaml", []byte(strings.Replace(whole, "start:", "canary: "+text+"\nstart:", 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	flow := "{canary: 10%, start: a, stuck: a, nodes: {a: {do: connect, to: agents, then: b, busy: b}, b: {do: end}}}"
	if _, err := ivr.Parse("menu.yaml", []byte(flow)); err == nil || !strings.Contains(err.Error(), "on a line of its own") {
		t.Errorf("a menu on one line: %v", err)
	}
}
