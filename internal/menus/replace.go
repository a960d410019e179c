package menus

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/holdless/holdless/ivr"
)

// put writes the source of a menu into its file, and into those it takes nodes
// from. What it returns takes that back.
func (k *Keeper) put(file, source string) (undo func() error, err error) {
	var undone []func() error
	undo = func() error {
		var errs []error
		for _, do := range undone {
			errs = append(errs, do())
		}
		return errors.Join(errs...)
	}
	own, parts := ivr.Parts(source)
	texts := map[string]string{file: own}
	for name, text := range parts {
		part := filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
		if !filepath.IsLocal(filepath.FromSlash(name)) || k.taken(part) {
			return undo, fmt.Errorf("write %s: it is no part of a menu", part)
		}
		texts[part] = text
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		restore, err := replace(name, texts[name])
		if err != nil {
			return undo, err
		}
		undone = append(undone, restore)
	}
	return undo, nil
}

// replace writes a file. What it returns has it be as it was: a file that was
// not there is none again.
func replace(name, text string) (restore func() error, err error) {
	before, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		restore = func() error { return os.Remove(name) }
	case err != nil:
		return nil, err
	case string(before) == text:
		return func() error { return nil }, nil
	default:
		restore = func() error { return WriteFile(name, string(before)) }
	}
	return restore, WriteFile(name, text)
}

// taken reports whether a file is the configuration, or a menu of its own.
func (k *Keeper) taken(file string) bool {
	return slices.ContainsFunc(k.watched(), func(name string) bool { return filepath.Clean(k.file(name)) == file })
}

// WriteFile puts a text in the place of a file at once, so that nobody reads
// half of it. Where the file is a link, what it leads to is replaced.
func WriteFile(file, text string) error {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".holdless-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", file, err), os.Remove(tmp.Name()))
	}
	return nil
}
