package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (m *menuCommand) trial() *cobra.Command {
	var share string
	cmd := &cobra.Command{
		Use:   "trial MENU DRAFT.yaml",
		Short: "Let a share of the callers meet a draft; the same caller stays on the same side",
		Args:  cobra.ExactArgs(2),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			q := menuAsk{Menu: args[0]}
			if _, err := fmt.Sscanf(share, "%d", &q.Share); err != nil {
				return usage("--share: %q is not a share such as 10%%", share)
			}
			draft, err := menuFor("trial", args[1])
			if err != nil {
				return err
			}
			q.Text = draft.Source()
			a, err := askMenus(cmd.Context(), m.file, "/menus/trial", q, menuDesk.trial)
			if err != nil {
				return wrong("trial of %s: %w", args[0], err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d%% of the callers meet version %s\n", a.Menu, q.Share, a.Version)
			return nil
		}),
	}
	cmd.Flags().StringVar(&share, "share", "10%", "share of the callers")
	return cmd
}

func (m *menuCommand) end(name, short, what string, do func(menuDesk, context.Context, menuAsk) (menuAnswer, error)) *cobra.Command {
	return &cobra.Command{
		Use:   name + " MENU",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			a, err := askMenus(cmd.Context(), m.file, "/menus/"+name, menuAsk{Menu: args[0]}, do)
			if err != nil {
				return wrong("%s: %w", name, err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s %s\n", a.Menu, a.Version, what)
			return nil
		}),
	}
}
