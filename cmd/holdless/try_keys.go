package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// lines takes each line of a pipe for what is pressed. At its end the caller
// hangs up.
type lines struct {
	in  *bufio.Scanner
	out io.Writer
}

func (l *lines) next(_ context.Context, _ ivr.Turn, pressed func()) string {
	fmt.Fprint(l.out, "> ")
	if !l.in.Scan() {
		fmt.Fprintln(l.out)
		return hungUp
	}
	pressed()
	return strings.TrimSpace(l.in.Text())
}

// presses takes keys one by one, as a telephone does.
type presses struct {
	keys chan byte // closed at the end of the input
	out  io.Writer
}

// newPresses reads keys until the input ends, which that of a terminal does
// with the program.
func newPresses(in io.Reader, out io.Writer) *presses {
	p := &presses{make(chan byte), out}
	go func() {
		defer close(p.keys)
		b := make([]byte, 1)
		for {
			if n, err := in.Read(b); n == 0 || err != nil {
				return
			}
			p.keys <- b[0]
		}
	}()
	return p
}

// The keys that end a talk: those that end programs, besides h.
const (
	ctrlC, ctrlD = 3, 4
	phoneKeys    = "0123456789*#"
)

func (p *presses) next(ctx context.Context, t ivr.Turn, pressed func()) string {
	wait, listen := patienceOf(t), t.Listen
	var typed []byte
	for {
		key, ok := p.one(ctx, wait)
		switch {
		case !ok, key == 0:
			return string(typed) // nothing, or no more: silence when nothing at all
		case key == hungUp[0] || key == ctrlC || key == ctrlD:
			return hungUp
		case listen == nil:
			return string(key)
		case !strings.ContainsRune(phoneKeys, rune(key)):
			continue
		}
		pressed()
		fmt.Fprintf(p.out, "%c", key)
		if listen.Finish != "" && string(key) == listen.Finish {
			return string(typed)
		}
		typed = append(typed, key)
		if listen.Max > 0 && len(typed) >= listen.Max {
			fmt.Fprintln(p.out)
			return string(typed)
		}
		wait = max(listen.Gap, time.Second)
	}
}

// one waits for a key. It is false when none came in time, and hanging up when
// none will come any more.
func (p *presses) one(ctx context.Context, wait time.Duration) (byte, bool) {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case key, ok := <-p.keys:
		if !ok {
			return hungUp[0], true
		}
		return key, true
	case <-ctx.Done():
		return hungUp[0], true
	case <-late.C:
		return 0, false
	}
}

// patienceOf is how long keys are waited for: as long as a caller has, and the
// time to read what is said.
func patienceOf(t ivr.Turn) time.Duration {
	if t.Connect != nil {
		return max(t.Connect.Ring, time.Second)
	}
	letters := 0
	for _, p := range t.Say {
		letters += len(p.Name) + len(p.Text) + 20
	}
	wait := time.Duration(letters) * perLetter
	if t.Record != nil {
		return wait + t.Record.Pause
	}
	return wait + t.Listen.Wait
}

// returns writes lines as a terminal wants them that gives each key at once.
type returns struct{ io.Writer }

func (r *returns) Write(b []byte) (int, error) {
	if _, err := r.Writer.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}
