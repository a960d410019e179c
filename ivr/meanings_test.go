package ivr

import (
	"maps"
	"slices"
	"testing"
)

// TestMeanings: every name that a reader asks for is explained, and nothing
// else.
func TestMeanings(t *testing.T) {
	t.Parallel()
	left := maps.Clone(meanings)
	explain := func(of string, p probe) {
		for _, name := range p.asked {
			if name == "do" {
				continue
			}
			if meanings[of+"."+name] == "" {
				t.Errorf("%s.%s is not explained", of, name)
			}
			if p.shapes[name] == nil {
				t.Errorf("%s.%s has no shape", of, name)
			}
			delete(left, of+"."+name)
		}
	}
	for name, read := range kinds {
		for _, whom := range []audience{caller, texter} {
			explain(name, probed(whom, nil, func(f *fields) { read(f) }))
		}
		if meanings[name] == "" {
			t.Errorf("%s is not explained", name)
		}
		delete(left, name)
	}
	explain("menu file", probed(caller, nil, func(f *fields) { f.readHead() }))
	explain("key", probed(caller, nil, func(f *fields) { f.saidKey("1") }))
	delete(left, "node.do")
	if len(left) > 0 {
		t.Errorf("nobody asks for %v", slices.Sorted(maps.Keys(left)))
	}
}
