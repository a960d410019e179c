package media

import "math"

// A Beep hears the tone after which a machine records: one that comes when
// somebody has spoken, that is nothing else, and that keeps its pitch. It takes
// one sample after the other, and holds for whatever machine there is: no
// standard says how it sounds.
type Beep struct {
	block  [beepBlock]float64
	n      int
	spoken int     // blocks with sound that was no tone
	run    int     // blocks of one tone
	pitch  float64 // of it, in Hz
	level  float64 // the mean square of its first block
}

const (
	beepBlock = 160 // samples: 20 ms, so that what is 50 Hz apart can be told apart
	// beepBlocks is how long a tone must be: 160 ms.
	beepBlocks = 8
	// spokenBlocks is how much must have been said before: 300 ms. The tones of
	// a network come before any word.
	spokenBlocks = 15
	// The pitches that machines have.
	beepLowest, beepHighest = 350, 2200
	beepStep                = rate / beepBlock
	// beepDrift is how far the pitch may wander, in Hz, and beepFade how much
	// stronger or weaker the tone may become: 6 dB.
	beepDrift, beepFade = 20, 4.0
	// beepPurity is the part of all sound that the tone must be: two keys are
	// half each, and the strongest overtone of a voice less than that for so long.
	beepPurity = 0.9
)

// Hear takes one sample. It returns true when the tone is over: now is the time
// to speak.
func (b *Beep) Hear(sample int16) bool {
	b.block[b.n] = float64(sample)
	if b.n++; b.n < beepBlock {
		return false
	}
	b.n = 0
	pitch, power := b.weigh()
	switch {
	case pitch > 0 && b.run > 0 && math.Abs(pitch-b.pitch) <= beepDrift && power < beepFade*b.level && b.level < beepFade*power:
		b.run++
		return false
	case b.run >= beepBlocks && b.spoken >= spokenBlocks:
		b.run, b.spoken = 0, 0
		return true
	}
	b.restart(pitch, power)
	return false
}

// restart takes what is no more of the tone that was heard.
func (b *Beep) restart(pitch, power float64) {
	b.run = 0
	switch {
	case pitch > 0:
		b.run, b.pitch, b.level = 1, pitch, power
	case power >= tonePower:
		b.spoken++
	}
}

// weigh returns the pitch of a block that is a single tone, else 0, and the mean
// square of the block.
func (b *Beep) weigh() (pitch, power float64) {
	var weighed [beepBlock]float64
	var all float64
	for i, x := range b.block {
		power += x * x / beepBlock
		weighed[i] = x * (1 - math.Cos(2*math.Pi*float64(i)/beepBlock)) / 2
		all += weighed[i] * weighed[i]
	}
	if power < tonePower {
		return 0, power
	}
	var lines [beepHighest/beepStep + 2]float64
	best := beepLowest / beepStep
	for k := best - 1; k < len(lines); k++ {
		lines[k] = lineOf(&weighed, k)
		if lines[k] > lines[best] && k >= best && k < len(lines)-1 {
			best = k
		}
	}
	below, at, above := lines[best-1], lines[best], lines[best+1]
	// Parseval: half of the energy of a real sound is on this side.
	if 2*(below+at+above)/beepBlock < beepPurity*all {
		return 0, power
	}
	// A tone between two lines of a Hann window stands in both by how near it is.
	off := (math.Sqrt(above) - math.Sqrt(below)) / (math.Sqrt(at) + math.Sqrt(max(above, below))) * 1.5
	return (float64(best) + off) * beepStep, power
}

// lineOf is the power of one line of the spectrum (Goertzel).
func lineOf(x *[beepBlock]float64, k int) float64 {
	turn := 2 * math.Cos(2*math.Pi*float64(k)/beepBlock)
	var s1, s2 float64
	for _, v := range x {
		s1, s2 = v+turn*s1-s2, s1
	}
	return s1*s1 + s2*s2 - turn*s1*s2
}
