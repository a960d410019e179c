// Command holdless answers calls, promises callbacks, and keeps them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	_ "time/tzdata" // the last resort when a machine has no time zones

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(execute(context.Background(), os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// execute runs one command and returns the exit code.
func execute(ctx context.Context, args []string, std stdio) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s%s\n", cmd.CommandPath(), unsaid(cmd.CommandPath(), oneLine(err)), hintOf(cmd, err))
	}
	return codeOf(err)
}

// unsaid leaves out of an error what the command before it says already, as in
// "holdless restore: restore: ...".
func unsaid(path, text string) string {
	words := strings.Fields(path)
	for i := 1; i < len(words); {
		less, ok := strings.CutPrefix(text, strings.Join(words[i:], " ")+": ")
		if !ok {
			i++
			continue
		}
		text = less
	}
	return text
}

// hintOf says what to do when a command was not understood: cobra says only
// what is wrong. All our own errors say it themselves.
func hintOf(cmd *cobra.Command, err error) string {
	if _, ours := errors.AsType[*fault](err); ours {
		return ""
	}
	return "; see " + cmd.CommandPath() + " --help"
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "holdless",
		Short:         "Nobody holds: callers choose a time by keypad and are called back when we said",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(
		newDemo(), newServe(), newCheck(), newTry(), newTest(), newExplain(), newSchema(), newFmt(), newGraph(), newDiff(), newArticles(), newPhone(),
		newCallbacks(), newLists(), newAgents(), newDialing(), newSounds(), newDoctor(), newFeedback(), newBackup(), newRestore(), newMove(), newErase(), newTwilio(), newUser(), newKeys(), newWebhooks(), newVersion(),
	)
	root.AddCommand(newMenus(), newReload(), newRollback(), newReplay())
	root.AddCommand(newSimulate(), newFigures())
	return root
}

// run makes a plain error of a command one of exit code 1.
func run(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := do(cmd, args)
		if err != nil && codeOf(err) == exitUsage {
			if _, ours := errors.AsType[*fault](err); !ours {
				return &fault{exitWrong, err}
			}
		}
		return err
	}
}

// group makes a command that has others, which share the configuration and the
// form of their answers.
func group(use, short string, file *string, asJSON *bool) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(file, "config", "c", "config.yaml", "configuration file")
	cmd.PersistentFlags().BoolVar(asJSON, "json", false, "print JSON")
	return cmd
}
