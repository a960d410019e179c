package media

import (
	"math"
	"math/cmplx"
	"strings"
)

// The frequencies of keys (ITU-T Q.23): four rows, then four columns.
var toneHz = [8]float64{697, 770, 852, 941, 1209, 1336, 1477, 1633}

// tonePad is the keypad, row by row.
const tonePad = "123A456B789C*0#D"

const (
	rate = 8000
	// blockSamples is how much sound is weighed at once: 8 ms.
	blockSamples = 64
	// toneBlocks is how many blocks in a row make a key, so that 40 ms are
	// enough wherever they begin (ITU-T Q.24).
	toneBlocks = 4
	// pauseBlocks is how many blocks without it end a key: a gap of 10 ms does
	// not (ITU-T Q.24).
	pauseBlocks = 3
	// maxOff is the deviation of a frequency that still passes, between the
	// 1.5 % that must and the 3.5 % that must not.
	maxOff = 0.025
	// rowOver and columnOver are how much stronger one tone may be: 8 dB for
	// the row, as lines weaken high tones, and 4 dB for the column (ITU-T
	// Q.24); and 1.5 dB of tolerance for what one tone adds to the other.
	rowOver, columnOver = 8.91, 3.55
	// tonePower is the mean square below which nothing is a key, -36 dBm0.
	tonePower = 6.3e4
	// purity is the part of all sound that the two tones must be: speech
	// spreads over more.
	purity = 0.84
)

// An ear hears keys that come as tones in the sound.
type ear struct {
	state [8]struct{ s1, s2 float64 }
	total float64
	n     int

	last [8]complex128 // of the block before
	drag [8]complex128 // how the phases turn, over the blocks of this key
	key  byte          // that is heard, 0 for none
	run  int           // blocks of it
	gap  int           // blocks without it
	told bool
}

func newEar() *ear { return &ear{} }

var (
	toneTurn  = turns(1)
	blockTurn = turns(blockSamples)
	toneCoeff = coefficients()
	window    = hann()
)

// The window keeps the row out of the column and the other way round, when
// one is much stronger. Its sum and the sum of its squares are known.
const (
	windowSum   = blockSamples / 2
	windowPower = blockSamples * 3.0 / 8
)

func hann() (w [blockSamples]float64) {
	for i := range w {
		w[i] = (1 - math.Cos(2*math.Pi*float64(i)/blockSamples)) / 2
	}
	return w
}

// turns returns how far each tone turns in a number of samples.
func turns(samples int) (t [8]complex128) {
	for i, f := range toneHz {
		t[i] = cmplx.Exp(complex(0, 2*math.Pi*f*float64(samples)/rate))
	}
	return t
}

func coefficients() (t [8]float64) {
	for i, f := range toneHz {
		t[i] = 2 * math.Cos(2*math.Pi*f/rate)
	}
	return t
}

// hear takes one sample, and returns a key when that makes one certain.
func (e *ear) hear(sample int16) (byte, bool) {
	x := float64(sample) * window[e.n]
	e.total += x * x
	for i := range e.state {
		g := &e.state[i]
		g.s1, g.s2 = x+toneCoeff[i]*g.s1-g.s2, g.s1
	}
	if e.n++; e.n < blockSamples {
		return 0, false
	}
	key := e.weigh()
	e.n, e.total = 0, 0
	return e.follow(key)
}

// weigh returns the key that one block sounds like.
func (e *ear) weigh() byte {
	var power [8]float64
	for i := range e.state {
		g := &e.state[i]
		x := complex(g.s1, 0) - complex(g.s2, 0)*cmplx.Conj(toneTurn[i])
		g.s1, g.s2 = 0, 0
		power[i] = 2 * (real(x)*real(x) + imag(x)*imag(x)) / (windowSum * windowSum)
		// What a tone turns more than it should is how far it is off.
		e.drag[i] += x * cmplx.Conj(e.last[i]*blockTurn[i])
		e.last[i] = x
	}
	row, column := strongest(power[:4]), 4+strongest(power[4:])
	low, high, all := power[row], power[column], e.total/windowPower
	if all < tonePower || low+high < purity*all || low > rowOver*high || high > columnOver*low {
		return 0
	}
	return tonePad[row*4+column-4]
}

func strongest(power []float64) int {
	best := 0
	for i, p := range power {
		if p > power[best] {
			best = i
		}
	}
	return best
}

// follow counts blocks of one key in a row.
func (e *ear) follow(key byte) (byte, bool) {
	if key == e.key && key != 0 {
		e.run++
		e.gap = 0
		return e.decide()
	}
	if e.gap++; e.told && e.gap < pauseBlocks {
		return 0, false
	}
	e.key, e.run, e.gap, e.told = key, 1, 0, false
	e.drag = [8]complex128{}
	return 0, false
}

func (e *ear) decide() (byte, bool) {
	if e.told || e.run < toneBlocks || !e.inTune() {
		return 0, false
	}
	e.told = true
	return e.key, true
}

// inTune reports whether both tones of the key are near their frequencies.
func (e *ear) inTune() bool {
	at := strings.IndexByte(tonePad, e.key)
	for _, i := range [2]int{at / 4, 4 + at%4} {
		off := cmplx.Phase(e.drag[i]) / (2 * math.Pi) * rate / blockSamples
		if math.Abs(off) > maxOff*toneHz[i] {
			return false
		}
	}
	return true
}

// tones writes keys as sound: 100 ms each, 80 ms between.
func tones(keys string, codec Codec) []byte {
	const on, off = 5 * FrameBytes, 4 * FrameBytes
	out := make([]byte, 0, len(keys)*(on+off))
	for i := range len(keys) {
		at := strings.IndexByte(tonePad, keys[i])
		row, column := toneHz[at/4], toneHz[4+at%4]
		for n := range on {
			t := 2 * math.Pi * float64(n) / rate
			out = append(out, codec.Encode(int16(5000*math.Sin(row*t)+6300*math.Sin(column*t))))
		}
		for range off {
			out = append(out, codec.Silence())
		}
	}
	return out
}
