package audio

import "math"

// Resample brings sound to another rate by a bank of low-pass filters, one
// for each place that an output sample can have between two input samples.
func Resample(p PCM, rate int) PCM {
	if p.Rate == rate {
		return p
	}
	g := gcd(p.Rate, rate)
	bank := filters(p.Rate/g, rate/g)
	out := make([]float64, len(p.Samples)*rate/p.Rate)
	for i := range out {
		at := i * (p.Rate / g)
		out[i] = convolve(p.Samples, at/(rate/g), bank[at%(rate/g)])
	}
	return PCM{Rate: rate, Samples: out}
}

// crossings is the length of a filter to each side, in periods of the lower
// of the two rates. More is sharper, and slower.
const crossings = 16

// filters returns one windowed sinc for each phase of down:up.
func filters(down, up int) [][]float64 {
	cut := 0.95 * min(1, float64(up)/float64(down)) // of half the input rate
	half := int(math.Ceil(crossings / cut))
	bank := make([][]float64, up)
	for phase := range bank {
		taps := make([]float64, 2*half+1)
		var sum float64
		for i := range taps {
			t := float64(i-half) - float64(phase)/float64(up)
			taps[i] = sinc(cut*t) * window(t/float64(half+1))
			sum += taps[i]
		}
		for i := range taps {
			taps[i] /= sum
		}
		bank[phase] = taps
	}
	return bank
}

func convolve(in []float64, center int, taps []float64) float64 {
	var sum float64
	start := center - len(taps)/2
	for i, tap := range taps {
		if at := start + i; at >= 0 && at < len(in) {
			sum += tap * in[at]
		}
	}
	return sum
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// window is a Blackman window over -1..1.
func window(x float64) float64 {
	if math.Abs(x) >= 1 {
		return 0
	}
	return 0.42 + 0.5*math.Cos(math.Pi*x) + 0.08*math.Cos(2*math.Pi*x)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
