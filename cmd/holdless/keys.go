package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/api"
	"github.com/holdless/holdless/internal/articles"
)

// newAPI makes what programs ask.
func (s *service) newAPI() *api.Server {
	return &api.Server{
		Config: s.config.API, Desk: s.desk, Keys: s.accounts, Menus: s.menus,
		Queues: s.desk.Queues, Agents: s.desk.Agents, Articles: func() articles.Book { return s.config.book },
		Hooks: s.publisher, Version: version(), Zone: s.config.zoneOf(""), Limits: s.store.Limits(), Now: s.with.now, Log: s.log,
		Switchboard: s.newSwitchboard(),
	}
}

// keyDesk is what the commands about keys ask.
type keyDesk interface {
	addKey(ctx context.Context, a keyAsk) (keyAnswer, error)
	revokeKey(ctx context.Context, a keyAsk) (struct{}, error)
	listKeys(ctx context.Context) ([]keyLine, error)
}

type keyAsk struct {
	Name   string
	Scopes []accounts.Scope
	By     string
}

type keyAnswer struct{ Token string }

// keyLine is a key as commands show it.
type keyLine struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Scopes  []accounts.Scope `json:"scopes"`
	By      string           `json:"by"`
	Made    time.Time        `json:"made"`
	Used    time.Time        `json:"used,omitzero"`
	Revoked time.Time        `json:"revoked,omitzero"`
}

func (l localUsers) addKey(ctx context.Context, a keyAsk) (keyAnswer, error) {
	token, err := l.accounts.AddKey(ctx, a.Name, a.Scopes, a.By)
	return keyAnswer{token}, err
}

func (l localUsers) revokeKey(ctx context.Context, a keyAsk) (struct{}, error) {
	return struct{}{}, l.accounts.RevokeKey(ctx, a.Name, a.By)
}

func (l localUsers) listKeys(ctx context.Context) ([]keyLine, error) {
	all, err := l.accounts.Keys(ctx)
	lines := make([]keyLine, len(all))
	for i, k := range all {
		lines[i] = keyLine{k.ID, k.Name, k.Scopes, k.By, k.MadeAt, k.UsedAt, k.RevokedAt}
	}
	return lines, err
}

func (d *remoteDesk) addKey(ctx context.Context, a keyAsk) (keyAnswer, error) {
	return put[keyAnswer](ctx, d, "/key/add", a)
}

func (d *remoteDesk) revokeKey(ctx context.Context, a keyAsk) (struct{}, error) {
	return put[struct{}](ctx, d, "/key/revoke", a)
}

func (d *remoteDesk) listKeys(ctx context.Context) ([]keyLine, error) {
	return put[[]keyLine](ctx, d, "/keys", struct{}{})
}

// keyRoutes let commands ask about the keys of the service.
func keyRoutes(mux *http.ServeMux, l localUsers) {
	mux.Handle("POST /key/add", ask(l.addKey))
	mux.Handle("POST /key/revoke", ask(l.revokeKey))
	mux.Handle("POST /keys", ask(func(ctx context.Context, _ struct{}) ([]keyLine, error) { return l.listKeys(ctx) }))
}

func newKeys() *cobra.Command {
	var d deskCommand
	cmd := group("keys", "Let programs in, and shut them out", &d.file, &d.asJSON)
	cmd.AddCommand(d.keyAdd(), d.keyList(), d.keyRevoke())
	return cmd
}

func (d *deskCommand) keyAdd() *cobra.Command {
	var scopes []string
	cmd := &cobra.Command{
		Use:     "add NAME --scope SCOPE...",
		Short:   "Make a key, and print it, once",
		Example: "  holdless keys add crm --scope callbacks:read --scope callbacks:write",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				a := keyAsk{Name: args[0], By: shellActor()}
				for _, s := range scopes {
					a.Scopes = append(a.Scopes, accounts.Scope(s))
				}
				k, err := accountsOf(asked, c).addKey(cmd.Context(), a)
				if err != nil {
					return wrong("%w", err)
				}
				fmt.Fprintln(cmd.OutOrStdout(), k.Token)
				return nil
			})
		}),
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what the key may do: "+strings.Join(scopeNames(), ", "))
	_ = cmd.MarkFlagRequired("scope") // it exists: it was added above
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(scopeNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func scopeNames() []string {
	var all []string
	for _, s := range accounts.Scopes() {
		all = append(all, string(s))
	}
	return all
}

func (d *deskCommand) keyRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "End a key, at once", Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if _, err := accountsOf(asked, c).revokeKey(cmd.Context(), keyAsk{Name: args[0], By: shellActor()}); err != nil {
					return wrong("%w", err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: revoked\n", args[0])
				return nil
			})
		}),
	}
}

func (d *deskCommand) keyList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List keys", Args: cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				all, err := accountsOf(asked, c).listKeys(cmd.Context())
				if err != nil {
					return wrong("list keys: %w", err)
				}
				if d.asJSON {
					return printJSON(cmd.OutOrStdout(), all)
				}
				return printKeys(cmd.OutOrStdout(), all)
			})
		}),
	}
}

func printKeys(w io.Writer, all []keyLine) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "ID\tNAME\tSTATE\tUSED\tSCOPES")
	for _, k := range all {
		state, used := "active", "-"
		if !k.Revoked.IsZero() {
			state = "revoked"
		}
		if !k.Used.IsZero() {
			used = k.Used.UTC().Format("2006-01-02 15:04 MST")
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%v\n", k.ID, visible(k.Name), state, used, k.Scopes)
	}
	return tab.Flush()
}
