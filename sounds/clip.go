package sounds

import (
	"time"

	"github.com/holdless/holdless/sounds/audio"
)

// A Clip is a piece of sound, encoded once for each codec, 8,000 bytes a
// second, a whole number of 20 ms frames. It is shared by all calls: nobody
// may write to it.
type Clip struct {
	PCMU, PCMA []byte
}

// Duration returns how long the clip plays.
func (c Clip) Duration() time.Duration {
	return time.Duration(len(c.PCMU)) * time.Second / audio.Rate
}

func newClip(ulaw []byte) Clip { return Clip{PCMU: ulaw, PCMA: audio.Transcode(ulaw)} }
