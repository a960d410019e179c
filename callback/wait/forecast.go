package wait

import "slices"

// A Week counts calls by quarter of an hour, from Monday midnight at the place
// of the queue on.
type Week [Quarters]float64

// Quarters is how many quarters of an hour a week has.
const Quarters = 7 * 24 * 4

const (
	// newest is the weight of the last week in what is expected of the next.
	newest = 0.3
	// beside is the weight of the quarters before and after.
	beside = 0.25
)

// Expect tells how many calls come in each quarter of a week like those that
// were counted, the oldest first: the same quarter of the same weekday, newer
// weeks weighing more, smoothed over the quarters beside it.
func Expect(weeks []Week) Week {
	var mean Week
	var sum float64
	weight := 1.0
	for _, week := range slices.Backward(weeks) {
		for q, n := range week {
			mean[q] += weight * n
		}
		sum += weight
		weight *= 1 - newest
	}
	var smooth Week
	if sum == 0 {
		return smooth
	}
	for q := range mean {
		before, after := mean[(q+Quarters-1)%Quarters], mean[(q+1)%Quarters]
		smooth[q] = ((1-2*beside)*mean[q] + beside*(before+after)) / sum
	}
	return smooth
}
