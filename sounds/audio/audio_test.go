package audio

import (
	"math"
	"testing"
	"time"
)

// tone is a second of a sine.
func tone(rate int, hz, amplitude float64) PCM {
	s := make([]float64, rate)
	for i := range s {
		s[i] = amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return PCM{Rate: rate, Samples: s}
}

// amplitude measures one frequency, away from the ends (Goertzel).
func amplitude(p PCM, hz float64) float64 {
	s := p.Samples[len(p.Samples)/10 : len(p.Samples)*9/10]
	var re, im float64
	for i, v := range s {
		phase := 2 * math.Pi * hz * float64(i) / float64(p.Rate)
		re += v * math.Cos(phase)
		im += v * math.Sin(phase)
	}
	return 2 * math.Hypot(re, im) / float64(len(s))
}

func TestResample(t *testing.T) {
	tests := []struct {
		name     string
		rate     int
		hz       float64
		at, want float64 // amplitude at a frequency afterwards
	}{
		{"espeak-ng's rate", 22050, 1000, 1000, 0.5},
		{"studio", 48000, 3000, 3000, 0.5},
		{"compact disc", 44100, 300, 300, 0.5},
		{"odd", 11111, 1000, 1000, 0.5},
		{"slower", 4000, 1000, 1000, 0.5},
		{"does not fold", 22050, 5000, 3000, 0},
		{"does not fold from afar", 48000, 9000, 1000, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Resample(tone(tt.rate, tt.hz, 0.5), Rate)
			if d := got.Duration() - time.Second; d.Abs() > time.Millisecond {
				t.Errorf("a second became %v", got.Duration())
			}
			if a := amplitude(got, tt.at); math.Abs(a-tt.want) > 0.005 {
				t.Errorf("amplitude at %.0f Hz is %.4f, want %.1f", tt.at, a, tt.want)
			}
		})
	}
}

// TestLevel uses signals whose active level is known: a tone is always
// active, and a pause longer than the hangover does not count.
func TestLevel(t *testing.T) {
	pause := make([]float64, 4*Rate)
	loud := tone(Rate, 1000, 0.1) // -23 dBov
	tests := []struct {
		name    string
		samples []float64
		want    float64
	}{
		{"full scale", tone(Rate, 1000, 1).Samples, -3.01},
		{"tone", loud.Samples, -23.01},
		{"tone and a long pause", append(append([]float64{}, loud.Samples...), pause...), -23.8},
		{"silence", pause, math.Inf(-1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Level(tt.samples); got != tt.want && math.Abs(got-tt.want) > 0.3 {
				t.Errorf("got %.2f dBov, want %.2f", got, tt.want)
			}
		})
	}
}

func TestSpeech(t *testing.T) {
	tests := []struct {
		name string
		gain float64
	}{{"whisper", 0.01}, {"speech", 0.3}, {"shout", 1}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := tone(16000, 500, tt.gain)
			in.Samples = append(make([]float64, 16000), append(in.Samples, make([]float64, 16000)...)...)
			got := Speech(in, 100*time.Millisecond)
			if level := Level(got.Samples); math.Abs(level-Target) > 0.1 {
				t.Errorf("level is %.2f dBov, want %.2f", level, Target)
			}
			if d := got.Duration() - 1120*time.Millisecond; d.Abs() > 10*time.Millisecond {
				t.Errorf("it plays %v, want 1.12s", got.Duration())
			}
		})
	}
}

func TestNormalizeBendsPeaks(t *testing.T) {
	s := tone(Rate, 500, 0.05).Samples
	for i := 0; i < len(s); i += 400 {
		s[i] = 0.9
	}
	Normalize(s)
	if peak := (PCM{Rate, s}).Peak(); peak > Ceiling {
		t.Errorf("the peak is %.3f, want at most %.3f", peak, Ceiling)
	}
}

func TestHighPass(t *testing.T) {
	for _, tt := range []struct{ hz, want float64 }{{20, 0.02}, {100, 0.354}, {1000, 0.5}} {
		p := tone(Rate, tt.hz, 0.5)
		highPass(p.Samples, 100)
		if got := amplitude(p, tt.hz); math.Abs(got-tt.want) > 0.01 {
			t.Errorf("%.0f Hz has amplitude %.3f, want %.3f", tt.hz, got, tt.want)
		}
	}
}

func TestEncodePads(t *testing.T) {
	got := Encode(PCM{Rate: Rate, Samples: make([]float64, Frame+1)})
	if len(got) != 2*Frame || got[len(got)-1] != 0xff {
		t.Errorf("%d bytes end with %#02x, want %d and silence", len(got), got[len(got)-1], 2*Frame)
	}
}

func TestTrimSilence(t *testing.T) {
	if got := Trim(PCM{Rate: Rate, Samples: make([]float64, Rate)}, time.Second); len(got.Samples) != 0 {
		t.Errorf("%d samples are left of silence", len(got.Samples))
	}
}

// TestTones holds the ringing tone to ITU-T E.180, and the end of the music
// to its beginning.
func TestTones(t *testing.T) {
	ring := Ringback()
	on := PCM{Rate, ring.Samples[:Rate]}
	if got := amplitude(on, 425); got < 0.09 {
		t.Errorf("425 Hz has amplitude %.3f, want 0.1", got)
	}
	if got := (PCM{Rate, ring.Samples[Rate:]}).Peak(); got != 0 {
		t.Errorf("the pause has amplitude %.3f", got)
	}
	wait := Waiting().Samples
	if jump := math.Abs(wait[0] - wait[len(wait)-1]); jump > 0.02 {
		t.Errorf("the seam jumps by %.3f", jump)
	}
}
