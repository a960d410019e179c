package sounds

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/holdless/holdless/sounds/audio"
)

// A record is a recording of the operator.
type record struct {
	Clip
	words  string // what was read out; "" when nobody wrote it down
	length time.Duration
	level  float64 // in dBov, as it was recorded
}

// said ends the name of the file with the words of a recording, beside it.
const said = ".txt"

// maxSaid is how many bytes of such a file are read.
const maxSaid = 4000

// fresh reports whether a recording says certain words still. One of which
// nobody wrote down what it says is taken to.
func (t *tongue) fresh(name, words string) bool {
	r, ok := t.override[name]
	return ok && (r.words == "" || t.lang.inWords(r.words) == t.lang.inWords(words))
}

// recorded returns the recording that a name has, if it says these words.
func (t *tongue) recorded(name, words string) (Clip, bool) {
	if name == "" || !t.fresh(name, words) {
		return Clip{}, false
	}
	return t.override[name].Clip, true
}

// Recorded says whether there is a recording of a name in a language, and
// whether it says certain words still. A stale one is not played.
func (v *Voice) Recorded(lang, name, words string) (there, fresh bool) {
	t := v.tongue(lang)
	_, there = t.override[name]
	return there, t.fresh(name, words)
}

// recordedName is what a recording may be called: a prompt, a recording that a
// menu names, or the letters of words.
var recordedName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,79}$`)

// longest is how long a recording may be that people are to listen to.
const longest = 60 * time.Second

// Record puts a recording into the folder of the operator's own, with the
// words that it says, so that it is known when they have changed. What New
// would refuse is refused. It returns how long the recording is.
func Record(dir, lang, name, words string, wav []byte) (time.Duration, error) {
	switch {
	case !Known(lang):
		return 0, fmt.Errorf("language %q is not one of %s", lang, strings.Join(Languages(), ", "))
	case !recordedName.MatchString(name):
		return 0, fmt.Errorf("a recording cannot be called %q", name)
	case len(words) > maxSaid:
		return 0, fmt.Errorf("the words have %d bytes; %d are allowed", len(words), maxSaid)
	}
	if err := speaker(lang).recordable(name); err != nil {
		return 0, err
	}
	pcm, err := audio.ReadWAV(wav)
	if err == nil {
		err = usable(pcm)
	}
	if err != nil {
		return 0, err
	}
	if pcm.Duration() > longest {
		return 0, fmt.Errorf("it lasts %s; nobody listens for longer than %s", pcm.Duration().Round(time.Second), longest)
	}
	folder := filepath.Join(dir, lang)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	// The words come first: a recording with those of another is stale, and
	// heard by nobody until it is there.
	return pcm.Duration(), errors.Join(
		writeFile(filepath.Join(folder, name+said), []byte(strings.TrimSpace(words)+"\n")),
		writeFile(filepath.Join(folder, name+".wav"), wav),
	)
}

// The limits above which a recording is told of.
const (
	tooLong = 30 * time.Second
	tooLoud = -10.0 // dBov: what is louder was recorded with distortion
)

// doubts tells what is amiss with a recording that can be used.
func (t *tongue) doubts(name string) []Finding {
	var all []Finding
	r, file := t.override[name], t.lang.Code+"/"+name+".wav"
	if r.length > tooLong {
		all = append(all, Finding{t.lang.Code, fmt.Sprintf("recording %s lasts %s", file, r.length.Round(time.Second)), "say less; people listen for 30 seconds at most"})
	}
	if r.level > tooLoud {
		all = append(all, Finding{t.lang.Code, fmt.Sprintf("recording %s is too loud: speech at %.0f dBov", file, r.level), "record it with less gain"})
	}
	if ph, ok := t.lang.phrases[name]; ok && !t.fresh(name, ph.String()) {
		all = append(all, t.stale(name, ph.String()))
	}
	return all
}

func (t *tongue) stale(name, words string) Finding {
	return Finding{
		t.lang.Code, fmt.Sprintf("recording %s/%s.wav is stale and not played: it says %q, and the text is %q now", t.lang.Code, name, t.override[name].words, words),
		"record it anew",
	}
}
