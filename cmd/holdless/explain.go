package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// scene is when and under which facts a menu is looked at.
type scene struct {
	config string
	queue  string
	at     string
	lang   string
	from   string
	agents int
}

func (s *scene) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&s.config, "config", "c", "", "configuration whose hours and rules count; without one the queue is always at work")
	f.StringVar(&s.queue, "queue", "", "queue of the configuration; found by the menu when left out")
	f.StringVar(&s.at, "at", "", `when: "21:00", "Sat 21:00" or "2026-11-28 21:00"; now when left out`)
	f.StringVar(&s.lang, "lang", "", "language of the talk; the menu's first when left out")
	f.StringVar(&s.from, "from", string(demoCustomer), `the caller's number; "" for withheld`)
	f.IntVar(&s.agents, "agents", 1, "how many agents could answer while the queue is at work")
}

func newExplain() *cobra.Command {
	var s scene
	cmd := &cobra.Command{
		Use:   "explain MENU.yaml [KEYS...]",
		Short: "Tell where keys lead in a menu, and what is said on the way",
		Long: "Explain holds a talk with a menu, as a caller would who presses these keys, and shows the nodes it comes by.\n" +
			"Instead of keys it takes silence, spoke, \"noanswer busy\" and gone, as written talks do.",
		Example: `  holdless explain main.yaml 2 1 --at "Sat 21:00" --lang fi`,
		Args:    cobra.MinimumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			m, err := menuFor("explain", args[0])
			if err != nil {
				return err
			}
			t, err := s.talk(m, time.Now())
			if err != nil {
				return err
			}
			if err := s.tellStandards(cmd.OutOrStdout(), m, t); err != nil {
				return err
			}
			return explain(cmd.OutOrStdout(), m, t, args[1:])
		}),
	}
	s.flags(cmd)
	return cmd
}

// talk sets the scene: what may be told to a caller at that time.
func (s scene) talk(m *ivr.Menu, now time.Time) (script.Talk, error) {
	t := script.Usual()
	q, d, err := s.place(m)
	if err != nil {
		return t, err
	}
	if t.Lang = s.lang; s.lang == "" {
		t.Lang = m.Languages()[0]
	} else if !slices.Contains(m.Languages(), s.lang) {
		return t, usage("--lang: the menu does not speak %q; it speaks %s", s.lang, strings.Join(m.Languages(), ", "))
	}
	now = now.In(q.Zone).Truncate(time.Minute)
	if s.at != "" {
		if now, err = script.Clock(s.at, now); err != nil {
			return t, usage("--at: %w", err)
		}
	}
	from := callback.Phone(s.from)
	t.Facts = ivr.Facts{
		Now: now, Open: q.Open(now), Slots: q.Times(now),
		Caller: ivr.Caller{Phone: s.from, Callable: from != "" && d.Rules.Check(from) == nil},
	}
	if t.Facts.Open {
		t.Facts.Idle = s.agents
	} else {
		t.Facts.Opens = q.Opens(now)
	}
	if t.Facts.Caller.Callable {
		t.Facts.Message = q.Voicemail
	}
	return t, nil
}

// place finds the queue whose hours count.
func (s scene) place(m *ivr.Menu) (*callback.Queue, *callback.Desk, error) {
	c := tryConfig("", m)
	if s.config != "" {
		var err error
		if c, err = loadConfig(s.config); err != nil {
			return nil, nil, err
		}
	}
	d, err := callback.New(c.Config)
	if err != nil {
		return nil, nil, unusable("read configuration: %w", err)
	}
	name := s.queue
	if name == "" {
		name = c.queueOf(m)
	}
	if d.Queues[name] == nil {
		return nil, nil, usage("--queue: there is no queue %q; the queues are %s", name, strings.Join(slices.Sorted(maps.Keys(d.Queues)), ", "))
	}
	return d.Queues[name], d, nil
}

// queueOf finds the queue that a menu serves, by its text, or else any.
func (c config) queueOf(m *ivr.Menu) string {
	for _, number := range slices.Sorted(maps.Keys(c.Numbers)) {
		route := c.Numbers[number]
		if known := c.menus[route.Menu]; known != nil && known.Version() == m.Version() {
			return route.Queue
		}
	}
	return slices.Sorted(maps.Keys(c.Queues))[0]
}

// explain holds the talk and tells of it.
func explain(w io.Writer, m *ivr.Menu, t script.Talk, keys []string) error {
	fmt.Fprintln(w, headline(t))
	s := t.Begin(m)
	turn := s.Next(ivr.Event{Kind: ivr.Begin})
	tellTurn(w, "begins", s, turn)
	for _, key := range keys {
		if turn.End {
			return wrong("the talk is over before %q; leave out what comes after", key)
		}
		turn = s.Next(script.Did(key))
		tellTurn(w, key, s, turn)
	}
	return nil
}

// tellStandards says what the queue has promised of itself, and what holds at
// that time.
func (s scene) tellStandards(w io.Writer, m *ivr.Menu, t script.Talk) error {
	q, _, err := s.place(m)
	if err != nil {
		return err
	}
	if q.AnswerWithin > 0 {
		fmt.Fprintf(w, "standard of %s: a person is rung within %s\n", q.Name, q.AnswerWithin)
	}
	if q.CallbackWithin == 0 || !t.Facts.Open {
		return nil
	}
	soonest := "none can be offered"
	if len(t.Facts.Slots) > 0 {
		at := t.Facts.Slots[0]
		soonest = fmt.Sprintf("the soonest is at %s, in %s", at.Format("15:04"), at.Sub(t.Facts.Now).Round(time.Minute))
		if at.Sub(t.Facts.Now) > q.CallbackWithin {
			soonest += ", which is late"
		}
	}
	fmt.Fprintf(w, "standard of %s: a callback within %s; %s\n", q.Name, q.CallbackWithin, soonest)
	return nil
}

// headline says under which facts the talk is held.
func headline(t script.Talk) string {
	f := t.Facts
	said := f.Now.Format("Mon 2 Jan 2006 15:04 MST")
	switch {
	case f.Open:
		said += ", at work, " + count(f.Idle, "agent") + " free"
	case f.Opens.IsZero():
		said += ", closed"
	default:
		said += ", closed until " + f.Opens.Format("Mon 2 Jan 15:04")
	}
	return said + ", language " + t.Lang
}

// tellTurn shows one turn: what was done, the nodes, the words, and what
// follows.
func tellTurn(w io.Writer, did string, s *script.Session, t ivr.Turn) {
	path := strings.Join(s.Nodes, " -> ")
	if path == "" {
		path = s.State.Node + " (stays)"
	}
	fmt.Fprintf(w, "%-10s %s\n", did, path)
	for _, p := range t.Say {
		if text := sounds.Text(t.Lang, p); text != "" {
			fmt.Fprintf(w, "%10s   %s\n", "", text)
		}
	}
	for _, n := range t.Notes {
		fmt.Fprintf(w, "%10s   (notes %s: %s)\n", "", n.Name, n.Value)
	}
	fmt.Fprintf(w, "%10s   (%s)\n", "", follows(t))
}

// follows says what happens after the words of a turn.
func follows(t ivr.Turn) string {
	switch {
	case t.Connect != nil && t.Connect.Transfer:
		return "hands the call over to " + t.Connect.To
	case t.Connect != nil:
		return fmt.Sprintf("rings %s for %s", t.Connect.To, t.Connect.Ring)
	case t.Record != nil:
		return fmt.Sprintf("takes down what is said, for %s at most", t.Record.Max)
	case t.Listen != nil:
		return "waits for a key"
	}
	return "hangs up"
}
