package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/drawing"
	"github.com/holdless/holdless/internal/traffic"
	"github.com/holdless/holdless/ivr"
)

// trafficAnswer is what was counted of one version of a menu, and its text.
type trafficAnswer struct {
	Version string
	Text    string
	Tallies []walk.Tally
}

func (m menuDesk) traffic(ctx context.Context, q menuAsk) (trafficAnswer, error) {
	found, err := m.Version(ctx, q.Menu, q.Version)
	if err != nil {
		return trafficAnswer{}, err
	}
	a := trafficAnswer{Version: found.Version(), Text: found.Source()}
	err = m.store.View(ctx, func(tx callback.Tx) (err error) {
		a.Tallies, err = tx.Tallies(walk.Filter{Menu: q.Menu, Version: a.Version, From: q.Since, To: q.Until})
		return err
	})
	return a, err
}

// trafficOf asks what callers did in a version of a menu, "" for the live one.
func trafficOf(ctx context.Context, file string, q menuAsk) (traffic.Traffic, error) {
	a, err := askMenus(ctx, file, "/menus/traffic", q, menuDesk.traffic)
	if err != nil {
		return traffic.Traffic{}, wrong("traffic of %s: %w; see holdless menus list and log", q.Menu, err)
	}
	m, err := ivr.Parse(q.Menu, []byte(a.Text))
	if err != nil {
		m = nil // an old one, which this program does not understand
	}
	t := traffic.Of(a.Tallies, m)
	t.Menu, t.Version = q.Menu, a.Version
	return t, nil
}

func (m *menuCommand) traffic() *cobra.Command {
	var against string
	var since time.Duration
	q := menuAsk{}
	cmd := &cobra.Command{
		Use:   "traffic MENU",
		Short: "Tell what callers did at each node, and which node is the worst",
		Long: "Traffic counts talks when they are over, by version of the menu: the live one, or --version.\n" +
			"With --against it compares that version with an earlier one.",
		Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			if q.Menu = args[0]; since > 0 {
				q.Since = time.Now().Add(-since)
			}
			t, err := trafficOf(cmd.Context(), m.file, q)
			if err != nil || m.asJSON {
				return orJSON(cmd.OutOrStdout(), t, err)
			}
			lines := t.Tell()
			if against != "" {
				q.Version = against
				before, err := trafficOf(cmd.Context(), m.file, q)
				if err != nil {
					return err
				}
				lines = traffic.Compare(before, t)
			}
			for _, line := range lines {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&q.Version, "version", "", "version to tell of; the live one when left out")
	cmd.Flags().StringVar(&against, "against", "", "version to compare it with")
	cmd.Flags().DurationVar(&since, "since", 0, "of the last hours only, such as 24h; all when left out")
	return cmd
}

// addTraffic lets a drawing show what callers did in that version of the menu.
func addTraffic(ctx context.Context, d *drawing.Menu, config, menu string) error {
	t, err := trafficOf(ctx, config, menuAsk{Menu: menu, Version: d.Version()})
	if err != nil {
		return err
	}
	showTraffic(d, t)
	return nil
}

func showTraffic(d *drawing.Menu, t traffic.Traffic) {
	d.Took, d.Came = t.Took, func(node string) int { return t.Node(node).In }
	if n, bad := t.Worst(); bad {
		d.Worst = n.Name
	}
}
