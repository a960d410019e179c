package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/ivr"
)

func newDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD.yaml NEW.yaml",
		Short: "Say in words what a new menu changes for callers",
		Long: "Diff compares two menus as callers meet them: where keys lead, what is said in each language, how long a person is away.\n" +
			"How the files are written does not matter. A menu that ships may be named too: main.",
		Args: cobra.ExactArgs(2),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			before, err := menuFor("diff", args[0])
			if err != nil {
				return err
			}
			after, err := menuFor("diff", args[1])
			if err != nil {
				return err
			}
			return tellDiff(cmd.OutOrStdout(), before, after)
		}),
	}
}

func tellDiff(w io.Writer, before, after *ivr.Menu) error {
	p, err := newProof()
	if err != nil {
		return err
	}
	defer p.voice.Close() //nolint:errcheck // nothing was written
	changes := append(ivr.Changes(before, after), p.longer(before, after)...)
	for _, c := range changes {
		fmt.Fprintln(w, c)
	}
	if len(changes) == 0 {
		fmt.Fprintln(w, "nothing changes for callers")
	}
	return nil
}

// longer tells from which nodes a person is nearer or farther than before, by
// a second or more.
func (p *proof) longer(before, after *ivr.Menu) []string {
	was := map[string]time.Duration{}
	for _, w := range before.Waits(p.length) {
		was[w.Node] = w.Key
	}
	var all []string
	for _, w := range after.Waits(p.length) {
		old, known := was[w.Node]
		if !known || seconds(old) == seconds(w.Key) {
			continue
		}
		how := "longer"
		if w.Key < old {
			how = "shorter"
		}
		all = append(all, fmt.Sprintf("the wait for a person from %s is %s: %d seconds now (was: %d)", w.Node, how, seconds(w.Key), seconds(old)))
	}
	return all
}
