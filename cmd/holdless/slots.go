package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// slot is one as JSON shows it.
type slot struct {
	At     time.Time `json:"at"`
	Places int       `json:"places"`
	Taken  int       `json:"taken"`
	Why    string    `json:"why"`
}

func (d *deskCommand) slots() *cobra.Command {
	var queue string
	var most int
	cmd := &cobra.Command{
		Use:   "slots --queue NAME",
		Short: "Show how many callbacks can be promised at the next times, and why so many",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			desk, c, done, err := lookInto(cmd.Context(), d.file)
			if err != nil {
				return err
			}
			defer done()
			found, err := desk.Slots(cmd.Context(), queue, most)
			if err != nil {
				return wrong("show slots: %w", err)
			}
			all := make([]slot, len(found))
			rows := []byte("TIME\tPLACES\tTAKEN\tWHY\n")
			for i, s := range found {
				all[i] = slot{s.At.In(c.zoneOf(queue)), s.Places, s.Taken, s.Why}
				rows = fmt.Appendf(rows, "%s\t%d\t%d\t%s\n", all[i].At.Format("Mon 2 Jan 15:04"), s.Places, s.Taken, s.Why)
			}
			if d.asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			if _, err := t.Write(rows); err != nil {
				return err
			}
			return t.Flush()
		}),
	}
	cmd.Flags().StringVar(&queue, "queue", "", "whose callbacks")
	cmd.Flags().IntVar(&most, "most", 20, "so many times")
	_ = cmd.MarkFlagRequired("queue") // it exists: it was added above
	return cmd
}
