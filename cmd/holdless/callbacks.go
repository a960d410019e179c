package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
)

// operator is who acts when a command does.
const operator = "operator"

// deskCommand is a command that asks the desk.
type deskCommand struct {
	file   string
	asJSON bool
}

func newCallbacks() *cobra.Command {
	var d deskCommand
	cmd := group("callbacks", "List, show, book, move and cancel callbacks, whether or not the service runs", &d.file, &d.asJSON)
	cmd.AddCommand(d.list(), d.show(), d.book(), d.move(), d.cancel(), d.allow(), d.slots())
	return cmd
}

// ask opens the desk for one command.
func (d *deskCommand) ask(ctx context.Context, do func(desk, config) error) error {
	asked, c, done, err := openDesk(ctx, d.file)
	if err != nil {
		return err
	}
	defer done()
	return do(asked, c)
}

func (d *deskCommand) list() *cobra.Command {
	var queue, phone, agent, day string
	var mine bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List callbacks that are promised and not yet at an end",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if mine {
					var err error
					if agent, err = c.me(); err != nil {
						return err
					}
				}
				f := callback.Filter{Queue: queue, Phone: callback.Phone(phone), Agent: agent}
				if err := c.onDay(&f, day); err != nil {
					return err
				}
				list, err := asked.List(cmd.Context(), f)
				if err != nil {
					return wrong("list: %w", err)
				}
				return d.print(cmd.OutOrStdout(), c, list)
			})
		}),
	}
	cmd.Flags().StringVar(&queue, "queue", "", "of this queue only")
	cmd.Flags().StringVar(&phone, "phone", "", "of this number only")
	cmd.Flags().StringVar(&agent, "agent", "", "that belong to this agent, or that he has in hand")
	cmd.Flags().BoolVar(&mine, "mine", false, "that are yours: of the agent named like you, or by "+meVariable)
	cmd.MarkFlagsMutuallyExclusive("mine", "agent")
	cmd.Flags().StringVar(&day, "day", "", "all of one day, also those at an end: 2026-11-30 or today")
	return cmd
}

// meVariable names the agent who types, where he is called otherwise than on
// this machine.
const meVariable = "HOLDLESS_AGENT"

// me is the agent who types.
func (c config) me() (string, error) {
	name := cmp.Or(os.Getenv(meVariable), shellUser())
	if _, ok := c.Agents[name]; !ok {
		return "", usage("--mine: there is no agent %q; set %s to the name of yours, or write --agent", name, meVariable)
	}
	return name, nil
}

// onDay chooses the callbacks of a day; without one, those that are open.
func (c config) onDay(f *callback.Filter, day string) error {
	if day == "" {
		f.States = openStates
		return nil
	}
	zone := c.zoneOf(f.Queue)
	chosen := opening.DayOf(time.Now().In(zone))
	if day != "today" {
		var err error
		if chosen, err = writtenDay(day); err != nil {
			return usage("--day: %q is not written like 2026-11-30", day)
		}
	}
	f.From, f.To = chosen.Begins(zone), chosen.Plus(1).Begins(zone)
	return nil
}

// openStates are those in which somebody is still waiting for a call.
var openStates = []callback.State{
	callback.BookedState, callback.Claimed, callback.AgentRinging, callback.AgentReady,
	callback.CustomerDialing, callback.Connected, callback.RetryWait, callback.Interrupted,
}

func (d *deskCommand) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a callback, the calls that were placed to keep it, and the texts about it",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				found, attempts, err := asked.Show(cmd.Context(), args[0])
				if err != nil {
					return wrong("%w", err)
				}
				texts, err := asked.Texts(cmd.Context(), found.ID)
				if err != nil {
					return wrong("show callback %s: %w", args[0], err)
				}
				return d.printOne(cmd.OutOrStdout(), c, found, attempts, texts)
			})
		}),
	}
}

func (d *deskCommand) book() *cobra.Command {
	var r callback.Request
	var phone, at string
	cmd := &cobra.Command{
		Use:     "book --queue NAME --phone NUMBER [--at TIME]",
		Short:   "Promise a callback",
		Example: `  holdless callbacks book --queue billing --phone +358401234567 --at "2026-11-30 09:15"`,
		Args:    cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				when, err := parseTime(at, c.zoneOf(r.Queue), time.Now())
				if err != nil {
					return err
				}
				r.Phone, r.At, r.Actor = callback.Phone(phone), when, operator
				booked, err := asked.Book(cmd.Context(), r)
				if err != nil {
					return wrong("%w", err)
				}
				return d.print(cmd.OutOrStdout(), c, []callback.Callback{booked})
			})
		}),
	}
	f := cmd.Flags()
	f.StringVar(&r.Queue, "queue", "", "who shall call")
	f.StringVar(&phone, "phone", "", "the number to call: +358401234567")
	f.StringVar(&at, "at", "asap", `when: "2026-11-30 09:15", "09:15" for today, or asap`)
	f.StringVar(&r.Name, "name", "", "of the customer")
	f.StringVar(&r.Topic, "topic", "", "what it is about")
	f.StringVar(&r.Lang, "lang", "", "language of the customer")
	f.StringVar(&r.Note, "note", "", "for the agent")
	f.StringVar(&r.Owner, "owner", "", "the agent who shall keep it")
	_ = cmd.MarkFlagRequired("queue") // they exist: they were added above
	_ = cmd.MarkFlagRequired("phone")
	return cmd
}

func (d *deskCommand) move() *cobra.Command {
	return &cobra.Command{
		Use:   "move ID TIME",
		Short: "Promise another time instead",
		Args:  cobra.ExactArgs(2),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				found, _, err := asked.Show(cmd.Context(), args[0])
				if err != nil {
					return wrong("%w", err)
				}
				when, err := parseTime(args[1], c.zoneOf(found.Queue), time.Now())
				if err != nil {
					return err
				}
				moved, err := asked.Move(cmd.Context(), found.ID, when, operator)
				if err != nil {
					return wrong("%w", err)
				}
				return d.print(cmd.OutOrStdout(), c, []callback.Callback{moved})
			})
		}),
	}
}

func (d *deskCommand) cancel() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel ID",
		Short: "Take a promise back, because the customer wishes so",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if err := asked.Cancel(cmd.Context(), args[0], operator); err != nil {
					return wrong("%w", err)
				}
				found, _, err := asked.Show(cmd.Context(), args[0])
				if err != nil {
					return wrong("%w", err)
				}
				return d.print(cmd.OutOrStdout(), c, []callback.Callback{found})
			})
		}),
	}
}

func (d *deskCommand) allow() *cobra.Command {
	return &cobra.Command{
		Use:   "allow PHONE",
		Short: "Let a number be called again whose person had said that he wants no calls",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			if !callback.Phone(args[0]).Valid() {
				return usage("allow: %q is not a number; write it like +358401234567", args[0])
			}
			return d.ask(cmd.Context(), func(asked desk, _ config) error {
				err := asked.AllowCalls(cmd.Context(), callback.Phone(args[0]), operator)
				if errors.Is(err, callback.ErrNotFound) {
					return wrong("allow: nobody at %s has said that he wants no calls", args[0])
				}
				if err != nil {
					return wrong("%w", err)
				}
				return nil
			})
		}),
	}
}
