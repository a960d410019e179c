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
)

// feedDesk is what the commands about links to calendars ask.
type feedDesk interface {
	addFeed(ctx context.Context, a feedAsk) (feedAnswer, error)
	endFeed(ctx context.Context, a feedAsk) (struct{}, error)
	listFeeds(ctx context.Context, a feedAsk) ([]feedLine, error)
}

type feedAsk struct {
	Agent string
	Label string
	ID    string
	By    string
}

type feedAnswer struct{ Token string }

// feedLine is a link as it is listed.
type feedLine struct {
	ID    string    `json:"id"`
	Agent string    `json:"agent"`
	Label string    `json:"label"`
	By    string    `json:"by"`
	Made  time.Time `json:"made"`
	Read  time.Time `json:"read,omitzero"`
	Until time.Time `json:"until"`
}

func (l localUsers) addFeed(ctx context.Context, a feedAsk) (feedAnswer, error) {
	token, err := l.accounts.AddFeed(ctx, a.Agent, a.Label, "", a.By)
	return feedAnswer{token}, err
}

func (l localUsers) endFeed(ctx context.Context, a feedAsk) (struct{}, error) {
	return struct{}{}, l.accounts.EndFeed(ctx, a.ID, "", a.By)
}

func (l localUsers) listFeeds(ctx context.Context, a feedAsk) ([]feedLine, error) {
	all, err := l.accounts.Feeds(ctx, a.Agent)
	lines := make([]feedLine, len(all))
	for i, f := range all {
		lines[i] = feedLine{f.ID, f.Agent, f.Label, f.By, f.MadeAt, f.UsedAt, f.Until}
	}
	return lines, err
}

func (d *remoteDesk) addFeed(ctx context.Context, a feedAsk) (feedAnswer, error) {
	return put[feedAnswer](ctx, d, "/feed/add", a)
}

func (d *remoteDesk) endFeed(ctx context.Context, a feedAsk) (struct{}, error) {
	return put[struct{}](ctx, d, "/feed/end", a)
}

func (d *remoteDesk) listFeeds(ctx context.Context, a feedAsk) ([]feedLine, error) {
	return put[[]feedLine](ctx, d, "/feeds", a)
}

// feedRoutes let commands ask about the links of the service.
func feedRoutes(mux *http.ServeMux, l localUsers) {
	mux.Handle("POST /feed/add", ask(l.addFeed))
	mux.Handle("POST /feed/end", ask(l.endFeed))
	mux.Handle("POST /feeds", ask(l.listFeeds))
}

func (d *deskCommand) linkList() *cobra.Command {
	var label string
	cmd := &cobra.Command{
		Use:   "link AGENT",
		Short: "Make the link by which a calendar follows an agent's callbacks, good for a year, and print it, once",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if err := c.knows(args[0]); err != nil {
					return err
				}
				if c.HTTP.PublicURL == "" {
					return unusable("link: set http: public_url in the configuration: it is how calendars reach us")
				}
				f, err := accountsOf(asked, c).addFeed(cmd.Context(), feedAsk{Agent: args[0], Label: label, By: shellActor()})
				if err != nil {
					return wrong("%w", err)
				}
				fmt.Fprintln(cmd.OutOrStdout(), strings.TrimSuffix(c.HTTP.PublicURL, "/")+accounts.FeedPath(f.Token))
				return nil
			})
		}),
	}
	cmd.Flags().StringVar(&label, "for", "", "where it is used, to tell links apart")
	return cmd
}

func (d *deskCommand) linksList() *cobra.Command {
	return &cobra.Command{
		Use: "links [AGENT]", Short: "List the links that calendars follow", Args: cobra.MaximumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				all, err := accountsOf(asked, c).listFeeds(cmd.Context(), feedAsk{Agent: strings.Join(args, "")})
				if err != nil {
					return wrong("list links: %w", err)
				}
				if d.asJSON {
					return printJSON(cmd.OutOrStdout(), all)
				}
				return printFeeds(cmd.OutOrStdout(), all)
			})
		}),
	}
}

func printFeeds(w io.Writer, all []feedLine) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "ID\tAGENT\tFOR\tMADE\tREAD")
	for _, f := range all {
		read := "never"
		if !f.Read.IsZero() {
			read = f.Read.UTC().Format("2006-01-02 15:04 MST")
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\n", f.ID, f.Agent, visible(f.Label), f.Made.UTC().Format(time.DateOnly), read)
	}
	return tab.Flush()
}

func (d *deskCommand) unlinkList() *cobra.Command {
	return &cobra.Command{
		Use: "unlink ID", Short: "Take back a link that a calendar follows, at once", Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return d.ask(cmd.Context(), func(asked desk, c config) error {
				if _, err := accountsOf(asked, c).endFeed(cmd.Context(), feedAsk{ID: args[0], By: shellActor()}); err != nil {
					return wrong("%w", err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: taken back\n", args[0])
				return nil
			})
		}),
	}
}
