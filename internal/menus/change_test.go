package menus_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// TestPublishWritesPartsOnly: a text that is published writes the menu and the
// parts that it includes, and nothing else on this machine.
func TestPublishWritesPartsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := filepath.Dir(w.file)
	w.Config = filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(w.Config, []byte("data: here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const part = "nodes:\n  bye2: {do: end}\n"
	for name, text := range map[string]string{
		"../stolen.yaml": says("two"), "stolen.sh": says("two"), "config.yaml": "include: [config.yaml]\n" + strings.Replace(says("two"), "then: bye", "then: bye2", 1),
	} {
		err := w.Publish(t.Context(), "main", text+"#--- include "+name+"\n"+part, "", "browser:eve")
		if err == nil {
			t.Errorf("%s was published", name)
		}
	}
	if got, err := os.ReadFile(w.Config); err != nil || string(got) != "data: here\n" {
		t.Errorf("the configuration is %q, %v", got, err)
	}
	for _, file := range []string{filepath.Join(dir, "..", "stolen.yaml"), filepath.Join(dir, "stolen.sh")} {
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s was written", file)
		}
	}
	if got, err := os.ReadFile(w.file); err != nil || string(got) != says("one") {
		t.Errorf("the menu is %q, %v", got, err)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, base, err := w.Text("main")
	if err != nil {
		t.Fatal(err)
	}
	var ms ivr.Mistakes
	if err := w.Publish(t.Context(), "main", broken, base, "browser:anna"); !errors.As(err, &ms) {
		t.Errorf("a broken text: %v", err)
	}
	w.inFile("one")
	if err := w.Publish(t.Context(), "main", says("two"), base, "browser:anna"); err != nil {
		t.Fatal(err)
	}
	w.live("two")
	w.inFile("two")
	if err := w.Publish(t.Context(), "main", says("three"), base, "browser:bo"); !errors.Is(err, menus.ErrStale) {
		t.Errorf("a text made from an older one: %v", err)
	}
	if err := w.Publish(t.Context(), "agent", says("two"), "", "browser:bo"); err == nil {
		t.Error("a menu that is not there was written")
	}
	if got, want := w.changed(), "live by browser:anna, live by start"; got != want {
		t.Errorf("the journal has %s, want %s", got, want)
	}
}

// A lostStore takes nothing down.
type lostStore struct{ callback.Store }

func (lostStore) Update(context.Context, func(callback.Tx) error) error {
	return errors.New("the disk is gone")
}

// TestPublishTakesBackTheFile: when the desk cannot take a version, the file says
// what callers hear, as before.
func TestPublishTakesBackTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Desk.(*callback.Desk).Store = lostStore{w.store}
	if err := w.Publish(t.Context(), "main", says("two"), "", "browser:anna"); err == nil {
		t.Error("it was told to be published")
	}
	w.inFile("one")
	w.live("one")
	part := filepath.Join(filepath.Dir(w.file), "person.yaml")
	text := "include: [person.yaml]\nstart: ring\nstuck: ring\nnodes:\n  bye: {do: end}\n#--- include person.yaml\n" +
		"nodes:\n  ring: {do: connect, to: agents, then: bye, busy: bye}\n"
	if err := w.Publish(t.Context(), "main", text, "", "browser:anna"); err == nil {
		t.Error("a menu with a part was told to be published")
	}
	w.inFile("one")
	if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a part that nobody includes was left: %v", err)
	}
	w.Desk.(*callback.Desk).Store = w.store
	if err := w.Publish(t.Context(), "main", says("three"), "", "browser:anna"); err != nil {
		t.Error(err)
	}
	w.inFile("three")
	w.live("three")
}

func TestRollback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.Desk.Live().Menus["main"].Version()
	if _, _, err := w.Rollback(t.Context(), "", "", "shell:anna"); err == nil {
		t.Error("rolled back, and nothing was changed yet")
	}
	for _, words := range []string{"two", "three"} {
		if err := w.Publish(t.Context(), "main", says(words), "", "shell:anna"); err != nil {
			t.Fatal(err)
		}
	}
	back := func(menu, to, words string) {
		t.Helper()
		if _, _, err := w.Rollback(t.Context(), menu, to, "shell:anna"); err != nil {
			t.Fatal(err)
		}
		w.live(words)
		w.inFile(words)
	}
	back("", "", "two")
	back("main", first[:5], "one")
	if _, _, err := w.Rollback(t.Context(), "main", "ffff", "shell:anna"); err == nil {
		t.Error("rolled back to a version that never was")
	}
	if _, _, err := w.Rollback(t.Context(), "mian", "", "shell:anna"); err == nil || !strings.HasSuffix(err.Error(), `; did you mean "main"?`) {
		t.Errorf("got %v of a menu that is not there", err)
	}
	w.write(broken)
	if _, err := w.Reload(t.Context(), "shell:anna"); err != nil {
		t.Fatal(err)
	}
	back("main", "", "two")
	if got := w.Faults(); len(got) > 0 {
		t.Errorf("faults are %q after the rollback", got)
	}
}
