package sounds

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// A take is what somebody has just spoken into the telephone. It lies in a
// hidden folder among the recordings, where every process finds it, until it is
// kept or forgotten.
const takes = ".takes"

// takeTime is how long a take is kept whose speaker hung up.
const takeTime = time.Hour

// Why a take cannot be used, as menus speak of it.
const (
	QuietTake = ivr.TakeQuiet
	LoudTake  = ivr.TakeLoud
	ShortTake = ivr.TakeShort
)

// unusable is the error of a recording that nobody would hear well.
type unusable struct{ reason, text string }

func (u unusable) Error() string { return u.text }

var takeName = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Take puts aside what somebody has spoken, and returns a name for it that
// nobody can guess.
func (v *Voice) Take(wav []byte) (string, error) {
	if v.dir == "" {
		return "", errors.New("there is no folder for recordings")
	}
	if len(wav) > audio.MaxBytes {
		return "", fmt.Errorf("%d bytes are more than %d", len(wav), audio.MaxBytes)
	}
	root, err := folder(v.dir, takes)
	if err != nil {
		return "", err
	}
	defer root.Close() //nolint:errcheck // what is written is checked
	name := rand.Text()
	return name, replace(root, takeFile(name), wav)
}

// Forget removes takes that nobody has kept for an hour, and drafts that nobody
// has put in.
func (v *Voice) Forget(now time.Time) {
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return // there are none
	}
	defer root.Close() //nolint:errcheck // it was only read
	forget(root, takes, "", now.Add(-takeTime))
	for lang := range v.tongues {
		forget(root, lang, ".", now.Add(-takeTime))
	}
}

func takeFile(name string) string { return filepath.Join(takes, name+".wav") }

// forget removes files of a folder, whose names begin so, from before a time. One
// that cannot be removed is left for the next time.
func forget(root *os.Root, dir, begin string, before time.Time) {
	files, _ := fs.ReadDir(root.FS(), dir)
	for _, f := range files {
		info, err := f.Info()
		if err == nil && strings.HasPrefix(f.Name(), begin) && !f.IsDir() && info.ModTime().Before(before) {
			_ = root.Remove(filepath.Join(dir, f.Name()))
		}
	}
}

// Taken returns what was put aside under a name.
func (v *Voice) Taken(name string) ([]byte, error) {
	if !takeName.MatchString(name) || v.dir == "" {
		return nil, fmt.Errorf("take %q: %w", name, fs.ErrNotExist)
	}
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	return readAtMost(root, takeFile(name), audio.MaxBytes+1)
}

// Judge tells why a recording cannot be used, in one of the words in which menus
// speak of it; "" when it can. What is wrong in another way is an error.
func Judge(wav []byte) (reason string, err error) {
	pcm, err := audio.ReadWAV(wav)
	if err != nil {
		return "", err
	}
	err = listenable(pcm)
	if err == nil {
		err = usable(pcm)
	}
	if u, ok := errors.AsType[unusable](err); ok {
		return u.reason, nil
	}
	return "", err
}

// taken is the sound of a take as callers would hear it. One that is gone is
// left out, as all that cannot be said.
func (v *Voice) taken(name string) []Clip {
	wav, err := v.Taken(name)
	if err != nil {
		return nil
	}
	pcm, err := audio.ReadWAV(wav)
	if err != nil {
		return nil
	}
	return []Clip{newClip(audio.Encode(audio.Speech(pcm, breath)))}
}

// beep is heard right before what is said is taken down.
var beep = newClip(audio.Encode(audio.Beep()))

// Beep returns the tone after which somebody speaks.
func (v *Voice) Beep() Clip { return beep }
