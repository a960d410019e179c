package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

func newTry() *cobra.Command {
	var lang, from string
	var play bool
	cmd := &cobra.Command{
		Use:   "try MENU.yaml",
		Short: "Play a menu at the keyboard; works through a pipe",
		Long: "Try holds a talk with a real desk on temporary data, in which an agent is always at work.\n" +
			"In a terminal each key counts at once, and doing nothing is silence; through a pipe each line is what is pressed,\n" +
			"and an empty line is silence. h hangs up. When somebody is rung, a answers, and anything else does not.",
		Example: "  holdless try main\n  printf '1\\n1\\n1\\n' | holdless try menus/main.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			m, err := menuFor("try", args[0])
			if err != nil {
				return err
			}
			k := &keyboard{in: cmd.InOrStdin(), out: cmd.OutOrStdout(), lang: lang}
			if play {
				if k.player, err = findPlayer(exec.LookPath); err != nil {
					return err
				}
			}
			return k.try(cmd.Context(), m, callback.Phone(from))
		}),
	}
	cmd.Flags().StringVar(&lang, "lang", "", "language of the talk; the menu's first when left out")
	cmd.Flags().BoolVar(&play, "play", false, "let it be heard as well, where a program that plays sound is installed")
	cmd.Flags().StringVar(&from, "from", demoCustomer, `the caller's number; "" for withheld`)
	return cmd
}

// menuFor reads a menu file, or one that ships, for a command.
func menuFor(command, name string) (*ivr.Menu, error) {
	m, err := readMenu(name)
	if errors.Is(err, os.ErrNotExist) {
		if shipped, nope := ivr.Default(name); nope == nil {
			return shipped, nil
		}
	}
	var ms ivr.Mistakes
	switch {
	case errors.As(err, &ms):
		return nil, wrong("%s %s: %s (%s; see: holdless check %s)", command, name, brief(ms[0]), count(len(ms), "mistake"), name)
	case err != nil:
		return nil, usage("%s %s: %w; name a file, or a menu that ships: main", command, name, err)
	}
	return m, nil
}

func brief(m ivr.Mistake) string {
	m.Excerpt = ""
	return m.String()
}

// try holds one talk between a menu and whoever types.
func (k *keyboard) try(ctx context.Context, m *ivr.Menu, from callback.Phone) error {
	if k.lang == "" {
		k.lang = m.Languages()[0]
	}
	if !slices.Contains(m.Languages(), k.lang) {
		return usage("--lang: the menu does not speak %q; it speaks %s", k.lang, strings.Join(m.Languages(), ", "))
	}
	dir, err := os.MkdirTemp("", "holdless-try-")
	if err != nil {
		return fmt.Errorf("make a place for the talk: %w", err)
	}
	d, done, err := newDesk(ctx, tryConfig(dir, m), quiet())
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	d.Lang, d.Mailbox, k.desk = k.lang, deaf{}, d.Desk
	still, err := k.open(dir)
	if err == nil {
		err = k.hold(ctx, callback.Inbound{Talk: "try", Line: "keyboard", From: from, To: demoNumber, Withheld: from == ""})
		still()
	}
	done()
	return errors.Join(err, os.RemoveAll(dir))
}

// open makes the keyboard ready: the terminal gives each key at once, and the
// voice is loaded when there is something to play it.
func (k *keyboard) open(dir string) (done func(), err error) {
	var undo []func()
	done = func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
	}
	if k.player != nil {
		if k.voice, err = sounds.New(sounds.Config{Cache: filepath.Join(dir, "sounds"), Log: quiet()}); err != nil {
			return done, fmt.Errorf("load sounds: %w", err)
		}
		undo = append(undo, func() { _ = k.voice.Close() }) // nothing was written that matters
	}
	file, ok := k.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		k.keys = &lines{in: bufio.NewScanner(k.in), out: k.out}
		return done, nil
	}
	before, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return done, fmt.Errorf("read keys one by one: %w", err)
	}
	undo = append(undo, func() { _ = term.Restore(int(file.Fd()), before) }) // there is no more to be done about it
	k.out = &returns{k.out}
	k.keys = newPresses(file, k.out)
	return done, nil
}

// tryConfig is a queue that is at work at any time, with one agent.
func tryConfig(dir string, m *ivr.Menu) config {
	c := defaults()
	c.Data = dir
	c.Zone = time.Local.String()
	if c.Zone == "Local" {
		c.Zone = "UTC"
	}
	c.Numbers = map[callback.Phone]callback.Route{demoNumber: {Menu: "tried", Queue: demoQueue}}
	c.Agents = map[string]callback.Agent{demoAgent: {Name: "Aino", Phone: "sip:aino@192.0.2.1"}}
	c.Queues = map[string]callback.QueueConfig{demoQueue: {
		Agents: []string{demoAgent}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Voicemail: callback.Span(2 * time.Minute),
	}}
	c.loadMenus(&reader{file: "try"})
	c.menus = maps.Clone(c.menus)
	c.menus["tried"] = m
	return c
}

// deaf is a mailbox for messages that nobody has spoken.
type deaf struct{}

// Keep says that a message is long enough.
func (deaf) Keep(string) (time.Duration, error) { return 5 * time.Second, nil }

// Drop has nothing to forget.
func (deaf) Drop(string) error { return nil }

// keyboard is a line whose telephone is a terminal.
type keyboard struct {
	desk   *callback.Desk
	in     io.Reader
	out    io.Writer
	lang   string
	keys   keys
	player []string // the program that plays sound, and its arguments; nil for none
	voice  *sounds.Voice
}

// keys are where presses come from.
type keys interface {
	// next waits for what the caller does. It closes pressed, or returns, when
	// a key is down: then what is being said is cut off.
	next(ctx context.Context, t ivr.Turn, pressed func()) string
}

func (k *keyboard) hold(ctx context.Context, in callback.Inbound) error {
	t, err := k.desk.Answer(ctx, in)
	for err == nil {
		k.show(t)
		sound := k.play(ctx, t)
		if t.End {
			sound.wait()
			fmt.Fprintln(k.out, "(the line hangs up)")
			return nil
		}
		e := event(t, k.keys.next(ctx, t, sound.cut))
		sound.cut()
		t, err = k.desk.Next(ctx, in.Talk, t.No, e)
		if e.Kind == ivr.Gone && err == nil {
			fmt.Fprintln(k.out, "(you hung up)")
			return nil
		}
	}
	return fmt.Errorf("talk: %w", err)
}

func (k *keyboard) show(t ivr.Turn) {
	for _, p := range t.Say {
		if text := sounds.Text(t.Lang, p); text != "" {
			fmt.Fprintln(k.out, "  "+text)
		}
	}
	if t.Connect != nil {
		fmt.Fprintf(k.out, "(rings %s; a answers, anything else does not)\n", t.Connect.To)
	}
	if t.Record != nil {
		fmt.Fprintln(k.out, "(a tone; a speaks, anything else says nothing)")
	}
}

// hungUp is what keys give for a caller who is gone.
const hungUp = "h"

// event is what was typed, as the desk takes it.
func event(t ivr.Turn, typed string) ivr.Event {
	switch {
	case typed == hungUp:
		return ivr.Event{Kind: ivr.Gone}
	case t.Connect != nil && typed == "a":
		return ivr.Event{Kind: ivr.Spoke}
	case t.Connect != nil:
		return ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
	case t.Record != nil && typed == "a":
		return ivr.Event{Kind: ivr.Recorded, Text: "spoken"}
	case typed == "", t.Record != nil:
		return ivr.Event{Kind: ivr.Silence}
	}
	return ivr.Event{Kind: ivr.Heard, Text: typed}
}
