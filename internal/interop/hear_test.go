package interop

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/holdless/holdless/ivr"
)

const (
	syllable = 8000 / 5  // what is compared at a time
	glance   = 8000 / 50 // what is looked at first
	slip     = 8000 / 10 // how far the telephone's own clock may shift it
	alike    = 0.8       // correlation from which on two sounds are the same
	faint    = 200.0     // mean amplitude below which there is nothing to compare
)

// recognise looks for a sound in a recording, syllable by syllable, so that a
// packet that came late does not spoil all. It returns the share that was
// found in its place, and whether the last syllable was. A caller has few
// seconds to press a key: what it costs most is kept from the race detector,
// which makes it sixteen times as slow.
func recognise(heard, sound []int16) (share float64, last bool) {
	audible := syllables(sound)
	place, ok := locate(heard, sound, audible)
	if !ok {
		return 0, false
	}
	found := 0
	for _, at := range audible {
		_, r := closest(heard, sound[at:][:syllable], place+at-slip, place+at+slip)
		if last = r >= alike; last {
			found++
		}
	}
	return float64(found) / float64(len(audible)), last
}

// syllables returns where there is something to compare.
func syllables(sound []int16) (audible []int) {
	for at := 0; at+syllable <= len(sound); at += syllable {
		if loudness(sound[at:][:syllable]) >= faint {
			audible = append(audible, at)
		}
	}
	return audible
}

// locate finds where a sound begins in a recording, by the loudest of its
// syllables that is there.
func locate(heard, sound []int16, audible []int) (place int, ok bool) {
	order := slices.Clone(audible)
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(loudness(sound[b:][:syllable]), loudness(sound[a:][:syllable]))
	})
	for _, at := range order[:min(3, len(order))] {
		if place, r := closest(heard, sound[at:][:syllable], 0, len(heard)); r >= alike {
			return place - at, true
		}
	}
	return 0, false
}

// closest returns the place between two others at which a part fits best, and
// how well: 1 is the same.
//
//go:norace
func closest(heard, part []int16, from, to int) (place int, r float64) {
	look := loudest(part) // a look at this much spares most of the work
	for at := max(0, from); at+len(part) <= min(len(heard), to+len(part)); at++ {
		there := heard[at:][:len(part)]
		if likeness(there[look:][:glance], part[look:][:glance]) < alike/2 {
			continue
		}
		if c := likeness(there, part); c > r {
			place, r = at, c
		}
	}
	return place, r
}

// loudest returns where a part is loudest.
//
//go:norace
func loudest(part []int16) (best int) {
	most := -1.0
	for at := 0; at+glance <= len(part); at += glance {
		if l := loudness(part[at:][:glance]); l > most {
			best, most = at, l
		}
	}
	return best
}

// likeness is the correlation of two sounds.
//
//go:norace
func likeness(a, b []int16) float64 {
	energy := dot(a, a) * dot(b, b)
	if energy == 0 {
		return 0
	}
	return dot(a, b) / math.Sqrt(energy)
}

//go:norace
func dot(a, b []int16) float64 {
	var sum int64
	for i, v := range a {
		sum += int64(v) * int64(b[i])
	}
	return float64(sum)
}

//go:norace
func loudness(s []int16) float64 {
	var sum float64
	for _, v := range s {
		sum += math.Abs(float64(v))
	}
	return sum / float64(len(s))
}

// wave writes a WAV file of 8,000 samples a second.
func wave(s []int16) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(s))
	b.WriteString("RIFF")
	for _, v := range []any{36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16), []byte("data"), size, s} {
		_ = binary.Write(&b, binary.LittleEndian, v) // into memory
	}
	return b.Bytes()
}

// samples reads one.
func samples(t testing.TB, b []byte) []int16 {
	t.Helper()
	_, data, ok := bytes.Cut(b, []byte("data"))
	if !ok || len(data) < 4 {
		t.Fatalf("a recording of %d bytes is no WAV file", len(b))
	}
	data = data[4:]
	s := make([]int16, len(data)/2)
	for i := range s {
		s[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return s
}

// TestRecognise tells sounds apart, and hears when the end was cut off.
func TestRecognise(t *testing.T) {
	t.Parallel()
	said := speech(t)
	goodbye, noise := said(ivr.Prompt{Name: "goodbye"}), make([]int16, 16000)
	for i := range noise {
		noise[i] = int16(rand.IntN(200) - 100)
	}
	heard := append(append(append([]int16{}, noise...), goodbye...), noise...)
	if share, last := recognise(heard, goodbye); share < 1 || !last {
		t.Errorf("%.2f, %v: the sound is there, whole", share, last)
	}
	audible := syllables(goodbye)
	cut := heard[:len(noise)+audible[len(audible)-1]+syllable/2]
	if share, last := recognise(cut, goodbye); share < 0.5 || last {
		t.Errorf("%.2f, %v: the sound is there without its end", share, last)
	}
	for _, other := range []string{"nobody_free", "no_times", "sorry", "welcome"} {
		if share, _ := recognise(heard, said(ivr.Prompt{Name: other})); share > 0.4 {
			t.Errorf("%s: %.2f of what is not there", other, share)
		}
	}
}
