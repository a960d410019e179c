package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// TestPresses: in a terminal each key counts at once, and time does too.
func TestPresses(t *testing.T) {
	t.Parallel()
	one := ivr.Turn{Listen: &ivr.Listen{Max: 1, Wait: 6 * time.Second}}
	many := ivr.Turn{Listen: &ivr.Listen{Max: 4, Finish: "#", Wait: 8 * time.Second, Gap: 3 * time.Second}}
	rings := ivr.Turn{Connect: &ivr.Connect{To: "agents", Ring: 20 * time.Second}}
	tests := []struct {
		name  string
		turn  ivr.Turn
		typed string // a dot is four seconds
		want  string
	}{
		{"one key", one, "1", "1"},
		{"nothing", one, "..", ""},
		{"late", one, ".2", "2"},
		{"no key of a telephone", one, "x3", "3"},
		{"up to the end", many, "1545", "1545"},
		{"finished", many, "15#", "15"},
		{"given up half way", many, "15.45", "15"},
		{"nothing, finished", many, "#", ""},
		{"hangs up", many, "1h", hungUp},
		{"interrupted", one, "\x03", hungUp},
		{"answers", rings, ".a", "a"},
		{"rings out", rings, "......", ""},
		{"closes the window", one, "", hungUp},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, keyboard := io.Pipe()
				p := newPresses(in, io.Discard)
				var typist sync.WaitGroup
				typist.Go(func() {
					for _, key := range tt.typed {
						if key == '.' {
							<-time.After(4 * time.Second)
							continue
						}
						_, _ = keyboard.Write([]byte(string(key)))
					}
					_ = keyboard.Close()
				})
				if got := p.next(t.Context(), tt.turn, func() {}); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				_ = in.Close()
				typist.Wait()
				for range p.keys { // what nobody waited for
				}
			})
		})
	}
}

// TestReturns: a raw terminal needs the carriage moved.
func TestReturns(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if n, err := (&returns{&out}).Write([]byte("a\nb\n")); n != 4 || err != nil || out.String() != "a\r\nb\r\n" {
		t.Errorf("got %d, %v, %q", n, err, out.String())
	}
}

// TestTryPlays: what is said goes to the program that plays sound.
func TestTryPlays(t *testing.T) {
	t.Parallel()
	if _, err := findPlayer(func(string) (string, error) { return "", exec.ErrNotFound }); codeOf(err) != exitUsage {
		t.Errorf("without a player: %v", err)
	}
	found, err := findPlayer(func(name string) (string, error) {
		if name == "play" {
			return name, nil
		}
		return "", exec.ErrNotFound
	})
	if err != nil || found[0] != "play" {
		t.Errorf("got %v, %v", found, err)
	}
	heard := filepath.Join(t.TempDir(), "heard")
	voice, err := sounds.New(sounds.Config{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer voice.Close()
	k := &keyboard{player: []string{"sh", "-c", "cat > " + heard}, voice: voice}
	turn := ivr.Turn{Lang: "fi", Say: []ivr.Prompt{{Name: "welcome"}, {Name: "press_language", Key: "1", Lang: "en"}}}
	k.play(t.Context(), turn).wait()
	got, err := os.ReadFile(heard)
	if err != nil {
		t.Fatal(err)
	}
	var want []byte
	for _, p := range turn.Say {
		for _, c := range voice.Say("fi", p) {
			want = append(want, c.PCMU...)
		}
	}
	if !bytes.Equal(got, want) || len(want) == 0 {
		t.Errorf("played %d bytes, want %d", len(got), len(want))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	k.player = []string{"sh", "-c", "exec sleep 600"}
	s := k.play(ctx, turn)
	s.cut() // a key is pressed
	s.wait()
}

func TestTryInOtherLanguages(t *testing.T) {
	t.Parallel()
	if code, out, _ := typing(t, "1\n1\n", "try", "main", "--lang", "el"); code != exitDone || !strings.Contains(out, "Για το θέμα λογαριασμοί, πατήστε 1.") {
		t.Errorf("got %d %s", code, out)
	}
	if code, _, errs := typing(t, "", "try", "main", "--lang", "tlh"); code != exitUsage || !strings.Contains(errs, `does not speak "tlh"`) {
		t.Errorf("got %d %s", code, errs)
	}
}

// TestTryTakesMessages leaves a message where a menu lets callers do so, and
// leaves none; explain tells of it.
func TestTryTakesMessages(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "menu.yaml")
	write(t, file, "start: ask\nstuck: ring\nnodes:\n  ask: {do: menu, keys: {1: {label: {en: messages}, to: message}, 2: {label: {en: people}, to: ring}}}\n"+
		"  message: {do: voicemail, then: bye}\n  ring: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n")
	for typed, want := range map[string]string{
		"1\na\n": "Your message is kept, and we will call you back.",
		"1\n\n":  "I heard no message.",
	} {
		code, out, errs := typing(t, typed, "try", file)
		if code != exitDone || !strings.Contains(out, "(a tone; ") || !strings.Contains(out, want) || !strings.Contains(out, "(the line hangs up)") {
			t.Errorf("%q: got %d %s\n%s", typed, code, errs, out)
		}
	}
	if code, out, errs := holdless(t, "explain", file, "1"); code != exitDone || !strings.Contains(out, "(takes down what is said, for 2m0s at most)") {
		t.Errorf("explain: got %d %s\n%s", code, errs, out)
	}
	record := ivr.Turn{Record: &ivr.Record{Max: time.Minute, Pause: 4 * time.Second}}
	if got := patienceOf(record); got != record.Record.Pause {
		t.Errorf("a terminal waits %s for words, want %s", got, record.Record.Pause)
	}
}
