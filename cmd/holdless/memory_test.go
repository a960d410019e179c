package main

import "testing"

// TestGarbage lets garbage lie about when many calls are up, and only then.
func TestGarbage(t *testing.T) {
	t.Parallel()
	b := broom{idle: 20 << 20}
	for _, tt := range []struct {
		name string
		used uint64
		want int
	}{
		{"idle", 20 << 20, 25},
		{"less than at the start", 10 << 20, 25},
		{"a hundred calls", 22 << 20, 25},
		{"many calls", 30 << 20, 25 + 16},
		{"very many calls", 50 << 20, 25 + 50},
		{"as many as there can be", 1 << 30, 100},
	} {
		if got := b.percent(tt.used); got != tt.want {
			t.Errorf("%s: got %d %%, want %d", tt.name, got, tt.want)
		}
	}
}
