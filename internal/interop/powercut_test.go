package interop

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
)

// TestPowerCut watches everything that the real program does to its disk, and
// says to the world, while callers book and customers are dialled. It then cuts
// the power at moments of that: what a disk holds for certain is there, and of
// the rest as much as chance wants. The program must open that, with all that it
// has promised and every call that it has ordered. HOLDLESS_CUTS is their number.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	need(t, "strace", "strace")
	cuts := 24
	if n, err := strconv.Atoi(os.Getenv("HOLDLESS_CUTS")); err == nil {
		cuts = n
		plantedLoses(t, cuts/10)
	}
	for _, r := range []*recording{booksUnderWatch(t, ""), dialsUnderWatch(t, "")} {
		t.Run(r.name, func(t *testing.T) {
			lost := r.lose(t, cuts/2, nothing, 5)
			for _, what := range lost {
				t.Error(what)
			}
			t.Logf("%d cuts in %d things done to the disk, %d said: %d lost", cuts/2, len(r.did), len(r.said), len(lost))
			for name, forgets := range map[string]func([]*doing, int) bool{"OFF": everything, "NORMAL": commits} {
				if lost := r.lose(t, 10+cuts/2, forgets, 1); len(lost) == 0 {
					t.Errorf("with synchronous=%s nothing would be lost: this test proves nothing", name)
				}
			}
		})
	}
}

// plantedLoses: a program with another setting than ours is found out.
func plantedLoses(t *testing.T, cuts int) {
	for _, mode := range []string{"OFF", "NORMAL"} {
		r := dialsUnderWatch(t, mode)
		lost := r.lose(t, cuts, nothing, cuts)
		t.Logf("a program with synchronous=%s: %d of %d cuts lose something", mode, len(lost), cuts)
		if len(lost) == 0 {
			t.Errorf("a program with synchronous=%s loses nothing: this test proves nothing", mode)
		}
	}
}

// planted builds the program with another setting of SQLite than ours.
func planted(t *testing.T, mode string) string {
	t.Helper()
	source, err := filepath.Abs("../store/sqlite.go")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(b), "synchronous(FULL)", "synchronous("+mode+")")
	if changed == string(b) {
		t.Fatal("the setting is not where it was")
	}
	dir := t.TempDir()
	other, overlay, exe := filepath.Join(dir, "sqlite.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "holdless")
	err = errors.Join(os.WriteFile(other, []byte(changed), 0o600),
		os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, source, other), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", exe, "../../cmd/holdless").CombinedOutput(); err != nil {
		t.Fatalf("build holdless: %v\n%s", err, out)
	}
	return exe
}

// A recording is what the program did to its disk and said to the world.
type recording struct {
	name string
	dir  string
	base map[string][]byte
	did  []*doing
	said []said
}

// Said is something that the world has heard, and that must be known after.
type said struct {
	at    int // in the trace
	what  string
	known func(tx callback.Tx) error
}

// booksUnderWatch begins with an empty directory: callers book, and an operator.
func booksUnderWatch(t *testing.T, mode string) *recording {
	t.Helper()
	return watched(t, "bookings", mode, func(v *victim) {
		v.t.Helper()
		for i := range 8 {
			v.Ring(fmt.Sprintf("+35840%07d", 1234560+i), number, twiliosim.Person{Press: one})
		}
		s := &service{t: t, file: v.file}
		s.book("billing", "+358401234599", time.Now().Add(26*time.Hour).Truncate(time.Hour))
		eventually(t, patience, "all have booked", func() bool { return len(v.live()) == 0 })
	}, func(string) {})
}

// dialsUnderWatch begins with promises that are due.
func dialsUnderWatch(t *testing.T, mode string) *recording {
	t.Helper()
	const n = 12
	return watched(t, "calls", mode, func(v *victim) {
		v.t.Helper()
		eventually(t, patience, "all have been called, and asked how it was", func() bool {
			return len(v.Messages()) >= n && len(v.live()) == 0
		})
	}, func(dir string) { promises(t, dir, n, 2*time.Second) })
}

// watched runs the program under strace until live is over, and kills it then.
// Mode is a setting of SQLite that is not ours; "" for the program as it is.
func watched(t *testing.T, name, mode string, live func(*victim), prepare func(dir string)) *recording {
	t.Helper()
	x, dir := openExchange(t, 0), t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	prepare(data)
	r := &recording{name: name, dir: data, base: image(t, data)}
	trace := filepath.Join(dir, "trace")
	v := &victim{exchange: x, t: t, file: x.settings(t, dir), under: []string{
		need(t, "strace", "strace"), "-f", "-qq", "-y", "-s", "1048576", "-o", trace,
		"-e", "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat",
	}}
	if mode != "" {
		v.exe = planted(t, mode)
	}
	v.start()
	live(v)
	if strings.Contains(v.log.String(), "goes on without the store") {
		t.Fatalf("the store did not answer in time:\n%s", v.log.String())
	}
	v.cut(data)
	r.did = traced(t, trace)
	r.said = hears(r.did)
	for _, what := range []string{"turn", "order of a call", "text"} {
		n := len(slices.DeleteFunc(slices.Clone(r.said), func(s said) bool { return s.what != what }))
		t.Logf("%s: %d times a %s", name, n, what)
	}
	if len(r.said) < 20 {
		t.Fatalf("only %d things were said", len(r.said))
	}
	return r
}

// cut kills the program itself; who watches it ends by himself.
func (v *victim) cut(data string) {
	v.t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "holdless.db.lock"))
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err2 := strconv.Atoi(first)
	if err := errors.Join(err, err2); err != nil {
		v.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		v.t.Fatal(err)
	}
	_ = v.cmd.Wait()
}

// lose cuts the power so many times, or until so often something was lost, and
// returns what.
func (r *recording) lose(t *testing.T, cuts int, forgets func([]*doing, int) bool, most int) (lost []string) {
	t.Helper()
	d := newDisk(r.dir, r.base, r.did, forgets)
	last := r.did[len(r.did)-1].began
	for i := 0; i < cuts && len(lost) < most; i++ {
		chance := rand.New(rand.NewPCG(uint64(i), uint64(len(r.name))))
		at := 1 + chance.IntN(last)
		if i%2 == 0 { // right after something was said
			at = r.said[chance.IntN(len(r.said))].at + 1
		}
		dir, err := os.MkdirTemp(r.dir, "cut")
		if err != nil {
			t.Fatal(err)
		}
		lay(t, dir, d.cut(at, chance))
		if err := r.opens(t, dir, at); err != nil {
			lost = append(lost, fmt.Sprintf("cut %d, at line %d of %d: %v", i, at, last, err))
		}
		if err := os.RemoveAll(dir); err != nil { // there are many
			t.Fatal(err)
		}
	}
	return lost
}

// opens has the program take over what a cut has left, and looks for what was
// said before.
func (r *recording) opens(t *testing.T, dir string, at int) error {
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		return err
	}
	defer s.Close()
	d, err := taker(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Recover(t.Context()); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	return s.View(t.Context(), func(tx callback.Tx) error {
		var all []error
		for _, what := range r.said {
			if what.at >= at {
				break
			}
			if err := what.known(tx); err != nil {
				all = append(all, fmt.Errorf("%s of line %d: %w", what.what, what.at, err))
			}
		}
		return errors.Join(all...)
	})
}

// taker is the desk that takes over after the cut.
func taker(s callback.Store) (*callback.Desk, error) {
	c := callback.Defaults()
	c.Callbacks.Permitted, c.Callbacks.AllowRegions = "00:00-24:00", []string{"FI"}
	c.Agents = map[string]callback.Agent{"a0": {Phone: "sip:a0@example.com"}}
	c.Queues = map[string]callback.QueueConfig{"billing": {Agents: []string{"a0"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Line: "twilio"}}
	d, err := callback.New(c)
	if err != nil {
		return nil, err
	}
	d.Store, d.Boot, d.Alone, d.Log = s, "after", true, slog.New(slog.DiscardHandler)
	d.Text = func(string, ivr.Prompt) string { return "words" }
	return d, nil
}

var (
	spoken   = regexp.MustCompile(`/twilio/v1/(?:talk|meet)/([^"<#]+)/(\d+)/(?:keys|dial)`)
	accepted = regexp.MustCompile(`"ID":"([^"]+)"`)
)

// hears finds what the program has said to the world. It is heard from the
// moment on at which it was being sent.
func hears(all []*doing) (out []said) {
	for _, d := range all {
		if d.call != "write" || !strings.HasPrefix(d.path, "socket:") {
			continue
		}
		head, body, _ := strings.Cut(string(d.data), "\r\n\r\n")
		switch {
		case strings.HasPrefix(head, "HTTP/1.1 20") && strings.Contains(body, "<Response"):
			for _, m := range spoken.FindAllStringSubmatch(body, -1) {
				out = append(out, said{d.began, "turn", turnKept(m[1], m[2])})
			}
		case strings.HasPrefix(head, "HTTP/1.1 20"):
			for _, m := range accepted.FindAllStringSubmatch(body, -1) {
				out = append(out, said{d.began, "promise", promiseKept(m[1])})
			}
		case strings.HasPrefix(head, "POST ") && strings.Contains(head, "/Calls.json "):
			out = append(out, ordered(d.began, body)...)
		case strings.HasPrefix(head, "POST ") && strings.Contains(head, "/Messages.json "):
			if f, err := url.ParseQuery(body); err == nil && f.Has("Body") {
				out = append(out, said{d.began, "text", textKept(f.Get("To"), f.Get("Body"))})
			}
		}
	}
	return out
}

// turnKept: what a person has heard is a turn of a talk that is stored.
func turnKept(token, no string) func(callback.Tx) error {
	parts := strings.Split(token, "/")
	talk := parts[min(len(parts)-1, 2)]
	return func(tx callback.Tx) error {
		n, err := strconv.Atoi(no)
		if err != nil {
			return err
		}
		t, err := tx.Talk(talk)
		if err == nil && t.State.Turn < n && !t.Closed {
			err = fmt.Errorf("talk %s is at turn %d, and %d was spoken", talk, t.State.Turn, n)
		}
		return err
	}
}

func promiseKept(id string) func(callback.Tx) error {
	return func(tx callback.Tx) error {
		_, err := tx.Callback(id)
		return err
	}
}

// ordered: a call that was ordered is in the ledger, and its customer is not
// dialled again by the machine.
func ordered(at int, body string) []said {
	f, err := url.ParseQuery(body)
	if err != nil || !f.Has("StatusCallback") {
		return nil
	}
	_, token, _ := strings.Cut(f.Get("StatusCallback"), "/status/")
	token, _, _ = strings.Cut(token, "#")
	parts := strings.Split(token, "/")
	talk := parts[min(len(parts)-1, 2)]
	return []said{{at, "order of a call", func(tx callback.Tx) error {
		t, err := tx.Talk(talk)
		if err != nil {
			return err
		}
		a, err := tx.Attempt(t.Attempt)
		if err != nil || a.Leg != callback.CustomerLeg {
			return err
		}
		c, err := tx.Callback(t.Callback)
		again := []callback.State{callback.BookedState, callback.Claimed, callback.AgentRinging, callback.AgentReady, callback.RetryWait}
		if err == nil && slices.Contains(again, c.State) {
			err = fmt.Errorf("%s was dialled, and would be again: %s", c.ID, c.State)
		}
		return err
	}}}
}

// textKept: a text that has left is known as one that was being sent.
func textKept(to, body string) func(callback.Tx) error {
	return func(tx callback.Tx) error {
		all, err := tx.MessagesTo(to, 100)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(m callback.Message) bool { return m.Body == body })
		switch {
		case i < 0:
			return fmt.Errorf("text %q to %s: %w", body, to, callback.ErrNotFound)
		case all[i].Tries == 0:
			return fmt.Errorf("text %q to %s has left, and would again", body, to)
		}
		return nil
	}
}
