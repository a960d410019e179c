package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/lists"
)

// sendList puts a list where the agent's supervisor finds it, and has it
// mailed to an agent who has an address. Only the user who runs the service may
// read the file: it has numbers and names.
func (s *service) sendList(ctx context.Context, agent string, today []callback.Callback) error {
	now := s.with.now().In(s.config.zoneOf(""))
	day := now.Format(time.DateOnly)
	dir := filepath.Join(s.config.Data, "lists", day)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	list := s.config.listOf(agent, today, now)
	text := list.Text()
	if err := os.WriteFile(filepath.Join(dir, agent+".txt"), []byte(text), 0o600); err != nil {
		return err
	}
	if err := s.tellList(ctx, agent, day, list); err != nil {
		return err
	}
	if s.mailer == nil || s.config.Agents[agent].Email == "" {
		return nil
	}
	midnight := opening.DayOf(now).Plus(1).Begins(now.Location()) // then there is another list
	return s.desk.Mail(ctx, agent, callback.ListLetter+":"+agent+":"+day, callback.ListLetter, midnight)
}

// tellList tells the webhooks that want it what an agent has to do today, if
// there is anything.
func (s *service) tellList(ctx context.Context, agent, day string, list lists.List) error {
	if len(list.Rows) == 0 {
		return nil
	}
	return s.publisher.Tell(ctx, agent+" "+day, hooks.Payload{
		Type: hooks.ListOfDay, Timestamp: s.with.now().UTC(), Data: hooks.Data{Name: list.Agent, Value: list.Text()},
	})
}

// listOf makes the list of an agent.
func (c config) listOf(agent string, all []callback.Callback, now time.Time) lists.List {
	return lists.New(agent, c.Agents[agent].Name, all, now.In(c.zoneOf("")))
}

// feeds are the calendars that links open.
type feeds struct{ *service }

// FeedOf implements [web.Feeds].
func (f feeds) FeedOf(ctx context.Context, token string) (string, error) {
	return f.accounts.FeedOf(ctx, token)
}

// Calendar implements [web.Feeds].
func (f feeds) Calendar(ctx context.Context, agent string) (string, error) { return f.feed(ctx, agent) }

// feed makes the calendar that an agent follows: all that is his or his teams',
// as far ahead as callbacks are promised.
func (s *service) feed(ctx context.Context, agent string) (string, error) {
	if _, ok := s.config.Agents[agent]; !ok {
		return "", callback.ErrNotFound
	}
	list, err := s.config.aheadOf(ctx, s.desk, agent, s.with.now())
	if err != nil {
		return "", err
	}
	return list.Calendar(), nil
}

// lastTold is how long after its time a calendar is told that a callback does not
// take place. Some look once a day.
const lastTold = 48 * time.Hour

// aheadOf makes the list of what an agent may have to do from now on, with what
// he will not have to do, as somebody else, or nobody, has.
func (c config) aheadOf(ctx context.Context, d lister, agent string, now time.Time) (lists.List, error) {
	var all []callback.Callback
	for _, name := range c.queuesOf(agent) {
		for _, f := range []callback.Filter{
			{States: openStates},
			{States: []callback.State{callback.CancelledState, callback.Failed}, From: now.Add(-lastTold)},
			{States: []callback.State{callback.Done}, From: now},
		} {
			f.Queue = name
			found, err := d.List(ctx, f)
			if err != nil {
				return lists.List{}, err
			}
			all = append(all, found...)
		}
	}
	others := slices.DeleteFunc(slices.Clone(all), func(one callback.Callback) bool {
		return one.Owner == "" || one.Owner == agent || one.At.Before(now.Add(-lastTold))
	})
	list := c.listOf(agent, notOthers(all, agent), now)
	list.Taken(others)
	return list, nil
}

// lister finds callbacks.
type lister interface {
	List(ctx context.Context, f callback.Filter) ([]callback.Callback, error)
}

func newLists() *cobra.Command {
	var d deskCommand
	cmd := group("lists", "Print an agent's callbacks, and make the link to his calendar", &d.file, &d.asJSON)
	cmd.AddCommand(d.printList(), d.linkList(), d.linksList(), d.unlinkList())
	return cmd
}

// forms are the ways in which a list is printed.
var forms = map[string]func(lists.List, io.Writer) error{
	"text": func(l lists.List, w io.Writer) error { _, err := io.WriteString(w, l.Text()); return err },
	"csv":  lists.List.CSV,
	"html": lists.List.HTML,
	"ics":  func(l lists.List, w io.Writer) error { _, err := io.WriteString(w, l.Calendar()); return err },
}

func (d *deskCommand) printList() *cobra.Command {
	var form string
	cmd := &cobra.Command{
		Use:   "print AGENT",
		Short: "Print what an agent may have to do: his own callbacks, and those of his teams",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			write := forms[form]
			if write == nil {
				return usage("--format: %q is none of text, csv, html and ics", form)
			}
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if err := c.knows(args[0]); err != nil {
					return err
				}
				list, err := c.aheadOf(cmd.Context(), asked, args[0], time.Now())
				if err != nil {
					return wrong("list of %s: %w", args[0], err)
				}
				return write(list, cmd.OutOrStdout())
			})
		}),
	}
	cmd.Flags().StringVar(&form, "format", "text", "text, csv, html (to print on paper) or ics (a calendar)")
	return cmd
}

// knows reports that there is no such agent.
func (c config) knows(agent string) error {
	if _, ok := c.Agents[agent]; !ok {
		return wrong("there is no agent %q; see holdless agents list", agent)
	}
	return nil
}
