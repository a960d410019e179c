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

	"github.com/holdless/holdless/internal/hooks"
)

// hookDesk is what the commands about webhooks ask.
type hookDesk interface {
	List(ctx context.Context) ([]hooks.State, error)
	Deliveries(ctx context.Context, name string, before hooks.Mark, limit int) ([]hooks.Delivery, error)
	Replay(ctx context.Context, name, id, by string) (hooks.Delivery, error)
	Enable(ctx context.Context, name, by string) error
}

var (
	_ hookDesk = (*hooks.Publisher)(nil)
	_ hookDesk = remoteHooks{}
)

// remoteHooks are those of the service that runs.
type remoteHooks struct{ *remoteDesk }

// hookAsk is what is asked about one webhook.
type hookAsk struct {
	Name, ID, By string
	Limit        int
}

// List implements [hookDesk].
func (h remoteHooks) List(ctx context.Context) ([]hooks.State, error) {
	return put[[]hooks.State](ctx, h.remoteDesk, "/webhooks", struct{}{})
}

// Deliveries implements [hookDesk].
func (h remoteHooks) Deliveries(ctx context.Context, name string, _ hooks.Mark, limit int) ([]hooks.Delivery, error) {
	return put[[]hooks.Delivery](ctx, h.remoteDesk, "/webhook/log", hookAsk{Name: name, Limit: limit})
}

// Replay implements [hookDesk].
func (h remoteHooks) Replay(ctx context.Context, name, id, by string) (hooks.Delivery, error) {
	return put[hooks.Delivery](ctx, h.remoteDesk, "/webhook/replay", hookAsk{Name: name, ID: id, By: by})
}

// Enable implements [hookDesk].
func (h remoteHooks) Enable(ctx context.Context, name, by string) error {
	_, err := put[struct{}](ctx, h.remoteDesk, "/webhook/enable", hookAsk{Name: name, By: by})
	return err
}

// hookRoutes let commands ask about the webhooks of the service.
func hookRoutes(mux *http.ServeMux, p *hooks.Publisher) {
	mux.Handle("POST /webhooks", ask(func(ctx context.Context, _ struct{}) ([]hooks.State, error) { return p.List(ctx) }))
	mux.Handle("POST /webhook/log", ask(func(ctx context.Context, a hookAsk) ([]hooks.Delivery, error) {
		return p.Deliveries(ctx, a.Name, hooks.Mark{}, a.Limit)
	}))
	mux.Handle("POST /webhook/replay", ask(func(ctx context.Context, a hookAsk) (hooks.Delivery, error) {
		return p.Replay(ctx, a.Name, a.ID, a.By)
	}))
	mux.Handle("POST /webhook/enable", ask(func(ctx context.Context, a hookAsk) (struct{}, error) {
		return struct{}{}, p.Enable(ctx, a.Name, a.By)
	}))
}

// hooksOf returns the webhooks beside a desk that commands have opened.
func hooksOf(d desk, c config) hookDesk {
	if local, ok := d.(localDesk); ok {
		return &hooks.Publisher{Store: local.store, Endpoints: c.Webhooks, Now: time.Now, Log: quiet()}
	}
	return remoteHooks{d.(*remoteDesk)}
}

func newWebhooks() *cobra.Command {
	var d deskCommand
	cmd := group("webhooks", "Show what other programs were told, and tell it again", &d.file, &d.asJSON)
	cmd.AddCommand(d.hookList(), d.hookLog(), d.hookReplay(), d.hookEnable())
	return cmd
}

// hooksDo makes the work of a command about webhooks.
func (d *deskCommand) hooksDo(do func(cmd *cobra.Command, h hookDesk, args []string) error) func(*cobra.Command, []string) error {
	return run(func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd.Context(), func(asked desk, c config) error { return do(cmd, hooksOf(asked, c), args) })
	})
}

func (d *deskCommand) hookList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the webhooks of the configuration, and how it stands with them", Args: cobra.NoArgs,
		RunE: d.hooksDo(func(cmd *cobra.Command, h hookDesk, _ []string) error {
			all, err := h.List(cmd.Context())
			if err != nil {
				return wrong("list webhooks: %w", err)
			}
			if d.asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printHooks(cmd.OutOrStdout(), all)
		}),
	}
}

func (d *deskCommand) hookLog() *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use: "log NAME", Short: "Show what was sent to a webhook, the newest first", Args: cobra.ExactArgs(1),
		RunE: d.hooksDo(func(cmd *cobra.Command, h hookDesk, args []string) error {
			all, err := h.Deliveries(cmd.Context(), args[0], hooks.Mark{}, limit)
			if err != nil {
				return wrong("log of webhook %s: %w", args[0], err)
			}
			if d.asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printDeliveries(cmd.OutOrStdout(), all)
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "how many")
	return cmd
}

func (d *deskCommand) hookReplay() *cobra.Command {
	return &cobra.Command{
		Use: "replay NAME ID", Short: "Send something once more, whatever came of it", Args: cobra.ExactArgs(2),
		RunE: d.hooksDo(func(cmd *cobra.Command, h hookDesk, args []string) error {
			sent, err := h.Replay(cmd.Context(), args[0], args[1], shellActor())
			if err != nil {
				return wrong("replay %s to %s: %w", args[1], args[0], err)
			}
			return printDeliveries(cmd.OutOrStdout(), []hooks.Delivery{sent})
		}),
	}
}

func (d *deskCommand) hookEnable() *cobra.Command {
	return &cobra.Command{
		Use: "enable NAME", Short: "Send to a webhook again that took nothing for days", Args: cobra.ExactArgs(1),
		RunE: d.hooksDo(func(cmd *cobra.Command, h hookDesk, args []string) error {
			if err := h.Enable(cmd.Context(), args[0], shellActor()); err != nil {
				return wrong("enable webhook %s: %w", args[0], err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: enabled\n", args[0])
			return nil
		}),
	}
}

func printHooks(w io.Writer, all []hooks.State) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "NAME\tSTATE\tEVENTS\tURL")
	for _, h := range all {
		state := "well"
		switch {
		case !h.DisabledAt.IsZero():
			state = "disabled " + stamp(h.DisabledAt)
		case !h.FailingSince.IsZero():
			state = "failing since " + stamp(h.FailingSince)
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", h.Name, state, strings.Join(h.Events, " "), visible(h.URL))
	}
	return tab.Flush()
}

func printDeliveries(w io.Writer, all []hooks.Delivery) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "ID\tMADE\tEVENT\tSTATE\tTRIES\tANSWER")
	for _, d := range all {
		state := "waits"
		if !d.DoneAt.IsZero() {
			state = "taken"
			if d.Err != "" {
				state = "failed"
			}
		}
		answer := visible(d.Err)
		if d.Status != 0 && d.Err == "" {
			answer = fmt.Sprint(d.Status)
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%d\t%s\n", d.ID, stamp(d.MadeAt), d.Kind, state, d.Tries, answer)
	}
	return tab.Flush()
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }
