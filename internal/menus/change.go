package menus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/holdless/holdless/callback"
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
