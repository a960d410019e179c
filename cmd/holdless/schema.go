package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/ivr"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of menu files, for editors",
		Long:    "Schema prints what a menu file may hold, so that an editor completes names and shows mistakes.",
		Example: "  holdless schema > menu.schema.json",
		Args:    cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			src, err := ivr.Schema()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), string(src))
			return err
		}),
	}
}
