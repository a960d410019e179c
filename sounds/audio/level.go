package audio

import "math"

// Target is the active speech level of every prompt, in dB relative to the
// overload point.
const Target = -22.0

// Ceiling is the highest peak of a prompt: -3 dB of full scale.
var Ceiling = math.Pow(10, -3.0/20)

// Normalize brings speech at 8 kHz to the Target, in place. Peaks are bent
// below the Ceiling, which costs a little level: hence the rounds.
func Normalize(s []float64) {
	dry := append([]float64(nil), s...)
	gain := 1.0
	for range 4 {
		level := Level(s)
		if math.IsInf(level, -1) {
			return
		}
		gain *= math.Pow(10, (Target-level)/20)
		for i, v := range dry {
			s[i] = limit(v * gain)
		}
	}
}

// limit leaves quiet samples alone and bends loud ones under the Ceiling.
func limit(v float64) float64 {
	const knee = 0.5
	if math.Abs(v) <= knee {
		return v
	}
	room := Ceiling - knee
	return math.Copysign(knee+room*math.Tanh((math.Abs(v)-knee)/room), v)
}

// Level returns the active speech level of sound at 8 kHz, in dBov: its power
// while somebody speaks. ITU-T P.56, method B. Silence is -Inf.
func Level(s []float64) float64 {
	active, power := activity(s)
	if power == 0 {
		return math.Inf(-1)
	}
	before, delta := 0.0, math.Inf(1)
	for j, n := range active {
		if n == 0 {
			break
		}
		level := 10 * math.Log10(power/float64(n))
		above := level - 20*math.Log10(thresholds[j])
		if above <= margin {
			return between(before, level, (delta-margin)/(delta-above))
		}
		before, delta = level, above
	}
	return before
}

// between is a straight line, so that the level does not jump with the
// threshold that happens to be next.
func between(a, b, at float64) float64 {
	if math.IsNaN(at) || a == 0 {
		return b
	}
	return a + (b-a)*at
}

// Of P.56, 5: the margin between level and threshold, the time constant of
// the envelope, and how long speech lasts after it.
const (
	margin    = 15.9
	smoothing = 0.03
	hangover  = Rate * 200 / 1000
	steps     = 15
)

var thresholds = func() (all [steps]float64) {
	for j := range all {
		all[j] = math.Ldexp(1, j-steps)
	}
	return all
}()

// activity counts, for each threshold, the samples at which the envelope was
// above it, hangover included; and sums the power.
func activity(s []float64) (active [steps]int, power float64) {
	g := math.Exp(-1.0 / (smoothing * Rate))
	var p, q float64
	var hang [steps]int
	for j := range hang {
		hang[j] = hangover
	}
	for _, x := range s {
		power += x * x
		p = g*p + (1-g)*math.Abs(x)
		q = g*q + (1-g)*p
		for j, level := range thresholds {
			switch {
			case q >= level:
				active[j]++
				hang[j] = 0
			case hang[j] < hangover:
				active[j]++
				hang[j]++
			}
		}
	}
	return active, power
}
