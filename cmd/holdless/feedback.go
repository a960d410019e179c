package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/store"
)

func newFeedback() *cobra.Command {
	var file, queue, agent string
	var span int
	cmd := &cobra.Command{
		Use:   "feedback",
		Short: "Show what customers answered, with how many did and how sure that makes us",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			s, err := store.Inspect(cmd.Context(), c.storeConfig())
			if err != nil {
				return unusable("look at data: %w", err)
			}
			defer s.Close() //nolint:errcheck // nothing was written
			now := time.Now()
			f := callback.FigureFilter{From: now.AddDate(0, 0, -span), To: now, Queue: queue, Agent: agent, Now: now}
			var all feedback.Figures
			err = s.View(cmd.Context(), func(tx callback.Tx) (err error) {
				all, err = tx.Figures(f)
				return err
			})
			if err != nil {
				return wrong("count answers: %w", err)
			}
			printFigures(cmd.OutOrStdout(), all)
			return nil
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().IntVar(&span, "days", 30, "of so many days")
	cmd.Flags().StringVar(&queue, "queue", "", "of this queue only")
	cmd.Flags().StringVar(&agent, "agent", "", "of calls with this agent only")
	return cmd
}

func printFigures(out io.Writer, f feedback.Figures) {
	fmt.Fprintf(out, "asked %d, sent %d, delivered %d, answered %d, stopped %d\n", f.Asked, f.Sent, f.Delivered, f.Answered, f.Stopped)
	fmt.Fprintf(out, "response   %s\n", share(f.Response()))
	fmt.Fprintf(out, "CSAT       %s\n", share(f.CSAT()))
	fmt.Fprintf(out, "NPS        %s\n", points(f.NPS(), "%+.0f"))
	fmt.Fprintf(out, "CES        %s\n", points(f.CES(), "%.1f of 7"))
	fmt.Fprintf(out, "FCR        %s\n", share(f.FCR()))
	fmt.Fprintf(out, "asked FCR  %s\n", share(f.AskedFCR()))
}

// share writes a share with its bounds.
func share(s feedback.Share) string {
	if !s.Enough() {
		return fmt.Sprintf("too few to say (n=%d)", s.N)
	}
	return fmt.Sprintf("%.0f %% (%.0f to %.0f, n=%d)", 100*s.Value, 100*s.Low, 100*s.High, s.N)
}

// points writes a figure that is no share.
func points(s feedback.Score, format string) string {
	bare, _, _ := strings.Cut(format, " ")
	if !s.Enough() {
		return fmt.Sprintf("too few to say (n=%d)", s.N)
	}
	return fmt.Sprintf(format+" ("+bare+" to "+bare+", n=%d)", s.Value, s.Low, s.High, s.N)
}
