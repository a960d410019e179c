package studio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/internal/studio"
	"github.com/holdless/holdless/sounds"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const moving = "Our office moves on Friday."

// A world is a studio over real files and a real store.
type world struct {
	*testing.T
	*studio.Studio
	own []sounds.Own
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, own: []sounds.Own{{Lang: "en", Text: moving, Recording: "moving"}}}
	dir := t.TempDir()
	v, err := sounds.New(sounds.Config{Languages: []string{"en", "fi"}, Override: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	w.Studio = &studio.Studio{
		Voice: v, Dir: dir, Own: func() []sounds.Own { return w.own }, Store: storetest.New(t), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	return w
}

// script is that of a name in English.
func (w *world) script(name string) sounds.Script {
	w.Helper()
	for _, s := range w.Scripts() {
		if s.Lang == "en" && s.Name == name {
			return s
		}
	}
	w.Fatalf("there is no script %s", name)
	return sounds.Script{}
}

// heard checks what callers hear of a script, and for how many seconds.
func (w *world) heard(name string, state sounds.Heard, seconds float64) {
	w.Helper()
	s := w.script(name)
	length := 0.0
	for _, c := range w.Voice.Say("en", s.Prompt) {
		length += c.Duration().Seconds()
	}
	if s.State != state || seconds > 0 && math.Abs(length-seconds) > 0.15 {
		w.Errorf("%s is %s and lasts %.2f s, want %s and %.2f s", name, s.State, length, state, seconds)
	}
}

// wav is a hum of some seconds.
func wav(seconds, gain float64) []byte {
	var data bytes.Buffer
	for i := range int(seconds * 8000) {
		_ = binary.Write(&data, binary.LittleEndian, int16(32767*min(max(gain*math.Sin(2*math.Pi*440*float64(i)/8000), -1), 1)))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+data.Len()))
	b.WriteString("WAVEfmt ")
	_ = binary.Write(&b, binary.LittleEndian, []uint32{16, 1 | 1<<16, 8000, 16000, 2 | 16<<16})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(data.Len()))
	b.Write(data.Bytes())
	return b.Bytes()
}

// TestUploadAndTakeBack: the next caller hears what was put in, until its text
// changes or it is taken back; who did what is written down.
func TestUploadAndTakeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.heard("moving", sounds.HeardNothing, 0)
	w.heard("welcome", sounds.HeardShipped, 0)
	number := w.script("moving").Number
	s, err := w.Upload(t.Context(), number, wav(2, 0.2), "browser:anna")
	if err != nil || s.By != "browser:anna" || s.Hash != sounds.TextHash("en", moving) {
		t.Fatalf("%+v, %v", s, err)
	}
	w.heard("moving", sounds.HeardOwn, 2)
	w.own[0].Text = "Our office moves on Monday."
	w.heard("moving", sounds.HeardStale, 0)
	if s := w.script("moving"); s.Was != moving || s.Number != number {
		t.Errorf("the stale one is %+v", s)
	}
	for name, bad := range map[string][]byte{"silent": wav(1, 0), "distorted": wav(1, 3), "seconds only": wav(0.1, 0.2), "nobody listens": wav(61, 0.2), "not a WAV": []byte("x")} {
		if _, err := w.Upload(t.Context(), number, bad, "browser:anna"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.heard("moving", sounds.HeardStale, 0)
	if _, err := w.TakeBack(t.Context(), number, "browser:bo"); err != nil {
		t.Fatal(err)
	}
	w.heard("moving", sounds.HeardNothing, 0)
	if left, err := os.ReadDir(filepath.Join(w.Dir, "en")); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if _, err := w.Upload(t.Context(), "1", wav(1, 0.2), "x"); err == nil {
		t.Error("a number of nothing is taken")
	}
	w.told("en/moving taken back browser:bo", "en/moving uploaded browser:anna")
}

// A lostStore takes nothing down.
type lostStore struct{ callback.Store }

func (lostStore) Update(context.Context, func(callback.Tx) error) error {
	return errors.New("the disk is gone")
}

// TestNothingChangesUntold: where it cannot be written down who changes what
// callers hear, nothing changes.
func TestNothingChangesUntold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number := w.script("moving").Number
	if _, err := w.TakeBack(t.Context(), number, "browser:bo"); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("what is not there was taken back: %v", err)
	}
	if _, err := w.Upload(t.Context(), number, wav(1, 0.2), "browser:anna"); err != nil {
		t.Fatal(err)
	}
	kept := w.Store
	w.Store = lostStore{kept}
	if _, err := w.Upload(t.Context(), number, wav(3, 0.2), "browser:bo"); err == nil {
		t.Error("an upload was told to be done")
	}
	if _, err := w.TakeBack(t.Context(), number, "browser:bo"); err == nil {
		t.Error("taking back was told to be done")
	}
	w.Voice.Forget(time.Now().Add(2 * time.Hour))
	if left, err := os.ReadDir(filepath.Join(w.Dir, "en")); err != nil || len(left) != 2 {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := w.Voice.Reload(); err != nil {
		t.Fatal(err)
	}
	w.heard("moving", sounds.HeardOwn, 1)
	w.Store = kept
	w.told("en/moving uploaded browser:anna")
}

// A busyStore is one in whose transactions agents record: it opens none before
// another has kept a take.
type busyStore struct {
	callback.Store
	record func()
}

func (s busyStore) Update(ctx context.Context, fn func(callback.Tx) error) error {
	s.record()
	return s.Store.Update(ctx, fn)
}

// TestTakeBackWhileAnAgentRecords: the desk makes a take ready within a
// transaction, and there is one writer. Who takes a recording back must not hold
// what the take waits for.
func TestTakeBackWhileAnAgentRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	moving, welcome := w.script("moving").Number, w.script("welcome").Number
	if _, err := w.Upload(t.Context(), moving, wav(1, 0.2), "browser:anna"); err != nil {
		t.Fatal(err)
	}
	take, err := w.Voice.Take(wav(1, 0.2))
	if err != nil {
		t.Fatal(err)
	}
	kept := make(chan error, 1)
	w.Store = busyStore{w.Store, func() {
		go func() {
			_, put, err := w.Keep(take, welcome, "agent:anna")
			if err == nil {
				err = put()
			}
			kept <- err
		}()
		select {
		case err := <-kept:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Error("who takes a recording back and who records wait for each other")
		}
	}}
	if _, err := w.TakeBack(t.Context(), moving, "browser:bo"); err != nil {
		t.Fatal(err)
	}
	w.heard("welcome", sounds.HeardOwn, 1)
	w.heard("moving", sounds.HeardNothing, 0)
}

// told checks the journal, newest first.
func (w *world) told(want ...string) {
	w.Helper()
	var got []string
	err := w.Store.View(w.Context(), func(tx callback.Tx) error {
		all, err := tx.MenuEntries(10)
		for _, e := range all {
			got = append(got, e.Name+" "+e.Value+" "+e.Actor)
		}
		return err
	})
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Errorf("the journal has %q, %v, want %q", got, err, want)
	}
}

// TestKeep: a take is judged, and heard by callers once it is kept, which may be
// asked twice.
func TestKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var puts []func() error
	for reason, sound := range map[string][]byte{"quiet": wav(1, 0.001), "loud": wav(1, 5), "short": wav(0.1, 0.2), "": wav(1.5, 0.2)} {
		take, err := w.Voice.Take(sound)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.Judge(take); got != reason || err != nil {
			t.Errorf("judged %q, %v, want %q", got, err, reason)
		}
		if reason != "" {
			continue
		}
		for range 2 {
			w.heard("welcome", sounds.HeardShipped, 0)
			name, put, err := w.Keep(take, w.script("welcome").Number, "agent:anna")
			if name != "en/welcome" || err != nil {
				t.Fatalf("kept %s, %v", name, err)
			}
			puts = append(puts, put)
		}
	}
	if err := puts[1](); err != nil {
		t.Fatal(err)
	}
	w.heard("welcome", sounds.HeardOwn, 1.5)
	w.Voice.Forget(time.Now())
	if left, err := os.ReadDir(filepath.Join(w.Dir, ".takes")); err != nil || len(left) != 4 {
		t.Errorf("takes of now are forgotten: %v, %v", left, err)
	}
	w.Voice.Forget(time.Now().Add(2 * time.Hour))
	if left, err := os.ReadDir(filepath.Join(w.Dir, ".takes")); err != nil || len(left) > 0 {
		t.Errorf("takes of long ago are left: %v, %v", left, err)
	}
	for _, name := range []string{"", "../../etc/passwd", "AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := w.Judge(name); err == nil {
			t.Errorf("there is a take %q", name)
		}
	}
}

// TestDrop: a file that is dropped into the folder is heard without a restart,
// and carries the hash of its text from then on; a broken one changes nothing.
func TestDrop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Studio.Run(ctx) }()
		file := filepath.Join(w.Dir, "en", "moving.wav")
		drop := func(content []byte) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			<-time.After(5 * time.Second)
			synctest.Wait()
		}
		drop(wav(1, 0.2))
		w.heard("moving", sounds.HeardOwn, 1)
		side, err := os.ReadFile(strings.TrimSuffix(file, ".wav") + ".txt")
		if err != nil || !strings.HasPrefix(string(side), "text: "+sounds.TextHash("en", moving)+"\n") || !strings.HasSuffix(string(side), "\n\n"+moving+"\n") {
			t.Errorf("beside it stands %q, %v", side, err)
		}
		drop([]byte("RIFF?"))
		w.heard("moving", sounds.HeardOwn, 1)
		w.own[0].Text = "Our office moves on Monday."
		drop(wav(1, 0.2))
		w.heard("moving", sounds.HeardStale, 0)
		drop(wav(3, 0.2)) // another recording: of the text as it is now
		w.heard("moving", sounds.HeardOwn, 3)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		w.heard("moving", sounds.HeardNothing, 0)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestNumbers: every script has a number of its own, the same in every process
// and whatever else there is.
func TestNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]string{}
	for _, s := range w.Scripts() {
		if len(s.Number) != 5 || seen[s.Number] != "" {
			t.Errorf("%s has the number %s, as %s", s.Name, s.Number, seen[s.Number])
		}
		seen[s.Number] = s.Name
	}
	before := w.script("welcome").Number
	w.own = append(w.own, sounds.Own{Lang: "en", Text: "Aardvarks"}, sounds.Own{Lang: "fi", Text: "Aamu"})
	if got := w.script("welcome").Number; got != before {
		t.Errorf("welcome has moved from %s to %s", before, got)
	}
	if s := w.script("aardvarks"); s.Words != "Aardvarks" {
		t.Errorf("words without a name are %+v", s)
	}
}
