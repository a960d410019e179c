package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestCommandsThatAreNamed finds every command of the documents in the program,
// with its flags: those too that no block of commands runs, because they wait
// for a person, stand in a sentence, or may fail.
func TestCommandsThatAreNamed(t *testing.T) {
	t.Parallel()
	named := 0
	for _, file := range append(manuals(t), "../../config.example.yaml") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for n, line := range strings.Split(string(src), "\n") {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
				continue
			}
			for _, words := range commandsIn(line, fenced) {
				named++
				if err := findCommand(words); err != nil {
					t.Errorf("%s:%d: holdless %s: %v", filepath.Base(file), n+1, strings.Join(words, " "), err)
				}
			}
		}
	}
	if named < 150 {
		t.Errorf("only %d commands are named", named)
	}
	for _, wrong := range []string{"lst", "callbacks lst", "lists print anna --formt csv", "doctr -c config.yaml", "serve -x"} {
		if findCommand(strings.Fields(wrong)) == nil {
			t.Errorf("holdless %s is found", wrong)
		}
	}
}

var (
	inSentence = regexp.MustCompile("`holdless ([a-z][^`]*)`")
	inBlock    = regexp.MustCompile(`^(?:\$ |.*[|(=] *|ExecStart=\S*/)?(?:go run \./cmd/)?holdless ([a-z].*)$`)
	ends       = regexp.MustCompile(`^(\||>|<|&&|;|#|2>.*|\)|\|\|)$`)
)

// commandsIn finds the commands of a line, each as its words.
func commandsIn(line string, fenced bool) (all [][]string) {
	texts := inSentence.FindAllStringSubmatch(line, -1)
	if fenced {
		texts = inBlock.FindAllStringSubmatch(line, -1)
	}
	for _, text := range texts {
		var words []string
		for w := range strings.FieldsSeq(text[1]) {
			if ends.MatchString(w) {
				break
			}
			words = append(words, strings.TrimRight(w, ");"))
		}
		all = append(all, words)
	}
	return all
}

// findCommand finds a command and all of its flags in the program.
func findCommand(words []string) error {
	cmd := newRoot()
	for _, w := range words {
		if sub := child(cmd, w); sub != nil {
			cmd = sub
			continue
		}
		takes := cmd.Args != nil && cmd.ValidateArgs([]string{w}) == nil
		if cmd.HasSubCommands() && !strings.HasPrefix(w, "-") && !takes {
			return fmt.Errorf("there is no command %s", w)
		}
		break
	}
	for _, w := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(strings.Trim(w, `[]"'`), "-"), "=")
		long, short := strings.HasPrefix(strings.TrimLeft(w, "["), "--"), strings.HasPrefix(w, "-")
		if (long || short && len(name) == 1) && !knows(cmd, name, long) {
			return fmt.Errorf("there is no flag %s", w)
		}
	}
	return nil
}

func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, sub := range cmd.Commands() {
		if sub.Name() == name || sub.HasAlias(name) {
			return sub
		}
	}
	return nil
}

// knows reports whether a command has a flag, or a letter for one.
func knows(cmd *cobra.Command, name string, long bool) bool {
	cmd.InitDefaultHelpFlag()
	if long {
		return cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
	}
	return cmd.Flags().ShorthandLookup(name) != nil || cmd.InheritedFlags().ShorthandLookup(name) != nil
}
