package callback

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A MenuVersion is one text of a menu.
type MenuVersion struct {
	Menu    string // as routes name it
	Version string // [ivr.Menu.Version]
	Source  string
	UsedAt  time.Time // when it last went live, or stopped being so
}

// LiveMenu says which version of a menu new talks begin with.
type LiveMenu struct {
	Menu    string
	Version string
	Trial   string // a version that a share of the callers meet; "" for none
	Share   int    // of a hundred
	InFile  bool   // the file of the menu names the share
}

// A Trial is a version of a menu that a share of the callers meet. The same
// caller stays on the same side.
type Trial struct {
	Menu   *ivr.Menu
	Share  int  // of a hundred
	InFile bool // the file of the menu names the share: it ends with that line
}

// meets reports whether a talk is one of the share.
func (r Trial) meets(t *Talk) bool {
	if r.Menu == nil {
		return false
	}
	who := string(t.Phone)
	if who == "" {
		who = t.ID
	}
	h := fnv.New32a()
	h.Write([]byte(r.Menu.Version() + who))
	return int(h.Sum32()%100) < r.Share
}

// MenuSet is what new talks begin with. It is never changed, only replaced.
type MenuSet struct {
	Menus  map[string]*ivr.Menu
	Trials map[string]Trial
}

// Live returns the menus that new talks begin with.
func (d *Desk) Live() MenuSet {
	if s := d.shown.Load(); s != nil {
		return *s
	}
	return MenuSet{Menus: d.Menus}
}

// choose returns the version that a new talk begins with; nil when there is no
// such menu.
func (s MenuSet) choose(t *Talk) *ivr.Menu {
	if trial := s.Trials[t.Menu]; trial.meets(t) {
		return trial.Menu
	}
	return s.Menus[t.Menu]
}

// find returns a version that is live.
func (s MenuSet) find(menu, version string) *ivr.Menu {
	for _, m := range []*ivr.Menu{s.Menus[menu], s.Trials[menu].Menu} {
		if m != nil && m.Version() == version {
			return m
		}
	}
	return nil
}

// Use puts menus before the desk, all at once. Talks that have begun go on in
// the version they began with, in this process and in the next. Their texts,
// and who changed what, are in the store before anybody hears them.
func (d *Desk) Use(ctx context.Context, s MenuSet, actor string) error {
	before, began := d.Live(), d.shown.Load() != nil
	err := d.update(ctx, func(tx Tx) error {
		for _, name := range slices.Sorted(maps.Keys(s.Menus)) {
			if began && before.Menus[name] == s.Menus[name] && before.Trials[name] == s.Trials[name] {
				continue // what other processes make of it is theirs to tell
			}
			if err := d.useMenu(tx, s, name, actor); err != nil {
				return fmt.Errorf("menu %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.texts.keep(before)
	d.shown.Store(&s)
	return nil
}

// useMenu writes down what is new about one menu.
func (d *Desk) useMenu(tx Tx, s MenuSet, name, actor string) error {
	now := LiveMenu{Menu: name, Version: s.Menus[name].Version()}
	if trial := s.Trials[name]; trial.Menu != nil {
		now.Trial, now.Share, now.InFile = trial.Menu.Version(), trial.Share, trial.InFile
	}
	was, err := tx.LiveMenu(name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && was == now {
		return nil
	}
	for _, m := range []*ivr.Menu{s.Menus[name], s.Trials[name].Menu} {
		if m == nil {
			continue
		}
		if err := tx.KeepMenu(MenuVersion{name, m.Version(), m.Source(), d.Now()}); err != nil {
			return err
		}
	}
	return errors.Join(tx.LeaveMenu(name, was.Version, d.Now()), tx.PutLiveMenu(now), d.tellUse(tx, was, now, actor))
}

// tellUse writes into the journal what has become of a menu.
func (d *Desk) tellUse(tx Tx, was, now LiveMenu, actor string) error {
	tell := func(kind, version string) error {
		return tx.Record(Entry{At: d.Now(), Kind: kind, Name: now.Menu, Value: version, Actor: actor})
	}
	var errs []error
	if was.Version != now.Version {
		errs = append(errs, tell("menu.live", now.Version))
	}
	switch {
	case was.Trial == now.Trial && was.Share == now.Share:
	case now.Trial == "" && was.Trial == now.Version:
		errs = append(errs, tell("menu.promoted", was.Trial))
	case now.Trial == "":
		errs = append(errs, tell("menu.withdrawn", was.Trial))
	default:
		errs = append(errs, tell("menu.trial", fmt.Sprintf("%s %d%%", now.Trial, now.Share)))
	}
	return errors.Join(errs...)
}

// menuOf returns the menu of a talk, in the version the talk began with; nil
// when there is no such menu.
func (d *Desk) menuOf(tx Tx, t *Talk) (*ivr.Menu, error) {
	if m := d.menuAtHand(t); m != nil {
		return m, nil
	}
	v, err := tx.MenuVersion(t.Menu, t.Version)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err == nil {
		var m *ivr.Menu
		if m, err = ivr.Parse(t.Menu, []byte(v.Source)); err == nil {
			d.texts.add(t.Menu, t.Version, m)
			return m, nil
		}
	}
	d.Log.Warn("talk goes on in the live version of its menu", "talk", t.ID, "menu", t.Menu, "version", t.Version, "err", err)
	m := d.Live().choose(t)
	if m != nil {
		t.Version = m.Version()
	}
	return m, nil
}

// menuAtHand is menuOf as far as this process knows by itself. A talk that has
// just begun is pinned to a version here.
func (d *Desk) menuAtHand(t *Talk) *ivr.Menu {
	live := d.Live()
	if t.Version == "" {
		if m := live.choose(t); m != nil {
			t.Version = m.Version()
			return m
		}
		return nil
	}
	if m := live.find(t.Menu, t.Version); m != nil {
		return m
	}
	return d.texts.find(t.Menu, t.Version)
}

// olderMost is how many versions that are not live any more are kept at hand.
const olderMost = 64

// older keeps versions of menus that talks may still be held in.
type older struct {
	mu    sync.Mutex
	menus map[[2]string]*ivr.Menu
}

func (o *older) find(menu, version string) *ivr.Menu {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.menus[[2]string{menu, version}]
}

// add keeps a version. When there are too many, all are forgotten: the store
// has them.
func (o *older) add(menu, version string, m *ivr.Menu) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.menus == nil || len(o.menus) >= olderMost {
		o.menus = map[[2]string]*ivr.Menu{}
	}
	o.menus[[2]string{menu, version}] = m
}

func (o *older) keep(s MenuSet) {
	for name, m := range s.Menus {
		o.add(name, m.Version(), m)
	}
	for name, r := range s.Trials {
		o.add(name, r.Menu.Version(), r.Menu)
	}
}
