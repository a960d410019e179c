// Package feedback is the mathematics of what customers say: shares and
// means, each with how many said it and how sure that makes us.
package feedback

import "math"

// z95 is how many standard errors to each side hold the truth 19 times of 20.
const z95 = 1.959964

// Few is how many answers a mean needs to be worth showing.
const Few = 10

// A Share is a part of a whole, with the bounds that hold its truth 19 times
// of 20.
type Share struct {
	N         int // the whole; 0 when nobody said anything
	Value     float64
	Low, High float64
}

// Of is the share of k in n, with the score interval of Wilson (1927), which
// stays true for few answers and for shares near 0 and 1.
func Of(k, n int) Share {
	if n <= 0 {
		return Share{Low: 0, High: 1}
	}
	p, m, zz := float64(k)/float64(n), float64(n), z95*z95
	middle := p + zz/(2*m)
	half := z95 * math.Sqrt(p*(1-p)/m+zz/(4*m*m))
	return Share{N: n, Value: p, Low: max(0, (middle-half)/(1+zz/m)), High: min(1, (middle+half)/(1+zz/m))}
}

// Enough reports whether there are answers enough to be shown as one figure.
func (s Share) Enough() bool { return s.N >= Few }

// A Score is a figure that is no share, with its standard error.
type Score struct {
	N     int
	Value float64
	Error float64
}

// Enough reports whether there are answers enough to be shown as one figure.
func (s Score) Enough() bool { return s.N >= Few }

// Between are the bounds that hold the truth 19 times of 20.
func (s Score) Between() (low, high float64) { return s.Value - z95*s.Error, s.Value + z95*s.Error }

// CSAT is the share of 4 and 5 in answers from 1 to 5. The counts are by
// answer.
func CSAT(counts map[int]int) Share {
	return Of(counts[4]+counts[5], total(counts))
}

// NPS is the share of 9 and 10 less that of 0 to 6, in points from -100 to
// 100, with the error of a difference of two shares of one whole.
func NPS(counts map[int]int) Score {
	n := total(counts)
	if n == 0 {
		return Score{}
	}
	promoters, detractors := counts[9]+counts[10], 0
	for v := range 7 {
		detractors += counts[v]
	}
	p, d := float64(promoters)/float64(n), float64(detractors)/float64(n)
	return Score{N: n, Value: 100 * (p - d), Error: 100 * math.Sqrt((p+d-(p-d)*(p-d))/float64(n))}
}

// Mean is the average answer, with the error of a mean.
func Mean(counts map[int]int) Score {
	n := total(counts)
	if n == 0 {
		return Score{}
	}
	sum, squares := 0.0, 0.0
	for v, c := range counts {
		sum += float64(v) * float64(c)
		squares += float64(v) * float64(v) * float64(c)
	}
	m := sum / float64(n)
	if n == 1 {
		return Score{N: 1, Value: m}
	}
	variance := max(0, squares-float64(n)*m*m) / float64(n-1)
	return Score{N: n, Value: m, Error: math.Sqrt(variance / float64(n))}
}

func total(counts map[int]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
