package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	src, err := ivr.DefaultSource("main")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "new.yaml")
	const open = "{en: Our shop in the harbour is open again., fi: Sataman myymälä on taas auki.}"
	src = []byte(strings.Replace(string(src), "languages: all", "languages: [en, fi]", 1))
	write(t, file, strings.Replace(string(src), "say: [welcome, notice]", "say: [welcome, notice, "+open+"]", 1))
	code, out, errs := holdless(t, "diff", "main", file)
	for _, want := range []string{`welcome says "Our shop in the harbour is open again." in en now`, "the wait for a person from topics is longer: "} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("got %d %s, want %s in\n%s", code, errs, want, out)
		}
	}
	if code, out, _ := holdless(t, "diff", "main", "main"); code != exitDone || out != "nothing changes for callers\n" {
		t.Errorf("got %d %s", code, out)
	}
	if code, _, errs := holdless(t, "diff", "main", "nowhere.yaml"); code != exitUsage || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d %s", code, errs)
	}
}
