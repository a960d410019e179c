package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/internal/simulate"
)

// whatIf are scenarios, one for each combination of what differs.
type whatIf struct {
	simulate.Scenario
	agents   []int
	policies []string
	orders   []string
	seeds    []uint
	svg      string
	asJSON   bool
}

func newSimulate() *cobra.Command {
	w := &whatIf{Scenario: simulate.Usual()}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Live through days of a team in virtual time: promises kept, waits, and what dialling costs agents",
		Long: "Live through days of a team in virtual time, with the forecast, the capacity and the dispatch of the service itself.\n" +
			"Without --load, callers on the line bring what a quarter of promises leaves of the load that is planned.",
		Example: `  holdless simulate --agents 2,3,5,8 --days 100
  holdless simulate --agents 8 --load 0.6 --aht 5m20s --policy deadline,fifo --svg promises.svg`,
		Args: cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			all, err := w.run()
			if err != nil {
				return usage("%w", err)
			}
			if err := w.draw(all); err != nil {
				return wrong("draw: %w", err)
			}
			if w.asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return simulate.Table(cmd.OutOrStdout(), all)
		}),
	}
	w.flags(cmd)
	return cmd
}

// flags are what a scenario is made of.
func (w *whatIf) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntSliceVar(&w.agents, "agents", []int{w.Agents}, "how many work; several: 2,3,5")
	f.Float64Var(&w.Load, "load", w.Load, "how busy callers on the line keep an agent, from 0 to 1; -1 for what promises leave")
	f.DurationVar(&w.Handle, "aht", w.Handle, "how long a call keeps an agent, writing included")
	f.DurationVar(&w.Patience, "patience", w.Patience, "how long callers wait on average until they give up; 0 for ever")
	f.Float64Var(&w.Keep, "keep", w.Keep, "of callers who would wait, how many have their place kept instead, from 0 to 1")
	f.Float64Var(&w.Answer, "answer", w.Answer, "of customers who are called, how many take the call, from 0 to 1")
	f.Float64Var(&w.Machine, "machine", w.Machine, "of calls, how many a machine takes, from 0 to 1")
	f.Float64Var(&w.Special, "special", w.Special, "of all people, how many need a language or a skill that not every agent has, from 0 to 1")
	f.IntVar(&w.Able, "able", w.Able, "how many agents have it; they serve the others, too")
	f.DurationVar(&w.Slot, "slot", w.Slot, "length of a slot, and of the promised window")
	f.IntVar(&w.Places, "places", w.Places, "promises in a slot; -1 for what the team can keep")
	f.Float64Var(&w.Beta, "beta", w.Beta, "how careful slots are sold: 0.4 sells more, 0.6 less")
	f.StringSliceVar(&w.policies, "policy", []string{string(w.Policy)}, "who is served next: deadline, fifo, or both")
	f.StringSliceVar(&w.orders, "order", []string{string(w.Order)}, "of dialling: agent_first, customer_first, adaptive, or several")
	f.UintSliceVar(&w.seeds, "seed", []uint{uint(w.Seed)}, "other numbers are other days; several: 1,2,3")
	f.IntVar(&w.Days, "days", w.Days, "how many, of eight hours each")
	f.StringVar(&w.svg, "svg", "", "draw the promises kept into this file")
	f.BoolVar(&w.asJSON, "json", false, "print JSON")
}

// run lives through every combination.
func (w whatIf) run() ([]simulate.Result, error) {
	scenarios := w.scenarios()
	if len(scenarios) == 0 {
		return nil, errors.New("agents, policy, order and seed need a value each")
	}
	var all []simulate.Result
	for _, s := range scenarios {
		r, err := simulate.Run(s)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (w whatIf) scenarios() []simulate.Scenario {
	var all []simulate.Scenario
	for _, agents := range w.agents {
		for _, policy := range w.policies {
			for _, order := range w.orders {
				for _, seed := range w.seeds {
					s := w.Scenario
					s.Agents, s.Policy, s.Order, s.Seed = agents, dispatch.Policy(policy), simulate.Order(order), uint64(seed)
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// draw draws the chart, if one is asked for.
func (w whatIf) draw(all []simulate.Result) (err error) {
	if w.svg == "" {
		return nil
	}
	file, err := os.Create(w.svg)
	if err != nil {
		return err
	}
	defer func() {
		if failed := file.Close(); err == nil {
			err = failed
		}
	}()
	return simulate.Chart(file, all)
}
