package audio

import (
	"math"
	"math/cmplx"
)

// Ringback returns one period of the ringing tone: 425 Hz, one second on,
// four off (ITU-T E.180).
func Ringback() PCM {
	s := make([]float64, 5*Rate)
	for i := range Rate {
		s[i] = 0.1 * fade(i, Rate) * math.Sin(2*math.Pi*425*float64(i)/Rate)
	}
	return PCM{Rate: Rate, Samples: s}
}

// fade is 1, but for 10 ms at both ends, so that a tone does not click.
func fade(i, n int) float64 {
	const ramp = Rate / 100
	return min(1, float64(i)/ramp, float64(n-1-i)/ramp)
}

// melody is what one waits with: a slow walk over a pentatonic scale, in
// semitones above A3, one note for each beat. A rest is -1.
var melody = []int{
	0, 7, 12, -1, 10, 7, 5, -1,
	3, 7, 10, -1, 12, 10, 7, -1,
	0, 5, 12, -1, 15, 12, 10, -1,
	3, 10, 7, -1, 5, 3, 0, -1,
}

// Waiting returns the sound to wait with: soft bells, quieter than speech.
// Notes ring on over the end into the beginning, so it repeats without seam.
func Waiting() PCM {
	const beat = Rate * 3 / 5
	s := make([]float64, len(melody)*beat)
	for i, note := range melody {
		if note >= 0 {
			bell(s, i*beat, 220*math.Pow(2, float64(note)/12))
		}
	}
	p := PCM{Rate: Rate, Samples: s}
	scale := 0.125 / p.Peak()
	for i := range s {
		s[i] *= scale
	}
	return p
}

// bell strikes a note: three partials that die away, the high ones first.
func bell(s []float64, at int, hz float64) {
	const length = 3 * Rate
	for k, loud := range []float64{1, 0.35, 0.12} {
		n := float64(k + 1)
		turn := cmplx.Rect(math.Exp(-1.6*n/Rate), 2*math.Pi*hz*n/Rate)
		z := complex(loud, 0)
		for i := range length {
			s[(at+i)%len(s)] += imag(z) * fade(i, length)
			z *= turn
		}
	}
}

// Beep returns the tone after which one speaks: 1 kHz, a third of a second.
func Beep() PCM {
	s := make([]float64, Rate/3)
	for i := range s {
		s[i] = 0.1 * fade(i, len(s)) * math.Sin(2*math.Pi*1000*float64(i)/Rate)
	}
	return PCM{Rate: Rate, Samples: s}
}
