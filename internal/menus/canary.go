package menus

import (
	"context"
	"errors"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// take puts a menu that was read from its file into a set: for everybody, or
// for the share of the callers that its file names, in which case what is live
// stays so for the others.
func (k *Keeper) take(s callback.MenuSet, name string, m *ivr.Menu) {
	live := s.Menus[name]
	if r := s.Trials[name]; r.Menu != nil && (r.Menu.Version() == m.Version() || r.InFile) {
		delete(s.Trials, name) // the file says anew who meets what
	}
	switch {
	case m.Canary() == 0:
		s.Menus[name] = m
	case live == nil:
		k.Log.Warn("everybody meets a menu with canary: there is no version before it", "menu", name)
		s.Menus[name] = m
	case live.Version() != m.Version():
		s.Trials[name] = callback.Trial{Menu: m, Share: m.Canary(), InFile: true}
	}
}

// share finds, at the start, what was live before the files that name a share,
// and ends the trials whose files name none any more.
func (k *Keeper) share(ctx context.Context, s callback.MenuSet, first map[string]*ivr.Menu) {
	for name, m := range first {
		delete(s.Menus, name)
		err := k.Store.View(ctx, func(tx callback.Tx) error {
			live, err := tx.LiveMenu(name)
			if err == nil {
				s.Menus[name], err = k.stored(tx, name, live.Version)
			}
			if errors.Is(err, callback.ErrNotFound) {
				return nil
			}
			return err
		})
		if err != nil {
			delete(s.Menus, name)
			k.Log.Warn("version before a menu with canary cannot be read", "menu", name, "err", err)
		}
		k.take(s, name, m)
	}
	for name := range k.Files {
		if m := s.Menus[name]; first[name] == nil && k.Wrong[name] == nil && m != nil {
			k.take(s, name, m)
		}
	}
}
