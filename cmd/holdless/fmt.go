package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

func newFmt() *cobra.Command {
	var diff, save bool
	cmd := &cobra.Command{
		Use:   "fmt MENU.yaml...",
		Short: "Write menu files in the one way in which they are written; comments are kept",
		Long: "Fmt puts the names in order, indents by two spaces and puts keys in quotes. It prints the file, or with -w changes it.\n" +
			"With -d it shows what would change, and ends with 1 when that is anything.",
		Args: cobra.MinimumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			changed := 0
			for _, file := range args {
				before, after, err := formatted(file)
				if err != nil {
					return err
				}
				if string(before) != string(after) {
					changed++
				}
				if err := putFormatted(cmd.OutOrStdout(), file, before, after, diff, save); err != nil {
					return err
				}
			}
			if diff && !save && changed > 0 {
				return wrong("%s would change; holdless fmt -w changes it", count(changed, "file"))
			}
			return nil
		}),
	}
	cmd.Flags().BoolVarP(&diff, "diff", "d", false, "show what would change")
	cmd.Flags().BoolVarP(&save, "write", "w", false, "change the files")
	return cmd
}

func formatted(file string) (before, after []byte, err error) {
	before, err = os.ReadFile(file)
	if err != nil {
		return nil, nil, usage("read %s: %w; see that the file is there and can be read", file, err)
	}
	after, err = ivr.Format(file, before)
	if ms, ok := errors.AsType[ivr.Mistakes](err); ok {
		return nil, nil, wrong("%s (see all: holdless check %s)", brief(ms[0]), file)
	}
	return before, after, err
}

func putFormatted(w io.Writer, file string, before, after []byte, diff, save bool) error {
	same := string(before) == string(after)
	if diff && !same {
		tellChanges(w, file, string(before), string(after))
	}
	switch {
	case save && same:
		return nil
	case save:
		return menus.WriteFile(file, string(after))
	case diff:
		return nil
	}
	_, err := w.Write(after)
	return err
}
