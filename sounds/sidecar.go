package sounds

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A sidecar is the file beside a recording: the hash of the text that was read
// out, who recorded it and when, and after an empty line the text itself. One
// that has only words is as good; the hash follows from them.
type sidecar struct {
	text  string // hash of the text; "" when nobody knows what was said
	wav   string // hash of the recording that it is about; "" for any
	by    string
	at    time.Time
	words string
}

// said ends the name of that file.
const said = ".txt"

// maxSaid is how many bytes of it are read.
const maxSaid = 4000

var hashLine = regexp.MustCompile(`^text: [0-9a-f]{16}$`)

// TextHash names a text in a language by what is spoken: 12 and twelve are the
// same. Recordings carry that of the text that they say.
func TextHash(lang, text string) string { return speaker(lang).hash(text) }

func (l *language) hash(text string) string {
	return digest([]byte(l.inWords(strings.TrimSpace(text))))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// readSidecar reads the file beside a recording.
func (l *language) readSidecar(src, wav []byte) sidecar {
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	first, _, _ := strings.Cut(text, "\n")
	if !hashLine.MatchString(first) {
		s := sidecar{words: strings.TrimSpace(text)}
		if s.words != "" {
			s.text = l.hash(s.words)
		}
		return s
	}
	head, words, _ := strings.Cut(text, "\n\n")
	s := sidecar{words: strings.TrimSpace(words)}
	for in := bufio.NewScanner(strings.NewReader(head)); in.Scan(); {
		key, value, _ := strings.Cut(in.Text(), ": ")
		switch key {
		case "text":
			s.text = value
		case "wav":
			s.wav = value
		case "by":
			s.by = value
		case "at":
			s.at, _ = time.Parse(time.RFC3339, value) // without it, nobody knows when
		}
	}
	if s.wav != "" && s.wav != digest(wav) {
		return sidecar{} // it is about another recording, which was replaced
	}
	return s
}

// String writes the file.
func (s sidecar) String() string {
	return fmt.Sprintf("text: %s\nwav: %s\nby: %s\nat: %s\n\n%s\n", s.text, s.wav, s.by, s.at.UTC().Format(time.RFC3339), s.words)
}
