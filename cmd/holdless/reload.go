package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newReload() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Let the running service read its menus again now, and tell what is wrong with them",
		Long: "Reload does at once what the service does by itself within a second of a change.\n" +
			"It ends with 1 when a file has mistakes: callers then hear the version before.",
		Args: cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			a, err := askMenus(cmd.Context(), file, "/menus/reload", menuAsk{}, menuDesk.reload)
			if err != nil {
				return wrong("%w", err)
			}
			for _, line := range a.Wrong {
				fmt.Fprintln(cmd.OutOrStdout(), visible(line))
			}
			if len(a.Wrong) > 0 {
				return wrong("%s not used; see all mistakes: holdless check -c %s", count(len(a.Wrong), "file"), file)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "all menus are live as they are in their files")
			return nil
		}),
	}
	configFlag(cmd, &file)
	return cmd
}

func newRollback() *cobra.Command {
	var file, to string
	cmd := &cobra.Command{
		Use:   "rollback [MENU]",
		Short: "Put the version of a menu back that was live before, into its file too",
		Long: "Rollback takes the menu that changed last when none is named.\n" +
			"Calls that have begun go on in the version they began with.",
		Args: cobra.MaximumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			q := menuAsk{Menu: strings.Join(args, ""), Version: to}
			a, err := askMenus(cmd.Context(), file, "/menus/rollback", q, menuDesk.rollback)
			if err != nil {
				return wrong("%w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s is live again, and in its file\n", a.Menu, a.Version)
			return nil
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&to, "to", "", "the version, by the beginning of its hash; see holdless menus log")
	return cmd
}
