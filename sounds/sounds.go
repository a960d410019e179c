// Package sounds knows how each language says what menus name: its words, its
// grammar of numbers, times and dates, and the audio of all of that.
//
// A prompt has two forms. [Text] is the written one, for text messages and
// captions: "today at 15:30". [Words] is the spoken one, in which everything
// is a word: "today at three thirty in the afternoon". No speech engine ever
// sees a digit.
package sounds

import (
	"time"

	"github.com/holdless/holdless/ivr"
)

// Languages returns the codes of all languages, English first.
func Languages() []string { return nil }

// Text returns the written form of a prompt, for text messages and captions.
// A language that is not known is served in English.
func Text(lang string, p ivr.Prompt) string { return p.Text }

// Words returns the spoken form of a prompt: numbers, times and keys are
// words. A language that is not known is served in English.
func Words(lang string, p ivr.Prompt) string { return p.Text }

// A Clip is a piece of sound, encoded once for each codec, 8,000 bytes a
// second, a whole number of 20 ms frames. It is shared by all calls: nobody
// may write to it.
type Clip struct {
	PCMU, PCMA []byte
}

// Duration returns how long the clip plays.
func (c Clip) Duration() time.Duration {
	return time.Duration(len(c.PCMU)) * time.Second / rate
}

// rate is the sampling rate of telephony (RFC 3551, 4.5.14): samples and, in
// G.711, bytes a second.
const rate = 8000
