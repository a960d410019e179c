package menus_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
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

func TestTrial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := func(words string) {
		t.Helper()
		if _, err := w.Trial(t.Context(), "main", says(words), 10, "shell:anna"); err != nil {
			t.Fatal(err)
		}
	}
	onTrial := func(k *menus.Keeper) string {
		s := k.States()[0]
		return fmt.Sprint(s.Trial != "", s.Share)
	}
	begin("two")
	w.live("one")
	if got := onTrial(w.Keeper); got != "true 10" {
		t.Errorf("on trial: %s", got)
	}
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := onTrial(w.Keeper); got != "true 10" {
		t.Errorf("on trial after a restart: %s", got)
	}
	if _, err := w.Withdraw(t.Context(), "main", "shell:anna"); err != nil {
		t.Fatal(err)
	}
	begin("three")
	if _, err := w.Promote(t.Context(), "main", "shell:anna"); err != nil {
		t.Fatal(err)
	}
	w.live("three")
	w.inFile("three")
	for _, tt := range []struct {
		name  string
		share int
		text  string
	}{{"nobody", 0, says("x")}, {"everybody", 100, says("x")}, {"the same", 10, says("three")}, {"broken", 10, broken}} {
		if _, err := w.Trial(t.Context(), "main", tt.text, tt.share, "shell:anna"); err == nil {
			t.Errorf("%s: the trial began", tt.name)
		}
	}
	if _, err := w.Promote(t.Context(), "main", "shell:anna"); err == nil {
		t.Error("promoted, and nothing was on trial")
	}
	want := "promoted by shell:anna, live by shell:anna, trial by shell:anna, withdrawn by shell:anna, trial by shell:anna, live by start"
	if got := w.changed(); got != want {
		t.Errorf("the journal has %s\nwant %s", got, want)
	}
}

// A trial that one process begins is one in the others too.
func TestTrialInOtherProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		other := w.keeper()
		other.Others = true
		if err := other.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- other.Run(ctx) }()
		for _, share := range []int{10, 20} {
			if _, err := w.Trial(ctx, "main", says("two"), share, "shell:anna"); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Second)
			synctest.Wait()
			if got := other.States()[0].Share; got != share {
				t.Errorf("the other process has a share of %d, want %d", got, share)
			}
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
