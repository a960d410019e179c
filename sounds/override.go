package sounds

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"unicode"

	"github.com/holdless/holdless/sounds/audio"
)

// Slug returns the name under which an operator records words that have no
// name of their own: small letters, figures and hyphens, at most 60.
func Slug(words string) string {
	const most = 60
	var b strings.Builder
	n := 0
	for word := range strings.FieldsFuncSeq(strings.ToLower(words), notInSlug) {
		if n += len([]rune(word)) + 1; n > most+1 {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word)
	}
	return b.String()
}

func notInSlug(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// overrides reads the operator's recordings of a language, and tells by name
// which of them cannot be used. The folder confines what is read, links
// included.
func overrides(dir string, l *language) (all map[string]record, wrong map[string]error, err error) {
	all, wrong = map[string]record{}, map[string]error{}
	if dir == "" {
		return all, wrong, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("folder of recordings: %w", err)
	}
	defer func() { _ = root.Close() }()
	files, err := fs.ReadDir(root.FS(), l.Code)
	if errors.Is(err, fs.ErrNotExist) {
		return all, wrong, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("folder of recordings: %w", err)
	}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".wav")
		if !ok || strings.HasPrefix(name, ".") {
			continue
		}
		r, err := recording(root, l, name)
		if err != nil {
			wrong[name] = fmt.Errorf("recording %s/%s: %w", l.Code, f.Name(), err)
			continue
		}
		all[name] = r
	}
	return all, wrong, nil
}

func recording(root *os.Root, l *language, name string) (record, error) {
	if err := l.recordable(name); err != nil {
		return record{}, err
	}
	wav, err := readAtMost(root, l.Code+"/"+name+".wav", audio.MaxBytes+1)
	if err != nil {
		return record{}, err
	}
	pcm, err := audio.ReadWAV(wav)
	if err != nil {
		return record{}, err
	}
	if err := usable(pcm); err != nil {
		return record{}, err
	}
	r := record{
		Clip: newClip(audio.Encode(audio.Speech(pcm, breath))), length: pcm.Duration(),
		level: audio.Level(audio.Resample(pcm, audio.Rate).Samples),
	}
	side, err := readAtMost(root, l.Code+"/"+name+said, maxSaid)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return record{}, err
	}
	r.sidecar = l.readSidecar(side, wav)
	return r, nil
}

func readAtMost(root *os.Root, name string, most int64) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, most))
}

// recordable reports why one recording cannot say what a name stands for.
func (l *language) recordable(name string) error {
	if holes := l.phrases[name].holes(); len(holes) > 0 {
		return fmt.Errorf("one recording cannot say it, as {%s} changes", strings.Join(holes, "}, {"))
	}
	return nil
}

// usable finds what a recording must not be: silent, or distorted.
func usable(p audio.PCM) error {
	const quiet, loud, faint = 0.005, 0.975, -45.0 // the loudest that G.711 can say is 0.98
	if p.Peak() < quiet {
		return unusable{QuietTake, "it is silent, or nearly so"}
	}
	if level := audio.Level(audio.Resample(p, audio.Rate).Samples); level < faint {
		return unusable{QuietTake, fmt.Sprintf("it is too quiet: speech at %.0f dBov, and it takes %.0f; record it with more gain", level, faint)}
	}
	clipped := 0
	for _, s := range p.Samples {
		if math.Abs(s) >= loud {
			clipped++
		}
	}
	if clipped*1000 > len(p.Samples) {
		return unusable{LoudTake, fmt.Sprintf("it is distorted: %.1f %% of it is at full scale; record it with less gain",
			100*float64(clipped)/float64(len(p.Samples)))}
	}
	return nil
}
