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

// A Score is a figure that is no share, with the bounds that hold its truth 19
// times of 20.
type Score struct {
	N         int
	Value     float64
	Low, High float64
}

// Enough reports whether there are answers enough to be shown as one figure.
func (s Score) Enough() bool { return s.N >= Few }

// CSAT is the share of 4 and 5 in answers from 1 to 5. The counts are by
// answer.
func CSAT(counts map[int]int) Share {
	return Of(counts[4]+counts[5], total(counts))
}

// NPS is the share of 9 and 10 less that of 0 to 6, in points from -100 to
// 100: the mean of as many as are for us, neither, and against us.
func NPS(counts map[int]int) Score {
	promoters, detractors := counts[9]+counts[10], 0
	for v := range 7 {
		detractors += counts[v]
	}
	return Mean(map[int]int{100: promoters, 0: total(counts) - promoters - detractors, -100: detractors}, -100, 100)
}

// CES is the average answer from 1 to 7.
func CES(counts map[int]int) Score { return Mean(counts, 1, 7) }

// Mean is the average answer on a scale. Its bounds are those of a mean to which
// three answers are added, spread over the scale (Rocks, Interval Estimation for
// the Net Promoter Score, The American Statistician 70 (2016), has it so): ten
// who all say the best have a narrow mean, and not a sure one. Without the three
// the bounds of ten good answers hold the truth 13 times of 20.
func Mean(counts map[int]int, least, most int) Score {
	n := total(counts)
	if n == 0 {
		return Score{}
	}
	var plain, wide moments
	for v, c := range counts {
		plain.add(float64(v), float64(c))
		wide.add(float64(v), float64(c))
	}
	low, high := float64(least), float64(most)
	wide.add(low, 0.75)
	wide.add((low+high)/2, 1.5)
	wide.add(high, 0.75)
	half := z95 * math.Sqrt(wide.variance()/wide.n)
	value := plain.mean()
	return Score{N: n, Value: value, Low: max(low, min(value, wide.mean()-half)), High: min(high, max(value, wide.mean()+half))}
}

// moments add up answers, each with its weight.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(v, weight float64) {
	m.n, m.sum, m.squares = m.n+weight, m.sum+weight*v, m.squares+weight*v*v
}

func (m *moments) mean() float64 { return m.sum / m.n }

func (m *moments) variance() float64 { return max(0, m.squares/m.n-m.mean()*m.mean()) }

func total(counts map[int]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
