package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/store"
)

func newBackup() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a checked copy of the SQLite database and your recordings to a new file, also while the service runs",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			to, err := filepath.Abs(args[0])
			if err != nil {
				return fmt.Errorf("back up: %w", err)
			}
			d, _, done, err := openDesk(cmd.Context(), file)
			if err != nil {
				return err
			}
			defer done()
			if err := d.Backup(cmd.Context(), to); err != nil {
				return wrong("%w", err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "written and checked: "+to)
			return nil
		}),
	}
	configFlag(cmd, &file)
	return cmd
}

func newRestore() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the SQLite database and your recordings; the service must not run",
		Args:  cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			if err := store.Restore(cmd.Context(), c.storeConfig(), args[0]); err != nil {
				return unusable("%w", err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "restored; what was there before, recordings too, is kept beside it, its name ending in .before-restore")
			return nil
		}),
	}
	configFlag(cmd, &file)
	return cmd
}

func newMove() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "move DATABASE",
		Short:   "Copy the SQLite database into an empty PostgreSQL one; the service must not run",
		Example: "  holdless move postgres://holdless@db.example.net/holdless",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			from, to := c.storeConfig(), store.Config{Database: args[0], Dir: c.Data}
			n, err := store.Move(cmd.Context(), from, to)
			if err != nil {
				return unusable("%w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "copied: %s; write the address into database, and start the service\n", count(n, "row"))
			return nil
		}),
	}
	configFlag(cmd, &file)
	return cmd
}
