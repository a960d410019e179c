package menus

import (
	"context"
	"fmt"

	"github.com/holdless/holdless/callback"
)

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
