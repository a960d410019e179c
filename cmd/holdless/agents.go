package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
)

func newAgents() *cobra.Command {
	var d deskCommand
	cmd := group("agents", "Show what agents do, and set who takes calls", &d.file, &d.asJSON)
	cmd.AddCommand(d.team(), d.setAgent())
	return cmd
}

func (d *deskCommand) team() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show what every agent does now",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				team, err := asked.Team(cmd.Context())
				if err != nil {
					return wrong("list agents: %w", err)
				}
				return d.printTeam(cmd.OutOrStdout(), c, team)
			})
		}),
	}
}

func (d *deskCommand) setAgent() *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use:       "set NAME available|break|offline",
		Short:     "Make an agent available for calls, or not",
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"available", "break", "offline"},
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				state := callback.AgentState(args[1])
				if !slices.Contains([]callback.AgentState{callback.Available, callback.OnBreak, callback.Offline}, state) {
					return usage("set agent %s: %q is none of available, break, offline", args[0], args[1])
				}
				if _, ok := c.Agents[args[0]]; !ok {
					return wrong("set agent %s: there is no such agent; %s", args[0],
						suggest(args[0], slices.Sorted(maps.Keys(c.Agents))))
				}
				duty := callback.Duty{Agent: args[0], To: state, Reason: reason, Actor: "operator"}
				if err := asked.SetDuty(cmd.Context(), duty); err != nil {
					return wrong("set agent %s: %w", args[0], err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", args[0], state)
				return nil
			})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why on a break: lunch, training")
	return cmd
}

// person is an agent as JSON shows him.
type person struct {
	Agent string    `json:"agent"`
	Name  string    `json:"name"`
	State string    `json:"state"`
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"reason,omitempty"`
	Next  string    `json:"next,omitempty"` // after the call
}

// doing is what he does in words.
func (p person) doing() string {
	switch {
	case p.Next != "":
		return p.State + ", then " + p.Next
	case p.Why != "":
		return p.State + " (" + visible(p.Why) + ")"
	}
	return p.State
}

func (d *deskCommand) printTeam(w io.Writer, c config, team []callback.Status) error {
	all := make([]person, len(team))
	for i, s := range team {
		all[i] = person{Agent: s.Agent, Name: c.Agents[s.Agent].Name, State: string(s.State), Why: s.Reason, Next: string(s.Next)}
		if !s.Since.IsZero() {
			all[i].Since = s.Since.In(c.zoneOf(""))
		}
	}
	if d.asJSON {
		return printJSON(w, all)
	}
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "AGENT\tNAME\tSTATE\tSINCE")
	for _, p := range all {
		since := "-"
		if !p.Since.IsZero() {
			since = p.Since.Format("2006-01-02 15:04 MST")
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", p.Agent, visible(p.Name), p.doing(), since)
	}
	return tab.Flush()
}
