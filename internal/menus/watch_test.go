package menus_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// TestWatch: a changed file is live within a second, one that is broken, half
// written or gone changes nothing, and is told of.
func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Keeper.Run(ctx) }()
		second := func() {
			<-time.After(time.Second)
			synctest.Wait()
		}
		faults := func(want string) {
			t.Helper()
			if got := strings.Join(w.Faults(), "\n"); want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("faults are %q, want %q", got, want)
			}
		}
		w.write(says("two"))
		second()
		w.live("two")
		w.write(broken)
		second()
		w.live("two")
		faults("main is as it was before: " + w.file + ":3:")
		second()
		w.write(says("three"))
		second()
		w.live("three")
		faults("")
		if err := os.Remove(w.file); err != nil {
			t.Fatal(err)
		}
		second()
		w.live("three")
		faults("no such file")
		w.write(says("four")[:60])
		<-time.After(200 * time.Millisecond)
		w.write(says("four"))
		second()
		w.live("four")
		faults("")
		want := "live by file, refused by file, live by file, refused by file, live by file, live by start"
		if got := w.changed(); got != want {
			t.Errorf("the journal has %s\nwant %s", got, want)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestFileThatIsBeingWritten: a file that is another one each time it is looked at
// is not taken before it has come to rest.
func TestFileThatIsBeingWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Keeper.Run(ctx) }()
		for n := range 12 {
			w.write(says(fmt.Sprintf("draft %d", n)))
			<-time.After(250 * time.Millisecond)
			synctest.Wait()
			w.live("one")
		}
		<-time.After(time.Second)
		synctest.Wait()
		w.live("draft 11")
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A link that is turned to another file is a change as well.
func TestWatchLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.file + ".2"
	if err := errors.Join(os.WriteFile(other, []byte(says("two")), 0o600), os.Remove(w.file), os.Symlink(other, w.file)); err != nil {
		t.Fatal(err)
	}
	if wrong, err := w.Reload(t.Context(), "SIGHUP"); err != nil || len(wrong) > 0 {
		t.Fatalf("got %v, %v", wrong, err)
	}
	w.live("two")
	if err := w.Publish(t.Context(), "main", says("three"), "", "browser:anna"); err != nil {
		t.Fatal(err)
	}
	w.inFile("three")
	if info, err := os.Lstat(w.file); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link is %v, %v; want it left as it is", info, err)
	}
}

// A service that ran well starts again, whatever a file has become meanwhile.
func TestStartWithBrokenFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(broken)
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.live("one")
	if got := w.Faults(); len(got) != 1 {
		t.Errorf("faults are %q, want one", got)
	}
	w.store = storetest.New(t)
	w.Keeper = w.keeper()
	var ms ivr.Mistakes
	if err := w.Start(t.Context()); !errors.As(err, &ms) {
		t.Errorf("started with %v, want the mistakes: nobody has heard this menu yet", err)
	}
}

// Files that a menu takes nodes from are a part of it: seen when they change,
// and written when it goes back.
func TestIncludes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Keeper.Run(ctx) }()
		part := filepath.Join(filepath.Dir(w.file), "person.yaml")
		person := func(to string) string {
			return "nodes:\n  ring: {do: connect, to: " + to + ", then: bye, busy: bye}\n"
		}
		put := func(file, text string, wrong int) {
			t.Helper()
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Second)
			synctest.Wait()
			if got := w.Faults(); len(got) != wrong {
				t.Errorf("faults are %q, want %d", got, wrong)
			}
		}
		put(w.file, "include: [person.yaml]\nstart: ring\nstuck: ring\nnodes:\n  bye: {do: end}\n", 1)
		put(part, person("agents"), 0)
		first := w.Desk.Live().Menus["main"].Version()
		put(part, person("\"agent:anna\""), 0)
		if w.Desk.Live().Menus["main"].Version() == first {
			t.Error("the change of a part was not seen")
		}
		if _, version, err := w.Rollback(ctx, "main", "", "shell:anna"); err != nil || version != first {
			t.Errorf("rolled back to %q, %v; want %s", version, err, first)
		}
		if got, err := os.ReadFile(part); err != nil || string(got) != person("agents") {
			t.Errorf("the part has %q, %v", got, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// The configuration is looked at as menus are.
func TestConfigIsWatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Keeper = w.keeper()
	w.Config = filepath.Join(t.TempDir(), "config.yaml")
	w.TakeConfig = func(context.Context, string) error {
		_, err := os.ReadFile(w.Config)
		return err
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Reload(t.Context(), "SIGHUP"); err != nil {
		t.Fatal(err)
	}
	if got := w.Faults(); len(got) != 1 || !strings.HasPrefix(got[0], "The service would not start again: ") {
		t.Errorf("faults are %q", got)
	}
}
