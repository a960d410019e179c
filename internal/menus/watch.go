package menus

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// pollEvery is how often files are looked at. Their content is compared, and
// not the time of the change: a link that is turned to another file counts
// too. A file has to be the same twice, so that nothing half written is taken.
const pollEvery = 300 * time.Millisecond

// sizeMost is what is read of a file to compare it. No menu may be as large.
const sizeMost = 1 << 20

// A look is what a file held: a hash of its content, or why it has none.
type look struct {
	sum [sha256.Size]byte
	err string
}

// watched names all that is looked at: the menus that have files, and the
// configuration.
func (k *Keeper) watched() []string {
	all := slices.Sorted(maps.Keys(k.Files))
	if k.Config != "" {
		all = append(all, configuration)
	}
	return all
}

// file returns the file behind a name.
func (k *Keeper) file(name string) string {
	if name == configuration {
		return k.Config
	}
	return k.Files[name]
}

// lookAt looks at the file of a menu, and at those it takes nodes from.
func (k *Keeper) lookAt(name string) look {
	k.mu.Lock()
	parts := k.parts[name]
	k.mu.Unlock()
	var all look
	for _, file := range append([]string{k.file(name)}, parts...) {
		src, err := small(file)
		if err != nil {
			all.err += err.Error()
		}
		all.sum = sha256.Sum256(append(all.sum[:], src...))
	}
	return all
}

func small(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > sizeMost) {
		err = errors.New("it is not a file that can be a menu")
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// read reads a menu, and remembers which files it takes nodes from.
func (k *Keeper) read(name string) (*ivr.Menu, error) {
	var parts []string
	m, err := k.proven(k.Read(k.Files[name], func(file string) { parts = append(parts, file) }))
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parts == nil {
		k.parts = map[string][]string{}
	}
	k.parts[name] = parts
	return m, err
}

// Check reads a text as it would be read from the file of a menu, and holds
// its tests.
func (k *Keeper) Check(file, text string) (*ivr.Menu, error) {
	return k.proven(k.Parse(file, []byte(text)))
}

// proven holds the tests of a menu against it.
func (k *Keeper) proven(m *ivr.Menu, err error) (*ivr.Menu, error) {
	if err == nil && k.Prove != nil {
		err = k.Prove(m)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// note remembers a look at a file.
func (k *Keeper) note(name string, l look) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil {
		k.seen = map[string]look{}
	}
	k.seen[name] = l
}

// Run sees when files change, after Start, until ctx is done.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	fresh := map[string]look{} // what changed a moment ago
	for n := 0; ; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		k.poll(ctx, fresh)
		if k.Others && n%4 == 0 {
			k.follow(ctx)
		}
	}
}

// poll loads the files that changed and have come to rest.
func (k *Keeper) poll(ctx context.Context, fresh map[string]look) {
	var changed []string
	for _, name := range k.watched() {
		l := k.lookAt(name)
		k.mu.Lock()
		same := k.seen[name] == l
		k.mu.Unlock()
		was, waits := fresh[name]
		switch {
		case same:
			delete(fresh, name)
		case waits && was == l:
			delete(fresh, name)
			changed = append(changed, name)
		default:
			fresh[name] = l
		}
	}
	if len(changed) == 0 {
		return
	}
	if _, err := k.load(ctx, changed, ByFile); err != nil {
		k.Log.Error("menus not changed", "err", err)
	}
}

// follow takes over a trial that another process has begun or ended.
func (k *Keeper) follow(ctx context.Context) {
	k.changing.Lock()
	defer k.changing.Unlock()
	s := k.set()
	trials, err := k.trials(ctx, s.Trials)
	if err != nil || maps.Equal(trials, s.Trials) {
		return // a store that does not answer is told of elsewhere
	}
	s.Trials = trials
	if err := k.use(ctx, s, ByStart); err != nil {
		k.Log.Error("menus on trial not changed", "err", err)
	}
}

// Reload reads all files now, whether they changed or not. It returns what is
// wrong with those that are not live as they are.
func (k *Keeper) Reload(ctx context.Context, actor string) (map[string]error, error) {
	return k.load(ctx, k.watched(), actor)
}

// load reads some menus and puts those before the desk that are right, all at
// once. A file that is wrong keeps nobody else's from being heard.
func (k *Keeper) load(ctx context.Context, names []string, actor string) (map[string]error, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	s, wrong := k.set(), map[string]error{}
	seen := map[string]look{}
	for _, name := range names {
		if name == configuration {
			seen[name] = k.lookAt(name)
			if err := k.TakeConfig(ctx, actor); err != nil {
				wrong[name] = err
			}
			continue
		}
		before := k.lookAt(name)
		m, err := k.read(name)
		if seen[name] = k.lookAt(name); seen[name] != before {
			seen[name] = before // other files, or changed just now: look again
		}
		if err != nil {
			wrong[name] = err
			continue
		}
		k.take(s, name, m)
	}
	if err := k.use(ctx, s, actor); err != nil {
		return wrong, err // the files are looked at again
	}
	for _, name := range names {
		k.note(name, seen[name])
		k.blame(ctx, name, wrong[name], actor)
	}
	return wrong, nil
}

// blame remembers what is wrong with a file, and tells it once.
func (k *Keeper) blame(ctx context.Context, name string, err error, actor string) {
	k.mu.Lock()
	was := k.faults[name]
	if k.faults == nil {
		k.faults = map[string]error{}
	}
	k.faults[name] = err
	if err == nil {
		delete(k.faults, name)
	}
	k.mu.Unlock()
	switch {
	case err == nil && was != nil:
		k.Log.Info("file is right again", "menu", name)
	case err == nil || was != nil && was.Error() == err.Error():
	case name == configuration:
		k.Log.Error("configuration has mistakes; the service would not start with it", "err", Brief(err))
	default:
		k.Log.Error("menu not changed; callers hear the version before", "menu", name, "err", Brief(err))
		k.refused(ctx, name, err, actor)
	}
}

func (k *Keeper) refused(ctx context.Context, name string, why error, actor string) {
	err := k.Store.Update(ctx, func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: k.Now(), Kind: "menu.refused", Name: name, Value: Brief(why), Actor: actor})
	})
	if err != nil {
		k.Log.Warn("refusal not written down", "menu", name, "err", err)
	}
}

// Brief says in one line what is wrong with a menu.
func Brief(err error) string {
	ms, ok := errors.AsType[ivr.Mistakes](err)
	if !ok || len(ms) == 0 {
		return err.Error()
	}
	first := ms[0]
	first.Excerpt = ""
	if len(ms) == 1 {
		return first.String()
	}
	return fmt.Sprintf("%s (and %d more)", first, len(ms)-1)
}

// FileOf returns the file of a menu, or why it cannot be changed.
func (k *Keeper) FileOf(menu string) (string, error) {
	if live := k.Desk.Live().Menus; live[menu] == nil {
		names := slices.Sorted(maps.Keys(live))
		hint := cmp.Or(ivr.Meant(menu, names), "the menus are "+strings.Join(names, ", "))
		return "", fmt.Errorf("no menu is called %q; %s", menu, hint)
	}
	if file := k.Files[menu]; file != "" {
		return file, nil
	}
	return "", fmt.Errorf("%s ships with holdless and is in no file; write it to one (holdless menus show %[1]s > %[1]s.yaml) and name that in the configuration", menu)
}
