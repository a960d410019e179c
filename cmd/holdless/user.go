package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/accounts"
)

// userCommand is a command about accounts.
type userCommand struct {
	deskCommand
	role, agent string
	off         bool
}

func newUser() *cobra.Command {
	var u userCommand
	cmd := group("user", "Give people accounts for the pages, and take them away", &u.file, &u.asJSON)
	add := u.one("add", "add NAME --role agent|supervisor|admin [--agent NAME]", "Make an account, and a link by which its user chooses a password, once, within a day")
	change := u.one("change", "change NAME --role ROLE [--agent NAME] [--off]", "Give an account another role or agent, or take it away; its user is signed out")
	for _, c := range []*cobra.Command{add, change} {
		c.Flags().StringVar(&u.role, "role", "", "agent, supervisor or admin")
		c.Flags().StringVar(&u.agent, "agent", "", "the agent of the configuration that the user is")
		_ = c.MarkFlagRequired("role") // it exists: it was added above
	}
	change.Flags().BoolVar(&u.off, "off", false, "the user may not sign in any more")
	add.Example = "  holdless user add anna --role agent --agent anna"
	cmd.AddCommand(add, change, u.list(),
		u.one("link", "link NAME", "Make another link, for who has forgotten the password"),
		u.one("signout", "signout NAME", "End all sessions of a user"),
		u.one("remove", "remove NAME", "Delete an account"))
	return cmd
}

// one is a command that does one thing to one account.
func (u *userCommand) one(do, use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			a := userAsk{
				Do: do, Off: u.off, By: shellActor(),
				User: accounts.User{Name: args[0], Role: accounts.Role(u.role), Agent: u.agent},
			}
			return u.askUsers(cmd.Context(), func(asked userDesk) error {
				answer, err := asked.changeUser(cmd.Context(), a)
				if err != nil {
					return wrong("%w", err)
				}
				return u.printLink(cmd.OutOrStdout(), a, answer)
			})
		}),
	}
}

func (u *userCommand) askUsers(ctx context.Context, do func(userDesk) error) error {
	return u.ask(ctx, func(d desk, c config) error { return do(accountsOf(d, c)) })
}

func (u *userCommand) printLink(w io.Writer, a userAsk, answer userAnswer) error {
	switch {
	case u.asJSON:
		return printJSON(w, map[string]string{"name": a.User.Name, "url": answer.URL})
	case answer.URL != "":
		fmt.Fprintln(w, answer.URL)
	default:
		fmt.Fprintf(w, "%s: %s\n", a.User.Name, map[string]string{"change": "changed", "remove": "removed", "signout": "signed out"}[a.Do])
	}
	return nil
}

func (u *userCommand) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List accounts",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return u.askUsers(cmd.Context(), func(asked userDesk) error {
				all, err := asked.listUsers(cmd.Context())
				if err != nil {
					return wrong("list users: %w", err)
				}
				return u.printUsers(cmd.OutOrStdout(), all)
			})
		}),
	}
}

func (u *userCommand) printUsers(w io.Writer, all []userLine) error {
	if u.asJSON {
		return printJSON(w, all)
	}
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "NAME\tROLE\tAGENT\tSTATE\tSINCE")
	for _, a := range all {
		agent := a.Agent
		if agent == "" {
			agent = "-"
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\n", a.Name, a.Role, agent, a.State, a.Created.UTC().Format("2006-01-02 15:04 MST"))
	}
	return tab.Flush()
}
