package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a pseudo-terminal: the far end is what a program has for its
// keyboard and screen.
type terminal struct {
	*testing.T
	near, far *os.File
	shown     chan string
	screen    strings.Builder
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(near.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(near.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	far, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &terminal{T: t, near: near, far: far, shown: make(chan string)}
	go func() {
		defer close(w.shown)
		b := make([]byte, 4096)
		for {
			n, err := near.Read(b)
			if err != nil {
				return
			}
			w.shown <- string(b[:n])
		}
	}()
	return w
}

// sees waits for words on the screen.
func (w *terminal) sees(words string) {
	w.Helper()
	for late := time.After(time.Minute); !strings.Contains(w.screen.String(), words); {
		select {
		case more, ok := <-w.shown:
			if !ok {
				w.Fatalf("the screen has no %q:\n%s", words, w.screen.String())
			}
			w.screen.WriteString(more)
		case <-late:
			w.Fatalf("the screen has no %q:\n%s", words, w.screen.String())
		}
	}
}

func (w *terminal) press(keys string) {
	w.Helper()
	if _, err := w.near.WriteString(keys); err != nil {
		w.Fatal(err)
	}
}

// mode tells whether the terminal waits for whole lines and shows what is
// typed, as it does for a shell.
func (w *terminal) mode() (forShell bool) {
	w.Helper()
	now, err := unix.IoctlGetTermios(int(w.far.Fd()), unix.TCGETS)
	if err != nil {
		w.Fatal(err)
	}
	return now.Lflag&unix.ICANON != 0 && now.Lflag&unix.ECHO != 0
}

// TestTryInATerminal plays a menu on a real terminal: each key counts at once,
// without Enter, and the terminal is as it was afterwards.
func TestTryInATerminal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, last, want string }{
		{"to the end", "1", "(the line hangs up)\r\n"}, {"interrupted", "\x03", "(you hung up)\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := openTerminal(t)
			if !w.mode() {
				t.Fatal("the terminal is not as a shell leaves it")
			}
			ended := make(chan int, 1)
			go func() { ended <- execute(t.Context(), []string{"try", "main"}, stdio{w.far, w.far, w.far}) }()
			w.sees("press 1")
			if w.mode() {
				t.Error("the terminal waits for whole lines")
			}
			w.press("1")
			w.sees("For a call")
			w.press("1")
			w.sees("We will call this number")
			w.press("1")
			w.sees("one question by text")
			w.press(tt.last)
			w.sees(tt.want)
			if code := <-ended; code != exitDone {
				t.Errorf("ended with %d", code)
			}
			if !w.mode() {
				t.Error("the terminal was not put back")
			}
			if lines := strings.Split(strings.TrimSuffix(w.screen.String(), "\r\n"), "\n"); len(lines) < 5 || !allEnd(lines[:len(lines)-1], "\r") {
				t.Errorf("lines do not begin at the left:\n%q", w.screen.String())
			}
			w.press("x") // wakes who still reads keys, so that the end of the terminal is seen
			if err := w.far.Close(); err != nil {
				t.Error(err)
			}
			if err := w.near.Close(); err != nil {
				t.Error(err)
			}
			for range w.shown { // what nobody waited for
			}
		})
	}
}

func allEnd(lines []string, with string) bool {
	for _, line := range lines {
		if !strings.HasSuffix(line, with) {
			return false
		}
	}
	return true
}

// TestRenderShowsABar: who renders sounds in a terminal sees how far it is, in a
// voice of his own and, with the built-in one, for what his menus say.
func TestRenderShowsABar(t *testing.T) {
	t.Parallel()
	said := filepath.Join(t.TempDir(), "said.wav")
	writeTone(t, said)
	for _, tt := range []struct{ name, more, want string }{
		{"a voice of one's own", fmt.Sprintf("sounds: {tts: {en: {exec: [cat, %q]}}}\n", said), "1/"},
		{"words of a menu", "survey: {menu: own.yaml}\n", "1/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := written(t, "languages: [en]\n"+tt.more)
			write(t, filepath.Join(filepath.Dir(config), "own.yaml"), "for: text\nstart: why\nstuck: bye\nnodes:\n"+
				"  why: {do: ask, say: {en: What about our gardens?}, save: why, then: bye, stop: bye}\n  bye: {do: end, say: {en: The gardens thank you.}}\n")
			rendersWithBar(t, config, tt.want)
		})
	}
}

func rendersWithBar(t *testing.T, config, want string) {
	t.Helper()
	w := openTerminal(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, []string{"sounds", "render", "-c", config}, stdio{w.far, w.far, w.far}) }()
	w.sees("rendering")
	w.sees(want) // of how many
	stop()
	for over := false; !over; {
		select {
		case <-w.shown: // what nobody waited for
		case <-ended:
			over = true
		}
	}
	if err := errors.Join(w.far.Close(), w.near.Close()); err != nil {
		t.Error(err)
	}
	for range w.shown { // the rest of it
	}
}
