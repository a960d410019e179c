package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
)

func newDialing() *cobra.Command {
	var d deskCommand
	cmd := group("dialing", "Stop and start the dialling of customers; promises wait meanwhile", &d.file, &d.asJSON)
	cmd.AddCommand(d.stopDialing(), d.startDialing(), d.dialingNow())
	return cmd
}

func (d *deskCommand) stopDialing() *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Dial no more customers, also after a restart, until dialing start; calls that were begun go on",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if err := asked.StopDialing(cmd.Context(), operator, why); err != nil {
					return wrong("stop dialling: %w", err)
				}
				return d.showDialing(cmd, asked, c)
			})
		}),
	}
	cmd.Flags().StringVar(&why, "why", "", "for those who look at the page")
	return cmd
}

func (d *deskCommand) startDialing() *cobra.Command {
	return &cobra.Command{
		Use:   "start",
		Short: "Dial customers again; those who waited first",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if err := asked.StartDialing(cmd.Context(), operator); err != nil {
					return wrong("start dialling: %w", err)
				}
				return d.showDialing(cmd, asked, c)
			})
		}),
	}
}

func (d *deskCommand) dialingNow() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show whether customers are dialled, and else why not",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error { return d.showDialing(cmd, asked, c) })
		}),
	}
}

// dialing is whether customers are dialled, as JSON shows it.
type dialing struct {
	Stopped bool      `json:"stopped"`
	By      string    `json:"by,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Why     string    `json:"why,omitempty"`
	Until   time.Time `json:"until,omitzero"`      // when it goes on by itself
	Waits   string    `json:"waits_for,omitempty"` // the limit that is reached
	Warns   string    `json:"warns,omitempty"`     // what may stop it soon
}

func (d *deskCommand) showDialing(cmd *cobra.Command, asked desk, c config) error {
	now, err := asked.Dialing(cmd.Context())
	if err != nil {
		return wrong("show dialling: %w", err)
	}
	if !now.At.IsZero() {
		now.At, now.Until = now.At.In(c.zoneOf("")), inZone(now.Until, c.zoneOf(""))
	}
	if d.asJSON {
		return printJSON(cmd.OutOrStdout(), dialing{now.Stopped, now.Actor, now.At, now.Why, now.Until, now.Waits, now.Warns})
	}
	return printDialing(cmd.OutOrStdout(), now)
}

func printDialing(w io.Writer, now callback.Dialing) error {
	line := "customers are dialled when they are due"
	switch {
	case now.Stopped:
		line = fmt.Sprintf("dialling is stopped since %s by %s", now.At.Format("2006-01-02 15:04 MST"), now.Actor)
		if now.Why != "" {
			line += ": " + visible(now.Why)
		}
		if !now.Until.IsZero() {
			line += "; it goes on by itself at " + now.Until.Format("2006-01-02 15:04 MST")
		}
	case now.Waits != "":
		line = "dialling waits: " + now.Waits + " is reached"
	}
	if now.Warns != "" {
		line += "\ntoo few to stop: " + now.Warns
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// inZone is an instant at a place, and nothing when there is none.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}
