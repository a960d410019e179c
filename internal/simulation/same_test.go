package simulation

import (
	"maps"
	"slices"
	"testing"
)

// TestSameSeed lives through the same days twice, and compares the journals
// line by line: a run that found something can be had again.
func TestSameSeed(t *testing.T) {
	t.Parallel()
	p := usual(*seed+3, 6)
	p.after, p.perDay, p.diary = 2, 30, true
	if raced {
		p.days = 2
	}
	one, two := live(t, p), live(t, p)
	for i := range min(len(one.books.diary), len(two.books.diary)) {
		if a, b := one.books.diary[i], two.books.diary[i]; a != b {
			t.Fatalf("seed %d: line %d of the journal is\n%s\nand the second time\n%s", p.seed, i+1, a, b)
		}
	}
	if a, b := len(one.books.diary), len(two.books.diary); a != b || a < 100 {
		t.Errorf("seed %d: %d lines in the journal, and the second time %d", p.seed, a, b)
	}
	if !maps.Equal(one.seen, two.seen) {
		t.Errorf("seed %d: saw %v, and the second time %v", p.seed, one.seen, two.seen)
	}
	same := func(a, b *call) bool {
		return a.ref == b.ref && a.addr == b.addr && a.at.Equal(b.at) && a.ended.Equal(b.ended) && a.boot == b.boot
	}
	if !slices.EqualFunc(one.calls, two.calls, same) {
		t.Errorf("seed %d: other calls were made the second time", p.seed)
	}
}
