package sounds

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Reload reads the operator's recordings anew. Callers hear them from the next
// prompt on. One that cannot be used is told of in the error, and leaves what
// was heard before.
func (v *Voice) Reload() error {
	var errs []error
	for _, lang := range slices.Sorted(maps.Keys(v.tongues)) {
		t := v.tongues[lang]
		before := *t.override.Load()
		now, wrong, err := overrides(v.dir, t.lang)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(wrong)) {
			errs = append(errs, wrong[name])
			if r, had := before[name]; had {
				now[name] = r
			}
		}
		t.override.Store(&now)
	}
	return errors.Join(errs...)
}

// Look tells recordings of one moment from those of another: it changes when a
// file comes, goes, or is replaced.
func (v *Voice) Look() string {
	if v.dir == "" {
		return ""
	}
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return err.Error()
	}
	defer root.Close() //nolint:errcheck // nothing was written
	var b strings.Builder
	for _, lang := range slices.Sorted(maps.Keys(v.tongues)) {
		files, _ := fs.ReadDir(root.FS(), lang) // no folder, no recordings
		for _, f := range files {
			if info, err := f.Info(); err == nil && !strings.HasPrefix(f.Name(), ".") {
				fmt.Fprintln(&b, lang, f.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return b.String()
}

// Adopt writes down what recordings say that came without a word of it: what
// they stand for now. From then on it is known when that changes. It returns how
// many there were.
func (v *Voice) Adopt(own []Own, at time.Time) (int, error) {
	var errs []error
	n := 0
	for _, s := range v.Scripts(own) {
		r, there := v.tongue(s.Lang).recording(s.Name)
		if !there || r.text != "" {
			continue
		}
		n++
		errs = append(errs, v.adopt(s, at))
	}
	return n, errors.Join(errs...)
}

func (v *Voice) adopt(s Script, at time.Time) error {
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // what is written is checked
	file := filepath.Join(s.Lang, s.Name)
	wav, err := root.ReadFile(file + ".wav")
	if err != nil {
		return err
	}
	side := sidecar{text: s.Hash, wav: digest(wav), by: "file", at: at, words: s.Words}
	return replace(root, file+said, []byte(side.String()))
}
