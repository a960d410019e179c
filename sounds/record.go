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
	sidecar
	length time.Duration
	level  float64 // in dBov, as it was recorded
}

// recording returns the operator's recording of a name, if there is one.
func (t *tongue) recording(name string) (record, bool) {
	r, ok := (*t.override.Load())[name]
	return r, ok
}

// fresh reports whether a recording says certain words still. One of which
// nobody wrote down what it says is taken to.
func (t *tongue) fresh(name, words string) bool {
	r, ok := t.recording(name)
	return ok && (r.text == "" || r.text == t.lang.hash(words))
}

// recorded returns the recording that a name has, if it says these words.
func (t *tongue) recorded(name, words string) (Clip, bool) {
	if name == "" || !t.fresh(name, words) {
		return Clip{}, false
	}
	r, _ := t.recording(name)
	return r.Clip, true
}

// Recorded says whether there is a recording of a name in a language, and
// whether it says certain words still. A stale one is not played.
func (v *Voice) Recorded(lang, name, words string) (there, fresh bool) {
	t := v.tongue(lang)
	_, there = t.recording(name)
	return there, t.fresh(name, words)
}

// recordedName is what a recording may be called: a prompt, a recording that a
// menu names, or the letters of words.
var recordedName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,79}$`)

// How long a recording may be that people are to listen to.
const (
	shortest = 300 * time.Millisecond
	longest  = 60 * time.Second
)

// A Recording is one to be kept: which words it says, who recorded it and when.
type Recording struct {
	Lang, Name, Words string
	By                string
	At                time.Time
	WAV               []byte
}

// A Draft is a recording that lies ready beside those that are played.
type Draft struct {
	Length time.Duration
	dir    string
	files  []laid
}

// A laid file has a hidden name until it gets its own.
type laid struct{ hidden, name string }

// Record puts a recording into the folder of the operator's own, with the
// words that it says, so that it is known when they have changed. What New
// would refuse is refused. It returns how long the recording is.
func Record(dir string, rec Recording) (time.Duration, error) {
	d, err := Prepare(dir, rec)
	if err != nil {
		return 0, err
	}
	return d.Length, d.Put()
}

// Prepare is Record up to the moment from which on the recording is played, which
// is [Draft.Put]: all that can go wrong has gone wrong before. A draft that is not
// put in is removed after an hour.
func Prepare(dir string, rec Recording) (Draft, error) {
	pcm, err := rec.check()
	if err != nil {
		return Draft{}, err
	}
	s := sidecar{wav: digest(rec.WAV), by: rec.By, at: rec.At, words: strings.TrimSpace(rec.Words)}
	s.text = speaker(rec.Lang).hash(s.words)
	root, err := folder(dir, rec.Lang)
	if err != nil {
		return Draft{}, err
	}
	defer root.Close() //nolint:errcheck // what is written is checked
	d := Draft{Length: pcm.Duration(), dir: dir}
	for _, f := range []struct {
		end     string
		content []byte
	}{{said, []byte(s.String())}, {".wav", rec.WAV}} {
		name := filepath.Join(rec.Lang, rec.Name+f.end)
		hidden, err := lay(root, name, f.content)
		if err != nil {
			return Draft{}, err
		}
		d.files = append(d.files, laid{hidden, name})
	}
	return d, nil
}

// check returns what can be heard in a recording, if it can be kept under its
// name.
func (rec Recording) check() (audio.PCM, error) {
	none := audio.PCM{}
	switch {
	case !Known(rec.Lang):
		return none, fmt.Errorf("language %q is not one of %s", rec.Lang, strings.Join(Languages(), ", "))
	case !recordedName.MatchString(rec.Name):
		return none, fmt.Errorf("a recording cannot be called %q", rec.Name)
	case len(rec.Words) > maxSaid/2:
		return none, fmt.Errorf("the words have %d bytes; %d are allowed", len(rec.Words), maxSaid/2)
	}
	if err := speaker(rec.Lang).recordable(rec.Name); err != nil {
		return none, err
	}
	pcm, err := audio.ReadWAV(rec.WAV)
	if err == nil {
		err = errors.Join(usable(pcm), listenable(pcm))
	}
	return pcm, err
}

// Put has callers hear a draft as soon as the recordings are read again.
func (d Draft) Put() error {
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	for _, f := range d.files {
		if err := root.Rename(f.hidden, f.name); err != nil {
			return fmt.Errorf("put in %s: %w", f.name, err)
		}
	}
	return nil
}

// folder opens the folder of recordings with that of a language in it. Nothing
// is written outside, wherever links in it lead.
func folder(dir, lang string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := root.MkdirAll(lang, 0o755); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// replace puts a file in the place of another at once, so that nobody reads
// half of it.
func replace(root *os.Root, name string, content []byte) error {
	hidden, err := lay(root, name, content)
	if err != nil {
		return err
	}
	if err := root.Rename(hidden, name); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), root.Remove(hidden))
	}
	return nil
}

// lay writes what a file is to have under a hidden name, which follows from both.
func lay(root *os.Root, name string, content []byte) (hidden string, err error) {
	hidden = filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+digest(content))
	if err := root.WriteFile(hidden, content, 0o644); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return hidden, nil
}

// TakeBack removes a recording: callers hear again what they heard without it.
func TakeBack(dir, lang, name string) error {
	if !Known(lang) || !recordedName.MatchString(name) {
		return fmt.Errorf("there is no recording %s/%s", lang, name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	if err := root.Remove(filepath.Join(lang, name+".wav")); err != nil {
		return err
	}
	if err := root.Remove(filepath.Join(lang, name+said)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// listenable finds what nobody would listen to, or make out.
func listenable(p audio.PCM) error {
	length := p.Duration()
	switch {
	case length < shortest:
		return unusable{ShortTake, fmt.Sprintf("it lasts %.1f seconds only", length.Seconds())}
	case length > longest:
		return fmt.Errorf("it lasts %s; nobody listens for longer than %s", length.Round(time.Second), longest)
	}
	return nil
}

// The limits above which a recording is told of.
const (
	tooLong = 30 * time.Second
	tooLoud = -10.0 // dBov: what is louder was recorded with distortion
)

// doubts tells what is amiss with a recording that can be used.
func (t *tongue) doubts(name string) []Finding {
	var all []Finding
	r, there := t.recording(name)
	if !there {
		return nil
	}
	file := t.lang.Code + "/" + name + ".wav"
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
	r, _ := t.recording(name)
	what := fmt.Sprintf("recording %s/%s.wav is stale and not played: ", t.lang.Code, name)
	if r.words != "" {
		what += fmt.Sprintf("it says %q, and the text is %q now", r.words, words)
	} else {
		what += fmt.Sprintf("the text is %q now, and no more what was read out", words)
	}
	return Finding{t.lang.Code, fmt.Sprintf("%s (recorded of %s, now %s)", what, r.text, t.lang.hash(words)), "record it anew"}
}
