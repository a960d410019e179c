package feedback

import (
	"math"
	"math/rand/v2"
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

// TestNPS holds the value, and the interval worked out by hand: of 100 answers, 50
// for us and 20 against, 3 are added, so that 50.75 of 103 are for us and 20.75
// against; the difference is 29.13 points, its error 100 sqrt((0.6942-0.0848)/103)
// = 7.69.
func TestNPS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		counts           map[int]int
		n                int
		value, low, high float64
	}{
		{"nobody", nil, 0, 0, 0, 0},
		{"all for us", map[int]int{9: 3, 10: 7}, 10, 100, 47.5036, 100},
		{"all against", map[int]int{0: 1, 6: 9}, 10, -100, -100, -47.5036},
		{"neither", map[int]int{7: 5, 8: 5}, 10, 0, -18.4650, 18.4650},
		{"mixed", map[int]int{10: 30, 9: 20, 8: 20, 7: 10, 6: 10, 3: 10}, 100, 30, 14.0511, 44.2013},
	} {
		got := NPS(tt.counts)
		if got.N != tt.n || !near(got.Value, tt.value, 1e-9) || !near(got.Low, tt.low, 0.0001) || !near(got.High, tt.high, 0.0001) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

// TestMean holds 2, 4, 4, 4, 5, 5, 7 and 9 of 1 to 9: mean 5, and with 0.75 of 1 and
// of 9 and 1.5 of 5 the same, with a variance of (32+24)/11.
func TestMean(t *testing.T) {
	t.Parallel()
	got := Mean(map[int]int{2: 1, 4: 3, 5: 2, 7: 1, 9: 1}, 1, 9)
	half := z95 * math.Sqrt(56.0/11/11)
	if got.N != 8 || !near(got.Value, 5, 1e-9) || !near(got.High-5, half, 1e-9) || !near(5-got.Low, half, 1e-9) || got.Enough() {
		t.Errorf("got %+v", got)
	}
	if got := Mean(map[int]int{3: 1}, 1, 5); got.N != 1 || got.Value != 3 || got.Low > 2.3 || got.High < 3.7 {
		t.Errorf("of one: %+v", got)
	}
	if got := CES(nil); got != (Score{}) {
		t.Errorf("of none: %+v", got)
	}
}

// TestBoundsHold draws ten answers again and again, and counts how often the bounds
// hold the truth: about 19 times of 20, also where nearly everybody is content.
func TestBoundsHold(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 11))
	for name, tt := range map[string]struct {
		of     func(map[int]int) Score
		values []int
		shares []float64
		truth  float64
	}{
		"nearly all for us":   {NPS, []int{3, 8, 10}, []float64{0.03, 0.07, 0.90}, 87},
		"some against":        {NPS, []int{3, 8, 10}, []float64{0.20, 0.30, 0.50}, 30},
		"easy for nearly all": {CES, []int{1, 5, 6, 7}, []float64{0.04, 0.04, 0.12, 0.80}, 6.56},
		"all over the scale":  {CES, []int{1, 3, 5, 7}, []float64{0.25, 0.25, 0.25, 0.25}, 4},
	} {
		held := 0
		const draws = 4000
		for range draws {
			counts := map[int]int{}
			for range Few {
				u, i := r.Float64(), 0
				for ; i < len(tt.values)-1 && u > tt.shares[i]; i++ {
					u -= tt.shares[i]
				}
				counts[tt.values[i]]++
			}
			if s := tt.of(counts); s.Low <= tt.truth && tt.truth <= s.High {
				held++
			}
		}
		if held < draws*90/100 {
			t.Errorf("%s: the bounds hold %d times of %d", name, held, draws)
		}
	}
}
