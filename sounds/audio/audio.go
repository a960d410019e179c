// Package audio prepares speech for the telephone: it reads WAV files, brings
// them to 8 kHz and one loudness, and encodes them.
package audio

import (
	"math"
	"time"
)

// Rate is the sampling rate of telephony (RFC 3551, 4.5.14).
const Rate = 8000

// Frame is how many samples, and in G.711 bytes, one packet of 20 ms carries.
const Frame = Rate / 50

// A PCM is sound of one channel, as samples between -1 and 1.
type PCM struct {
	Rate    int
	Samples []float64
}

// Duration returns how long the sound plays.
func (p PCM) Duration() time.Duration {
	return time.Duration(len(p.Samples)) * time.Second / time.Duration(p.Rate)
}

// Peak returns the largest sample, without its sign.
func (p PCM) Peak() float64 {
	var peak float64
	for _, s := range p.Samples {
		peak = max(peak, math.Abs(s))
	}
	return peak
}

// Speech makes a recording of speech ready for the telephone: 8 kHz, without
// rumble, at the loudness of all other prompts, and of the silence after it no
// more than the tail.
func Speech(p PCM, tail time.Duration) PCM {
	p = Trim(Resample(p, Rate), tail)
	highPass(p.Samples, 100)
	Normalize(p.Samples)
	return p
}

// Encode returns the sound in mu-law, padded with silence to whole frames.
func Encode(p PCM) []byte {
	frames := (len(p.Samples) + Frame - 1) / Frame
	out := make([]byte, frames*Frame)
	for i, s := range p.Samples {
		out[i] = ULaw(linear(s))
	}
	for i := len(p.Samples); i < len(out); i++ {
		out[i] = ULaw(0)
	}
	return out
}

// Decode returns the sound of mu-law bytes.
func Decode(ulaw []byte) PCM {
	out := make([]float64, len(ulaw))
	for i, b := range ulaw {
		out[i] = float64(FromULaw(b)) / fullScale
	}
	return PCM{Rate: Rate, Samples: out}
}

const fullScale = 1 << 15

func linear(s float64) int16 {
	return int16(math.Round(min(max(s*fullScale, -fullScale), fullScale-1)))
}

// highPass takes rumble away: a second-order Butterworth filter, in place.
func highPass(s []float64, hz float64) {
	w := math.Tan(math.Pi * hz / Rate)
	norm := 1 / (1 + math.Sqrt2*w + w*w)
	b0, b1 := norm, -2*norm
	a1, a2 := 2*(w*w-1)*norm, (1-math.Sqrt2*w+w*w)*norm
	var x1, x2, y1, y2 float64
	for i, x := range s {
		y := b0*x + b1*x1 + b0*x2 - a1*y1 - a2*y2
		x1, x2, y1, y2 = x, x1, y, y1
		s[i] = y
	}
}

// What Trim leaves of the silence before speech, and what counts as silence.
const (
	lead    = Rate * 20 / 1000
	silence = 0.005 // of the peak
)

// Trim cuts the silence before speech at 8 kHz, and that after it down to the
// tail.
func Trim(p PCM, tail time.Duration) PCM {
	floor := p.Peak() * silence
	first, last := len(p.Samples), 0
	for i, s := range p.Samples {
		if math.Abs(s) > floor {
			first, last = min(first, i), i+1
		}
	}
	if first >= last {
		return PCM{Rate: p.Rate}
	}
	from, to := max(first-lead, 0), min(last+int(tail*Rate/time.Second), len(p.Samples))
	return PCM{Rate: p.Rate, Samples: append([]float64(nil), p.Samples[from:to]...)}
}
