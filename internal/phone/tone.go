package phone

import (
	"context"
	"math"
	"time"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/sounds/audio"
)

// Tone returns frames of a tone in the codec of the call.
func (c *Call) Tone(hz float64, frames int) []byte {
	codec := c.sound.stream.Codec()
	tone := make([]byte, frames*media.FrameBytes)
	for i := range tone {
		tone[i] = encode(codec, 8000*math.Sin(2*math.Pi*hz*float64(i)/rate))
	}
	return tone
}

// Encoded is mu-law in the codec of the call.
func (c *Call) Encoded(ulaw []byte) []byte {
	if c.sound.stream.Codec() == media.PCMA {
		return audio.Transcode(ulaw)
	}
	return ulaw
}

// Strength is how much of a sound, between 0 and 1, is a tone of that
// frequency (Goertzel's algorithm).
func (c *Call) Strength(sound []byte, hz float64) float64 {
	codec := c.sound.stream.Codec()
	k := 2 * math.Cos(2*math.Pi*hz/rate)
	var s1, s2, all float64
	for _, b := range sound {
		x := decode(codec, b)
		s1, s2 = x+k*s1-s2, s1
		all += x * x
	}
	if all == 0 {
		return 0
	}
	return 2 * (s1*s1 + s2*s2 - k*s1*s2) / (all * float64(len(sound)))
}

// encode finds the nearest of the 256 levels. It is meant for short tones.
func encode(codec media.Codec, x float64) byte {
	best, near := byte(0), math.Inf(1)
	for b := range 256 {
		if d := math.Abs(decode(codec, byte(b)) - x); d < near {
			best, near = byte(b), d
		}
	}
	return best
}

// decode returns the level that a byte of G.711 stands for.
func decode(codec media.Codec, b byte) float64 {
	if codec == media.PCMA {
		return decodeA(b ^ 0x55) // every other bit is inverted on the line
	}
	b = ^b
	level := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		level = -level
	}
	return float64(level)
}

func decodeA(b byte) float64 {
	level := int(b&0x0f)<<4 + 8
	if segment := b >> 4 & 7; segment > 0 {
		level = (level + 0x100) << (segment - 1)
	}
	if b&0x80 == 0 {
		level = -level
	}
	return float64(level)
}

// Level is how loud a sound is, in decibels of full scale: 0 is as loud as
// can be, speech is about -22, silence is below -60.
func (c *Call) Level(sound []byte) float64 {
	if len(sound) == 0 {
		return math.Inf(-1)
	}
	var sum float64
	for _, b := range sound {
		x := decode(c.sound.stream.Codec(), b) / 32768
		sum += x * x
	}
	return 10 * math.Log10(sum/float64(len(sound)))
}

// voice is the level above which a sound is taken for somebody speaking.
const voice = -45

// Hush waits until somebody has spoken from now on, and has then been silent
// for a while: the moment to press a key. [io.EOF] once the call is over.
func (c *Call) Hush(ctx context.Context, quiet time.Duration) error {
	at := len(c.Heard())
	last := 0 // the end of what was spoken; 0 before anything was
	need := int(quiet.Seconds() * rate)
	return c.Hear(ctx, func(heard []byte) bool {
		for ; at+media.FrameBytes <= len(heard); at += media.FrameBytes {
			if c.Level(heard[at:at+media.FrameBytes]) > voice {
				last = at + media.FrameBytes
			}
		}
		return last > 0 && len(heard)-last >= need
	})
}
