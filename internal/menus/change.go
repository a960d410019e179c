package menus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// ErrStale says that somebody else changed the menu meanwhile.
var ErrStale = errors.New("somebody else changed it meanwhile")

// Publish writes a text into the file of a menu and puts it before the desk,
// if it is right; [ivr.Mistakes] if not. Base is the hash of the text that it was
// made from: when another is in the file by now, it is ErrStale. An empty base
// is any.
func (k *Keeper) Publish(ctx context.Context, menu, text, base, actor string) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	file, err := k.FileOf(menu)
	if err != nil {
		return err
	}
	m, err := k.Check(file, text)
	if err != nil {
		return err
	}
	if _, now, err := k.Text(menu); err == nil && base != "" && base != now {
		return ErrStale
	}
	s := k.set()
	k.take(s, menu, m)
	return k.write(ctx, menu, text, s, actor)
}

// Text returns what is in the file of a menu, right or wrong, and its hash. For
// a menu that ships it is the text that callers hear.
func (k *Keeper) Text(menu string) (text, hash string, err error) {
	m := k.Desk.Live().Menus[menu]
	if m == nil || k.Files[menu] == "" {
		if m == nil {
			return "", "", fmt.Errorf("menu %s: %w", menu, callback.ErrNotFound)
		}
		return m.Source(), m.Version(), nil
	}
	src, err := os.ReadFile(k.Files[menu])
	if err != nil {
		return m.Source(), m.Version(), err
	}
	sum := sha256.Sum256(src)
	return string(src), hex.EncodeToString(sum[:6]), nil
}

// write puts the new text of a menu into its file and before the desk. When
// the desk cannot take it, the file is as it was.
func (k *Keeper) write(ctx context.Context, menu, text string, s callback.MenuSet, actor string) error {
	undo, err := k.put(k.Files[menu], text)
	if err != nil {
		return fmt.Errorf("%w; let the service's user write there, or change the file yourself", errors.Join(err, undo()))
	}
	if err := k.use(ctx, s, actor); err != nil {
		return errors.Join(err, undo())
	}
	if _, err := k.read(menu); err != nil {
		k.Log.Warn("menu reads otherwise than it was written", "menu", menu, "err", err)
	}
	k.note(menu, k.lookAt(menu))
	k.blame(ctx, menu, nil, actor)
	return nil
}

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

// Rollback puts an earlier version of a menu before the desk and into its
// file: the one that was live before, the one that is live while another is on
// trial, or the one that is named by the beginning of its hash. It returns the
// version. With no menu named it is the one that changed last.
func (k *Keeper) Rollback(ctx context.Context, menu, to, actor string) (string, string, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	menu, version, err := k.earlier(ctx, menu, to)
	if err != nil {
		return menu, "", err
	}
	if _, err := k.FileOf(menu); err != nil {
		return menu, "", err
	}
	m, err := k.Version(ctx, menu, version)
	if err != nil {
		return menu, "", fmt.Errorf("version %s of %s cannot be held any more: %w", version, menu, err)
	}
	s := k.set()
	s.Menus[menu] = m
	delete(s.Trials, menu)
	return menu, version, k.write(ctx, menu, m.Source(), s, actor)
}

// historyMost is how far back in the journal versions are looked for.
const historyMost = 1000

// earlier finds out which menu goes back to which version.
func (k *Keeper) earlier(ctx context.Context, menu, to string) (string, string, error) {
	all, err := k.Changes(ctx, historyMost)
	if err != nil {
		return menu, "", err
	}
	for _, c := range all {
		if menu == "" && (c.What == "live" || c.What == "trial") && c.By != ByStart && k.Files[c.Menu] != "" {
			menu = c.Menu
		}
	}
	if menu == "" {
		return "", "", errors.New("no menu was changed yet")
	}
	live := k.Desk.Live().Menus[menu]
	if live == nil {
		_, err := k.FileOf(menu)
		return menu, "", err
	}
	if k.Desk.Live().Trials[menu].Menu != nil && to == "" {
		return menu, live.Version(), nil // it is what callers met before the trial
	}
	for _, version := range versions(all, menu, to == "") {
		if version != live.Version() && strings.HasPrefix(version, to) {
			return menu, version, nil
		}
	}
	if to != "" {
		return menu, "", fmt.Errorf("no earlier version of %s begins with %s; see holdless menus log", menu, to)
	}
	return menu, "", fmt.Errorf("%s has no earlier version", menu)
}

// Versions lists the versions of a menu that were live, or on trial, the
// latest first.
func Versions(all []Change, menu string) []string { return versions(all, menu, false) }

// versions is Versions, with or without those that were on trial only.
func versions(all []Change, menu string, live bool) []string {
	var found []string
	for _, c := range all {
		version, _, _ := strings.Cut(c.Value, " ")
		met := c.What == "live" || c.What == "promoted" || c.What == "trial" && !live
		if c.Menu == menu && met && !slices.Contains(found, version) {
			found = append(found, version)
		}
	}
	return found
}

// Version returns a version of a menu by its hash; "" for the one that is live.
func (k *Keeper) Version(ctx context.Context, menu, version string) (*ivr.Menu, error) {
	live := k.Desk.Live()
	switch {
	case live.Menus[menu] == nil:
		return nil, fmt.Errorf("menu %s: %w", menu, callback.ErrNotFound)
	case version == "" || live.Menus[menu].Version() == version:
		return live.Menus[menu], nil
	}
	var m *ivr.Menu
	err := k.Store.View(ctx, func(tx callback.Tx) (err error) {
		m, err = k.stored(tx, menu, version)
		return err
	})
	return m, err
}

// Trial lets a share of the callers, in percent, meet another text of a menu.
func (k *Keeper) Trial(ctx context.Context, menu, text string, share int, actor string) (string, error) {
	if share < 1 || share > 99 {
		return "", fmt.Errorf("a share is 1 to 99 of a hundred callers, and not %d", share)
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	s := k.set()
	if s.Menus[menu] == nil {
		_, err := k.FileOf(menu)
		return "", err
	}
	m, err := k.Check(menu, text)
	if err != nil {
		return "", err
	}
	if m.Version() == s.Menus[menu].Version() {
		return "", fmt.Errorf("this text of %s is live already", menu)
	}
	s.Trials[menu] = callback.Trial{Menu: m, Share: share}
	return m.Version(), k.use(ctx, s, actor)
}

// Promote makes the version that is on trial the one that everybody meets,
// and writes it into the file of the menu.
func (k *Keeper) Promote(ctx context.Context, menu, actor string) (string, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	s := k.set()
	r := s.Trials[menu]
	if r.Menu == nil {
		return "", fmt.Errorf("no version of %s is on trial", menu)
	}
	if _, err := k.FileOf(menu); err != nil {
		return "", err
	}
	s.Menus[menu] = r.Menu
	delete(s.Trials, menu)
	return r.Menu.Version(), k.write(ctx, menu, r.Menu.Source(), s, actor)
}

// Withdraw ends a trial: everybody meets the version that is live. When the
// trial stands in the file of the menu, that version is written there.
func (k *Keeper) Withdraw(ctx context.Context, menu, actor string) (string, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	s := k.set()
	r := s.Trials[menu]
	if r.Menu == nil {
		return "", fmt.Errorf("no version of %s is on trial", menu)
	}
	inFile := s.Trials[menu].InFile
	delete(s.Trials, menu)
	if inFile { // or the next start would begin the trial again
		return r.Menu.Version(), k.write(ctx, menu, s.Menus[menu].Source(), s, actor)
	}
	return r.Menu.Version(), k.use(ctx, s, actor)
}
