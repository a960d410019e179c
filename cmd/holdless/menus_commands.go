package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// menuCommand is a command about menus.
type menuCommand struct {
	file   string
	asJSON bool
}

func newMenus() *cobra.Command {
	var m menuCommand
	cmd := group("menus", "See which menus are live and who changed them; try a version with some of the callers", &m.file, &m.asJSON)
	cmd.AddCommand(m.list(), m.log(), m.show(), m.trial(), m.traffic(), m.open(),
		m.end("promote", "Let everybody meet the version that is on trial", "is live for everybody", menuDesk.promote),
		m.end("withdraw", "End a trial: everybody meets the version that is live", "is on trial no more", menuDesk.withdraw))
	return cmd
}

func (m *menuCommand) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the menus with the versions that are live",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			all, err := askMenus(cmd.Context(), m.file, "/menus/list", menuAsk{}, menuDesk.list)
			if err != nil || m.asJSON {
				return orJSON(cmd.OutOrStdout(), all, err)
			}
			tab := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(tab, "MENU\tVERSION\tON TRIAL\tFILE\tWRONG")
			for _, s := range all {
				trial := ""
				if s.Trial != "" {
					trial = fmt.Sprintf("%s %d%%", s.Trial, s.Share)
				}
				fmt.Fprintln(tab, strings.Join([]string{s.Menu, s.Version, trial, s.File, visible(s.Wrong)}, "\t"))
			}
			return tab.Flush()
		}),
	}
}

// orJSON prints an answer as JSON, unless there is an error.
func orJSON(w io.Writer, answer any, err error) error {
	if err != nil {
		return err
	}
	return printJSON(w, answer)
}

func (m *menuCommand) log() *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "log [MENU]",
		Short: "Tell who changed what and when, the latest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			q := menuAsk{Most: most, Menu: strings.Join(args, "")}
			all, err := askMenus(cmd.Context(), m.file, "/menus/log", q, menuDesk.log)
			if err != nil || m.asJSON {
				return orJSON(cmd.OutOrStdout(), all, err)
			}
			tab := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(tab, "AT\tMENU\tWHAT\tVERSION\tBY")
			for _, c := range all {
				fmt.Fprintln(tab, strings.Join([]string{c.At.Local().Format(time.DateTime), c.Menu, c.What, visible(c.Value), visible(c.By)}, "\t"))
			}
			return tab.Flush()
		}),
	}
	cmd.Flags().IntVar(&most, "max", 50, "changes to look back")
	return cmd
}

func (m *menuCommand) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show MENU [VERSION]",
		Short: "Print the text of a menu as it is live, or of an earlier version",
		Args:  cobra.RangeArgs(1, 2),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			q := menuAsk{Menu: args[0], Version: strings.Join(args[1:], "")}
			a, err := askMenus(cmd.Context(), m.file, "/menus/show", q, menuDesk.show)
			if err != nil || m.asJSON {
				return orJSON(cmd.OutOrStdout(), a, err)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), a.Text)
			return err
		}),
	}
}
