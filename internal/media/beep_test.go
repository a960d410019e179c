package media

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// greeting is speech as it was recorded for callers: some clips of a language.
func greeting(t *testing.T, lang string, every int) (all []int16) {
	t.Helper()
	clips, err := filepath.Glob(filepath.Join("..", "..", "sounds", lang, "clips", "*.ulaw"))
	if err != nil || len(clips) < 100 {
		t.Fatalf("%d clips of %s: %v", len(clips), lang, err)
	}
	for i := 0; i < len(clips); i += every {
		b, err := os.ReadFile(clips[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range b {
			all = append(all, PCMU.Decode(x))
		}
	}
	return all
}

// sounding adds waves of the same strength, each at a frequency.
func sounding(ms int, level float64, hz ...float64) []int16 {
	all := make([]int16, ms*8)
	for n := range all {
		var x float64
		for _, f := range hz {
			x += level / float64(len(hz)) * math.Sin(2*math.Pi*f*float64(n)/rate)
		}
		all[n] = int16(x)
	}
	return all
}

// noisy is sound in which nothing is louder than the rest.
func noisy(ms int, level float64) []int16 {
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]int16, ms*8)
	for n := range all {
		all[n] = int16(level * (2*r.Float64() - 1))
	}
	return all
}

// beeps returns after how many milliseconds a beep was heard, each time.
func beeps(codec Codec, parts ...[]int16) (at []int) {
	var b Beep
	return b.at(codec, parts...)
}

// at is the same of an ear that has heard something before.
func (b *Beep) at(codec Codec, parts ...[]int16) (at []int) {
	n := 0
	for _, p := range parts {
		for _, s := range p {
			n++
			if b.Hear(codec.Decode(codec.Encode(s))) {
				at = append(at, n/8)
			}
		}
	}
	return at
}

// TestBeep holds that the tone of a machine is heard when it is over, at
// whatever pitch, in both codecs, however long, loud, or disturbed it is.
func TestBeep(t *testing.T) {
	t.Parallel()
	words, silence := greeting(t, "en", 60), make([]int16, 4000)
	for _, codec := range []Codec{PCMU, PCMA} {
		var before Beep
		if got := before.at(codec, words, silence); len(got) > 0 {
			t.Fatalf("%v: heard in the words at %d ms", codec, got)
		}
		for _, hz := range []float64{400, 440, 487, 620, 850, 950, 1000, 1115, 1400, 1500, 2000} {
			for _, ms := range []int{200, 500, 1000, 2500} {
				for _, level := range []float64{600, 4000, 20000} {
					tone := sounding(ms, level, hz)
					for i, x := range noisy(ms, level/8) {
						tone[i] += x
					}
					b := before
					if got := b.at(codec, tone, silence); len(got) != 1 || got[0] < ms-60 || got[0] > ms+60 {
						t.Errorf("%v, %.0f Hz, %d ms, level %.0f: heard at %d ms", codec, hz, ms, level, got)
					}
				}
			}
		}
	}
}

// TestNoBeep holds that nothing else is taken for one: the words of seven
// languages, music, noise, keys, and tones that come before any word.
func TestNoBeep(t *testing.T) {
	t.Parallel()
	words, silence := greeting(t, "en", 60), make([]int16, 4000)
	melody := func(ms int) (all []int16) {
		for _, root := range []float64{262, 294, 330, 349, 392, 440} { // chords, each with its overtones
			all = append(all, sounding(ms, 8000, root, root*1.26, root*1.5, 2*root, 3*root)...)
		}
		return all
	}
	var keys []int16
	for i := range len(tonePad) {
		low, high := frequencies(tonePad[i])
		keys = append(append(keys, sounding(300, 8000, low, high)...), silence[:800]...)
	}
	tests := map[string][][]int16{
		"silence":              {words, silence, silence},
		"noise":                {words, noisy(5000, 6000)},
		"music":                {words, melody(400), melody(150)},
		"keys":                 {words, keys},
		"a click":              {words, silence, sounding(100, 8000, 1000), silence},
		"a siren":              {words, silence, siren(2000), silence},
		"a hum":                {words, silence, sounding(1000, 8000, 100), silence},
		"before any word":      {sounding(330, 8000, 950), sounding(330, 8000, 1400), sounding(330, 8000, 1800), silence},
		"ringing, then a word": {sounding(1000, 8000, 425), silence, words[:8000]},
	}
	for _, lang := range []string{"en", "fi", "cs", "el", "cy", "ro", "sv"} {
		tests[fmt.Sprintf("words of %s", lang)] = [][]int16{greeting(t, lang, 12)}
	}
	for name, parts := range tests {
		if got := beeps(PCMU, parts...); len(got) > 0 {
			t.Errorf("%s: heard a beep at %d ms", name, got)
		}
	}
}

// siren is a tone that does not keep its pitch.
func siren(ms int) []int16 {
	all := make([]int16, ms*8)
	phase := 0.0
	for n := range all {
		phase += 2 * math.Pi * (600 + 400*float64(n)/float64(len(all))*4) / rate
		all[n] = int16(8000 * math.Sin(phase))
	}
	return all
}
