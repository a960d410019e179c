package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

func newTry() *cobra.Command {
	var lang, from string
	cmd := &cobra.Command{
		Use:   "try MENU.yaml",
		Short: "Play a menu at the keyboard; works through a pipe",
		Long: "Try holds a talk with a real desk on temporary data, in which an agent is always at work.\n" +
			"Type keys and Enter. An empty line is silence; h hangs up. When somebody is rung, a answers.",
		Example: "  holdless try main\n  printf '1\\n1\\n1\\n' | holdless try menus/main.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			m, err := menuFor("try", args[0])
			if err != nil {
				return err
			}
			return try(cmd.Context(), m, lang, callback.Phone(from), cmd.InOrStdin(), cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "language to show what is said in")
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
func try(ctx context.Context, m *ivr.Menu, lang string, from callback.Phone, in io.Reader, out io.Writer) error {
	if !slices.Contains(sounds.Languages(), lang) {
		return usage("--lang: %q is not spoken; the languages are %s", lang, strings.Join(sounds.Languages(), ", "))
	}
	dir, err := os.MkdirTemp("", "holdless-try-")
	if err != nil {
		return fmt.Errorf("make a place for the talk: %w", err)
	}
	d, done, err := newDesk(ctx, tryConfig(dir, m), quiet())
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	k := &keyboard{desk: d.Desk, in: bufio.NewScanner(in), out: out, lang: lang}
	err = k.hold(ctx, callback.Inbound{Talk: "try", Line: "keyboard", From: from, To: demoNumber, Withheld: from == ""})
	done()
	return errors.Join(err, os.RemoveAll(dir))
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
		Agents: []string{demoAgent}, Hours: map[string]string{"mon-sun": "00:00-24:00"},
	}}
	c.loadMenus(&reader{file: "try"})
	c.menus = maps.Clone(c.menus)
	c.menus["tried"] = m
	return c
}

// keyboard is a line whose telephone is a terminal.
type keyboard struct {
	desk *callback.Desk
	in   *bufio.Scanner
	out  io.Writer
	lang string
}

func (k *keyboard) hold(ctx context.Context, in callback.Inbound) error {
	t, err := k.desk.Answer(ctx, in)
	for err == nil {
		k.say(t)
		if t.End {
			fmt.Fprintln(k.out, "(the line hangs up)")
			return nil
		}
		e := k.event(t)
		t, err = k.desk.Next(ctx, in.Talk, t.No, e)
		if e.Kind == ivr.Gone && err == nil {
			fmt.Fprintln(k.out, "(you hung up)")
			return nil
		}
	}
	return fmt.Errorf("talk: %w", err)
}

func (k *keyboard) say(t ivr.Turn) {
	for _, p := range t.Say {
		if text := sounds.Text(k.lang, p); text != "" {
			fmt.Fprintln(k.out, "  "+text)
		}
	}
	if t.Connect != nil {
		fmt.Fprintf(k.out, "(rings %s; a answers, Enter does not)\n", t.Connect.To)
	}
}

// event reads what the caller does. At the end of a pipe he hangs up.
func (k *keyboard) event(t ivr.Turn) ivr.Event {
	fmt.Fprint(k.out, "> ")
	if !k.in.Scan() {
		fmt.Fprintln(k.out)
		return ivr.Event{Kind: ivr.Gone}
	}
	typed := strings.TrimSpace(k.in.Text())
	switch {
	case typed == "h":
		return ivr.Event{Kind: ivr.Gone}
	case t.Connect != nil && typed == "a":
		return ivr.Event{Kind: ivr.Spoke}
	case t.Connect != nil:
		return ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
	case typed == "":
		return ivr.Event{Kind: ivr.Silence}
	}
	return ivr.Event{Kind: ivr.Heard, Text: typed}
}
