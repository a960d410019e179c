package menus_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// says is the text of a menu with words of its own.
func says(words string) string {
	return fmt.Sprintf("# for callers\nstart: hello\nstuck: ring\nnodes:\n  hello: {do: say, say: {en: %q}, then: ring}\n"+
		"  ring: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end}\n", words)
}

const broken = "start: hello\nnodes: [\n"

// A world is a keeper of one menu over a real store.
type world struct {
	*testing.T
	*menus.Keeper
	file  string
	store *store.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, file: filepath.Join(t.TempDir(), "main.yaml"), store: storetest.New(t)}
	w.write(says("one"))
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// keeper is that of one process.
func (w *world) keeper() *menus.Keeper {
	w.Helper()
	d := &callback.Desk{Store: w.store, Log: slog.New(slog.DiscardHandler), Now: time.Now, Menus: map[string]*ivr.Menu{}}
	read := func(file string, tell func(string)) (*ivr.Menu, error) {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return ivr.Read(file, src, func(name string) ([]byte, error) {
			name = filepath.Join(filepath.Dir(file), name)
			tell(name)
			return os.ReadFile(name)
		})
	}
	k := &menus.Keeper{
		Desk: d, Store: w.store, Menus: d.Menus, Files: map[string]string{"main": w.file}, Wrong: map[string]error{},
		Read: read, Parse: ivr.Parse, Now: time.Now, Log: d.Log,
	}
	m, err := read(w.file, func(string) {})
	if err != nil {
		k.Wrong["main"] = err
	} else {
		d.Menus["main"] = m
	}
	return k
}

func (w *world) write(text string) {
	w.Helper()
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

// live checks what callers hear.
func (w *world) live(words string) {
	w.Helper()
	if got := w.Desk.Live().Menus["main"].Source(); got != says(words) {
		w.Errorf("callers hear\n%s\nwant %q", got, words)
	}
}

func (w *world) inFile(words string) {
	w.Helper()
	if got, err := os.ReadFile(w.file); err != nil || string(got) != says(words) {
		w.Errorf("the file has %s, %v, want %q", got, err, words)
	}
}

// changed lists what became of the menu, the latest first.
func (w *world) changed() string {
	w.Helper()
	all, err := w.Changes(w.Context(), 100)
	if err != nil {
		w.Fatal(err)
	}
	var words []string
	for _, c := range all {
		words = append(words, c.What+" by "+c.By)
	}
	return strings.Join(words, ", ")
}
