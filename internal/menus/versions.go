package menus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

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
