package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
)

func newErase() *cobra.Command {
	var file string
	var backups bool
	cmd := &cobra.Command{
		Use:     "erase PHONE",
		Short:   "Forget a person: all that is kept under that number; figures stay",
		Example: "  holdless erase +358401234567",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			if !callback.Phone(args[0]).Valid() {
				return usage("%q is not a number; write it like +358401234567", args[0])
			}
			d, c, done, err := openDesk(cmd.Context(), file)
			if err != nil {
				return err
			}
			defer done()
			return eraser{d, c, cmd.OutOrStdout()}.erase(cmd.Context(), callback.Phone(args[0]), backups)
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&backups, "backups", false, "write a new nightly backup too, and remove the older ones, which have the number")
	return cmd
}

// An eraser forgets a person in the database, and in the files beside it.
type eraser struct {
	desk   desk
	config config
	out    io.Writer
}

func (e eraser) erase(ctx context.Context, p callback.Phone, backups bool) error {
	found, err := e.desk.Erase(ctx, p, operator)
	if err != nil {
		return wrong("%w", err)
	}
	fmt.Fprintf(e.out, "erased: %s, %s, %s\n", count(found.Callbacks, "callback"), count(found.Talks, "talk"), count(found.Texts, "text"))
	if found.Blocks > 0 {
		fmt.Fprintln(e.out, "kept, as a hash of the number: the wish not to be called, texted or asked")
	}
	lines, err := eraseLists(filepath.Join(e.config.Data, "lists"), p)
	if err != nil {
		return wrong("erase from lists: %w", err)
	}
	if lines > 0 {
		fmt.Fprintf(e.out, "erased from lists of the day: %s\n", count(lines, "line"))
	}
	return e.copies(ctx, backups)
}

// copies says which copies of the database still have the person, or replaces
// them.
func (e eraser) copies(ctx context.Context, replace bool) error {
	if e.config.Database != "" {
		fmt.Fprintln(e.out, "still there: backups and the log of PostgreSQL; run VACUUM FULL, and see to your backups")
		return nil
	}
	dir := filepath.Join(e.config.Data, "backups")
	old, err := filepath.Glob(filepath.Join(dir, "holdless-*.db"))
	if err != nil {
		return err
	}
	if kept := filepath.Join(e.config.Data, "holdless.db.before-restore"); exists(kept) {
		fmt.Fprintf(e.out, "still there: %s; remove it\n", kept)
	}
	switch {
	case len(old) == 0:
		return nil
	case !replace:
		fmt.Fprintf(e.out, "still there: %s in %s; they go one by one every night, or at once with --backups\n", count(len(old), "backup"), dir)
		return nil
	}
	name := filepath.Join(dir, backupName(time.Now(), "-erased"))
	if name, err = filepath.Abs(name); err != nil {
		return err
	}
	if err := e.desk.Backup(ctx, name); err != nil {
		return wrong("back up before the old backups go: %w", err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return wrong("%w", err)
		}
	}
	fmt.Fprintf(e.out, "replaced: %s in %s by a new one\n", count(len(old), "backup"), dir)
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// eraseLists takes the lines of a person out of the lists of the days.
func eraseLists(dir string, p callback.Phone) (lines int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		n, err := eraseLines(f, string(p))
		if err != nil {
			return lines, err
		}
		lines += n
	}
	return lines, nil
}

// eraseLines writes a file anew without the lines that have a word.
func eraseLines(file, word string) (int, error) {
	src, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(src), word) {
		return 0, err
	}
	var kept strings.Builder
	n := 0
	for line := range strings.Lines(string(src)) {
		if strings.Contains(line, word) {
			n++
			continue
		}
		kept.WriteString(line)
	}
	part := file + ".part"
	if err := os.WriteFile(part, []byte(kept.String()), 0o600); err != nil {
		return 0, err
	}
	return n, os.Rename(part, file)
}
