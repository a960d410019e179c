package feedback

import (
	"math"
	"testing"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

// TestOf holds the interval against the four examples of Newcombe, Two-sided
// confidence intervals for the single proportion, Statist. Med. 17 (1998),
// table I, method 3.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0.0000, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		got := Of(tt.k, tt.n)
		if !near(got.Low, tt.low, 0.00005) || !near(got.High, tt.high, 0.00005) || got.N != tt.n {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", tt.k, tt.n, got.Low, got.High, tt.low, tt.high)
		}
	}
	if got := Of(0, 0); got.N != 0 || got.Low != 0 || got.High != 1 || got.Enough() {
		t.Errorf("of nothing: %+v", got)
	}
	if got := Of(20, 20); got.High != 1 || !near(got.Low, 1-0.1611, 0.00005) || !got.Enough() {
		t.Errorf("of all: %+v", got)
	}
}

func TestCSAT(t *testing.T) {
	t.Parallel()
	got := CSAT(map[int]int{1: 5, 2: 5, 3: 10, 4: 30, 5: 50})
	if got.N != 100 || !near(got.Value, 0.8, 1e-9) || !near(got.Low, 0.7112, 0.0001) || !near(got.High, 0.8666, 0.0001) {
		t.Errorf("got %+v", got)
	}
}

func TestNPS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		counts       map[int]int
		n            int
		value, wrong float64
	}{
		{"nobody", nil, 0, 0, 0},
		{"all for us", map[int]int{9: 3, 10: 7}, 10, 100, 0},
		{"all against", map[int]int{0: 1, 6: 9}, 10, -100, 0},
		{"neither", map[int]int{7: 5, 8: 5}, 10, 0, 0},
		// 50 of 100 for, 20 against: error = sqrt((0.7-0.09)/100) = 7.81 points
		{"mixed", map[int]int{10: 30, 9: 20, 8: 20, 7: 10, 6: 10, 3: 10}, 100, 30, 7.8102},
	} {
		got := NPS(tt.counts)
		if got.N != tt.n || !near(got.Value, tt.value, 1e-9) || !near(got.Error, tt.wrong, 0.0001) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

func TestMean(t *testing.T) {
	t.Parallel()
	// 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sample deviation sqrt(32/7)
	got := Mean(map[int]int{2: 1, 4: 3, 5: 2, 7: 1, 9: 1})
	if got.N != 8 || !near(got.Value, 5, 1e-9) || !near(got.Error, math.Sqrt(32.0/7/8), 1e-9) || got.Enough() {
		t.Errorf("got %+v", got)
	}
	if got := Mean(map[int]int{3: 1}); got != (Score{N: 1, Value: 3}) {
		t.Errorf("of one: %+v", got)
	}
	if got := Mean(nil); got != (Score{}) {
		t.Errorf("of none: %+v", got)
	}
}
