package mailbox_test

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/mailbox"
	"github.com/holdless/holdless/sounds/audio"
)

const name = "ABCDEFGHIJKLMNOPQRSTUVWXY2"

// said is two seconds of sound, of some strength.
func said(level float64) []byte {
	b := make([]byte, 2*audio.Rate)
	for i := range b {
		b[i] = audio.ULaw(int16(level * math.Sin(float64(i)/2)))
	}
	return audio.WAV(b)
}

// TestMailbox holds what becomes of a message: it is kept for the service alone,
// played, and forgotten by name and by age.
func TestMailbox(t *testing.T) {
	t.Parallel()
	m := &mailbox.Mailbox{Dir: filepath.Join(t.TempDir(), "voicemail"), Taken: func(string) ([]byte, error) { return said(4000), nil }}
	for range 2 {
		if length, err := m.Keep(name); err != nil || length != 2*time.Second {
			t.Fatalf("kept %s: %v", length, err)
		}
	}
	if info, err := os.Stat(filepath.Join(m.Dir, name+".wav")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kept as %v: %v", info, err)
	}
	if wav, err := m.Play(name); err != nil || len(wav) != len(said(4000)) {
		t.Errorf("%d bytes: %v", len(wav), err)
	}
	if err := m.Forget(time.Now().Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if _, err := m.Play(name); err != nil {
		t.Errorf("forgotten too soon: %v", err)
	}
	if err := m.Forget(time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	for _, gone := range []string{name, "../" + name, "", "x"} {
		if _, err := m.Play(gone); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", gone, err)
		}
		if err := m.Drop(gone); err != nil {
			t.Errorf("%q: %v", gone, err)
		}
	}
}

// TestNothingToKeep holds that what nobody can hear is not kept, and that a folder
// which is not there is empty.
func TestNothingToKeep(t *testing.T) {
	t.Parallel()
	m := &mailbox.Mailbox{Dir: filepath.Join(t.TempDir(), "voicemail"), Taken: func(string) ([]byte, error) { return said(20), nil }}
	if length, err := m.Keep(name); err != nil || length != 0 {
		t.Errorf("kept %s: %v", length, err)
	}
	if err := m.Forget(time.Now()); err != nil {
		t.Error(err)
	}
	if _, err := m.Play(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("kept: %v", err)
	}
}
