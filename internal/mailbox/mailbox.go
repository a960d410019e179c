// Package mailbox keeps what callers have said when nobody could serve them.
package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// A Mailbox is a folder of messages, each a WAV file that nobody but the service
// may read. Its fields are set once, before use.
type Mailbox struct {
	Dir   string
	Taken func(take string) ([]byte, error) // what was put aside under a name
}

var _ callback.Mailbox = (*Mailbox)(nil)

// names are those of takes, which nobody can guess.
var names = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func (m *Mailbox) file(name string) (string, error) {
	if !names.MatchString(name) {
		return "", fmt.Errorf("message %q: %w", name, fs.ErrNotExist)
	}
	return filepath.Join(m.Dir, name+".wav"), nil
}

// Keep implements [callback.Mailbox].
func (m *Mailbox) Keep(take string) (time.Duration, error) {
	file, err := m.file(take)
	if err != nil {
		return 0, err
	}
	wav, err := m.Taken(take)
	if err != nil {
		return 0, err
	}
	reason, err := sounds.Judge(wav)
	if err != nil || reason == sounds.QuietTake || reason == sounds.ShortTake {
		return 0, err
	}
	pcm, err := audio.ReadWAV(wav)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(m.Dir, 0o700); err != nil {
		return 0, err
	}
	return pcm.Duration(), write(file, wav)
}

// write has a file appear whole, or not at all.
func write(file string, content []byte) error {
	fresh := file + ".new"
	if err := os.WriteFile(fresh, content, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, file)
}

// Play returns a message; [fs.ErrNotExist] when it is no longer kept.
func (m *Mailbox) Play(name string) ([]byte, error) {
	file, err := m.file(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// Drop forgets a message. One that is not there is no error.
func (m *Mailbox) Drop(name string) error {
	file, err := m.file(name)
	if err != nil {
		return nil //nolint:nilerr // such a name was never kept
	}
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Forget removes the messages from before a time.
func (m *Mailbox) Forget(before time.Time) error {
	files, err := os.ReadDir(m.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, f := range files {
		if info, err := f.Info(); err == nil && info.ModTime().Before(before) {
			errs = append(errs, os.Remove(filepath.Join(m.Dir, f.Name())))
		}
	}
	return errors.Join(errs...)
}
