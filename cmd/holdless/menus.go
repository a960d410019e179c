package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store"
)

// A menuDesk answers what commands ask about menus.
type menuDesk struct {
	*menus.Keeper
	store *store.Store
}

// The questions that commands put about menus, and the answers.
type (
	menuAsk struct {
		Menu    string
		Version string
		Text    string
		Share   int
		By      string
		Most    int
		Since   time.Time
	}
	menuState struct {
		Menu    string `json:"menu"`
		File    string `json:"file,omitempty"`
		Version string `json:"version"`
		Trial   string `json:"trial,omitempty"`
		Share   int    `json:"share,omitempty"`
		Wrong   string `json:"wrong,omitempty"`
	}
	menuAnswer struct {
		Menu    string
		Version string
		Text    string
		Wrong   []string
	}
	menuChange struct {
		At    time.Time `json:"at"`
		Menu  string    `json:"menu"`
		What  string    `json:"what"`
		Value string    `json:"value"`
		By    string    `json:"by"`
	}
)

// asks are the questions, by the path on which the service takes them.
func (m menuDesk) routes(mux *http.ServeMux) {
	mux.Handle("POST /menus/list", ask(m.list))
	mux.Handle("POST /menus/log", ask(m.log))
	mux.Handle("POST /menus/show", ask(m.show))
	mux.Handle("POST /menus/reload", ask(m.reload))
	mux.Handle("POST /menus/rollback", ask(m.rollback))
	mux.Handle("POST /menus/trial", ask(m.trial))
	mux.Handle("POST /menus/promote", ask(m.promote))
	mux.Handle("POST /menus/withdraw", ask(m.withdraw))
	mux.Handle("POST /menus/traffic", ask(m.traffic))
	mux.Handle("POST /menus/walks", ask(m.walks))
}

func (m menuDesk) list(context.Context, menuAsk) ([]menuState, error) {
	all := []menuState{}
	for _, s := range m.States() {
		state := menuState{Menu: s.Menu, File: s.File, Version: s.Version, Trial: s.Trial, Share: s.Share}
		if s.Wrong != nil {
			state.Wrong = menus.Brief(s.Wrong)
		}
		all = append(all, state)
	}
	return all, nil
}

func (m menuDesk) log(ctx context.Context, q menuAsk) ([]menuChange, error) {
	all := []menuChange{}
	changes, err := m.Changes(ctx, q.Most)
	for _, c := range changes {
		if q.Menu == "" || q.Menu == c.Menu {
			all = append(all, menuChange(c))
		}
	}
	return all, err
}

func (m menuDesk) show(ctx context.Context, q menuAsk) (menuAnswer, error) {
	found, err := m.Version(ctx, q.Menu, q.Version)
	if err != nil {
		return menuAnswer{}, err
	}
	return menuAnswer{Menu: q.Menu, Version: found.Version(), Text: found.Source()}, nil
}

func (m menuDesk) reload(ctx context.Context, q menuAsk) (menuAnswer, error) {
	wrong, err := m.Reload(ctx, q.By)
	if len(wrong) == 0 || err != nil {
		return menuAnswer{}, err
	}
	return menuAnswer{Wrong: m.Faults()}, nil
}

func (m menuDesk) rollback(ctx context.Context, q menuAsk) (menuAnswer, error) {
	menu, version, err := m.Rollback(ctx, q.Menu, q.Version, q.By)
	return menuAnswer{Menu: menu, Version: version}, err
}

func (m menuDesk) trial(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Trial(ctx, q.Menu, q.Text, q.Share, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

func (m menuDesk) promote(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Promote(ctx, q.Menu, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

func (m menuDesk) withdraw(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Withdraw(ctx, q.Menu, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

// askMenus asks the service that runs on the data of a configuration, or the
// data itself.
func askMenus[A any](ctx context.Context, file, path string, q menuAsk, do func(menuDesk, context.Context, menuAsk) (A, error)) (A, error) {
	var none A
	c, err := loadConfig(file)
	if err != nil && !c.sound {
		return none, err
	}
	q.By = "shell:" + shellUser()
	if remote := dialDesk(ctx, c.Data); remote != nil {
		defer remote.close()
		return put[A](ctx, remote, path, q)
	}
	return withKeeper(ctx, c, func(m menuDesk) (A, error) { return do(m, ctx, q) })
}

// shellUser is who types a command, also behind sudo.
func shellUser() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// menuCommand is a command about menus.
type menuCommand struct {
	file   string
	asJSON bool
}

func newMenus() *cobra.Command {
	var m menuCommand
	cmd := &cobra.Command{
		Use:   "menus",
		Short: "See which menus are live and who changed them; try a version with some of the callers",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(&m.file, "config", "c", "config.yaml", "configuration file")
	cmd.PersistentFlags().BoolVar(&m.asJSON, "json", false, "print JSON")
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
				return wrong("reload: %w", err)
			}
			for _, line := range a.Wrong {
				fmt.Fprintln(cmd.OutOrStdout(), visible(line))
			}
			if len(a.Wrong) > 0 {
				return wrong("reload: %s not used; see all mistakes: holdless check -c %s", count(len(a.Wrong), "file"), file)
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
				return wrong("rollback: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: version %s is live again, and in its file\n", a.Menu, a.Version)
			return nil
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&to, "to", "", "the version, by the beginning of its hash; see holdless menus log")
	return cmd
}
