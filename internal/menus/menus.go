// Package menus looks after the menus of a running service: it sees when a
// file changes, puts what is right before the desk, and takes it back.
package menus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A Desk holds talks in menus.
type Desk interface {
	Live() callback.MenuSet
	Use(ctx context.Context, s callback.MenuSet, actor string) error
}

// A Keeper looks after menus. Its fields are set once, before use.
type Keeper struct {
	Desk  Desk
	Store callback.Store
	Menus map[string]*ivr.Menu // as they were loaded at the start
	Wrong map[string]error     // those that could not be: the store has what was live last
	Files map[string]string    // the file of each menu that has one
	// Read reads a menu file as it is read at the start, and tells the names of
	// the files that it takes nodes from. An error that is [ivr.Mistakes] is
	// about what is in it.
	Read  func(file string, tell func(file string)) (*ivr.Menu, error)
	Parse func(file string, src []byte) (*ivr.Menu, error) // Read, of a text that is in no file yet
	// Prove holds the tests that stand in a menu against it, before it goes
	// live; nil for none. Versions that have been live are not proved again.
	Prove func(m *ivr.Menu) error
	// Config is the file that names the menus, and TakeConfig puts into force
	// what may change in it while the service runs, or says what is wrong with
	// it: a mistake is told in time.
	Config     string
	TakeConfig func(ctx context.Context, actor string) error
	Ready      func(ctx context.Context, m *ivr.Menu) // prepares the voice; may be nil
	// Others tells that other processes use the store too, and may begin a trial.
	Others bool
	Now    func() time.Time
	Log    *slog.Logger

	changing sync.Mutex // held by who changes what is live

	mu     sync.Mutex
	seen   map[string]look     // what each file held when it was looked at last
	parts  map[string][]string // the files that each menu takes nodes from
	faults map[string]error    // why a file is not live
}

// configuration is the name under which the configuration is watched. No menu
// has it.
const configuration = ""

// Who changes menus, beside people: "shell:anna", "browser:anna".
const (
	ByStart = "start" // at the start of the service
	ByFile  = "file"  // somebody changed the file
)

// A State is how it stands with one menu.
type State struct {
	Menu    string
	File    string // "" for one that ships with holdless
	Version string
	Trial   string // on trial with Share of a hundred callers; "" for none
	Share   int
	Wrong   error // why the file is not live as it is; nil when it is
}

// Start puts the menus before the desk, and trials that were under way.
func (k *Keeper) Start(ctx context.Context) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	trials, err := k.trials(ctx, nil)
	if err != nil {
		return fmt.Errorf("find menus on trial: %w", err)
	}
	for _, name := range k.watched() {
		k.note(name, k.lookAt(name))
	}
	first := map[string]*ivr.Menu{} // what a share of the callers meets, by its file
	for name := range k.Files {
		m, err := k.read(name) // it may have been changed since
		switch {
		case err == nil && m.Canary() > 0:
			first[name] = m
			fallthrough
		case err == nil:
			k.Menus[name] = m
			delete(k.Wrong, name)
		case k.Wrong[name] == nil:
			k.Wrong[name] = err
		}
	}
	if err := k.rescue(ctx); err != nil {
		return err
	}
	s := callback.MenuSet{Menus: k.Menus, Trials: trials}
	k.share(ctx, s, first)
	if err := k.Desk.Use(ctx, s, ByStart); err != nil {
		return err
	}
	for name, why := range k.Wrong {
		k.blame(ctx, name, why, ByStart)
	}
	return nil
}

// rescue takes the menus whose files are wrong from the store, as they were
// live last: a service that ran well also starts again.
func (k *Keeper) rescue(ctx context.Context) error {
	return k.Store.View(ctx, func(tx callback.Tx) error {
		for name, why := range k.Wrong {
			live, err := tx.LiveMenu(name)
			if errors.Is(err, callback.ErrNotFound) {
				return why
			}
			if err != nil {
				return err
			}
			if k.Menus[name], err = k.stored(tx, name, live.Version); err != nil {
				return why
			}
		}
		return nil
	})
}

// trials reads from the store which versions are on trial. Those that are
// known need not be read again.
func (k *Keeper) trials(ctx context.Context, known map[string]callback.Trial) (map[string]callback.Trial, error) {
	all := map[string]callback.Trial{}
	err := k.Store.View(ctx, func(tx callback.Tx) error {
		clear(all)
		for name := range k.Menus {
			live, err := tx.LiveMenu(name)
			if errors.Is(err, callback.ErrNotFound) || err == nil && live.Trial == "" {
				continue
			}
			if err != nil {
				return err
			}
			r := callback.Trial{Menu: known[name].Menu, Share: live.Share, InFile: live.InFile}
			if r.Menu == nil || r.Menu.Version() != live.Trial {
				if r.Menu, err = k.stored(tx, name, live.Trial); err != nil {
					k.Log.Warn("menu on trial cannot be read", "menu", name, "version", live.Trial, "err", err)
					continue
				}
			}
			all[name] = r
		}
		return nil
	})
	return all, err
}

// stored reads a version from the store.
func (k *Keeper) stored(tx callback.Tx, menu, version string) (*ivr.Menu, error) {
	v, err := tx.MenuVersion(menu, version)
	if err != nil {
		return nil, err
	}
	return k.Parse(cmp.Or(k.Files[menu], menu), []byte(v.Source))
}

// States tells how it stands with every menu, by name.
func (k *Keeper) States() []State {
	live := k.Desk.Live()
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []State
	for _, name := range slices.Sorted(maps.Keys(live.Menus)) {
		s := State{Menu: name, File: k.Files[name], Version: live.Menus[name].Version(), Wrong: k.faults[name]}
		if r := live.Trials[name]; r.Menu != nil {
			s.Trial, s.Share = r.Menu.Version(), r.Share
		}
		all = append(all, s)
	}
	return all
}

// Faults says what is wrong with files, in one line each.
func (k *Keeper) Faults() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(k.faults)) {
		line := name + " is as it was before: " + Brief(k.faults[name])
		if name == configuration {
			line = "The service would not start again: " + Brief(k.faults[name])
		}
		all = append(all, line)
	}
	return all
}

// set is what is live, to be changed.
func (k *Keeper) set() callback.MenuSet {
	live := k.Desk.Live()
	s := callback.MenuSet{Menus: maps.Clone(live.Menus), Trials: maps.Clone(live.Trials)}
	if s.Trials == nil {
		s.Trials = map[string]callback.Trial{}
	}
	return s
}

// use prepares what is new and puts it before the desk.
func (k *Keeper) use(ctx context.Context, s callback.MenuSet, actor string) error {
	live := k.Desk.Live()
	for name, m := range s.Menus {
		k.ready(ctx, m, live.Menus[name])
	}
	for name, r := range s.Trials {
		k.ready(ctx, r.Menu, live.Trials[name].Menu)
	}
	if err := k.Desk.Use(ctx, s, actor); err != nil {
		return fmt.Errorf("put menus before the desk: %w", err)
	}
	return nil
}

func (k *Keeper) ready(ctx context.Context, m, was *ivr.Menu) {
	if k.Ready != nil && (was == nil || was.Version() != m.Version()) {
		k.Ready(ctx, m)
	}
}

// A Change is one line of what became of menus.
type Change struct {
	At    time.Time
	Menu  string
	What  string // "live", "refused", "trial", "promoted", "withdrawn"
	Value string // the version, and what more there is to say
	By    string
}

// Changes tells what became of menus, newest first.
func (k *Keeper) Changes(ctx context.Context, most int) ([]Change, error) {
	var all []Change
	err := k.Store.View(ctx, func(tx callback.Tx) error {
		entries, err := tx.MenuEntries(most)
		all = nil
		for _, e := range entries {
			all = append(all, Change{At: e.At, Menu: e.Name, What: e.Kind[len("menu."):], Value: e.Value, By: e.Actor})
		}
		return err
	})
	return all, err
}
