package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

func newTest() *cobra.Command {
	var walks int
	cmd := &cobra.Command{
		Use:   "test MENU...",
		Short: "Hold the written talks in a menu, and beside it (.talk), against it",
		Long: "Test holds the talks under tests: of a menu and the .talk files beside it that name it, and tells which nodes and keys they come by.\n" +
			"MENU is a file, or a menu that ships, such as main, which is held against the .talk files where you are.\n" +
			"It also presses keys at random, to see that every talk comes to an end.",
		Args: cobra.MinimumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			sound, err := newProof()
			if err != nil {
				return err
			}
			defer sound.voice.Close() //nolint:errcheck // nothing was written
			passed, failed := 0, 0
			for _, file := range args {
				m, talks, err := talksOf(file)
				if err != nil {
					return err
				}
				bad := holdTalks(cmd.OutOrStdout(), m, talks, sound.length)
				passed, failed = passed+len(talks)-bad, failed+bad
				if err := walkTalks(m, walks); err != nil {
					fmt.Fprintf(cmd.OutOrStdout(), "FAIL %v\n", err)
					failed++
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d passed, %d failed\n", passed, failed)
			if failed > 0 {
				return wrong("test: %s failed", count(failed, "talk"))
			}
			return nil
		}),
	}
	cmd.Flags().IntVar(&walks, "walks", 200, "talks to hold with keys at random")
	return cmd
}

// holdTalks holds all talks with a menu, and returns how many failed.
func holdTalks(w io.Writer, m *ivr.Menu, talks []script.Talk, length ivr.Length) int {
	failed := 0
	seen := script.NewCoverage(m)
	for _, t := range talks {
		t.Length = length
		seen.Add(t)
		if err := t.Run(m); err != nil {
			failed++
			fmt.Fprintf(w, "FAIL %s\n%v\n", t.Name, err)
		}
	}
	fmt.Fprintf(w, "%s: %s\n", m.Name(), seen)
	return failed
}

// walkTalks holds talks in which keys are pressed at random: while the queue
// is at work and not, with somebody free and nobody.
func walkTalks(m *ivr.Menu, walks int) error {
	if m.Audience() != "caller" {
		return nil
	}
	t := script.Usual()
	for i := range 12 {
		t.Facts.Slots = append(t.Facts.Slots, t.Facts.Now.Add(time.Duration(1+i*3)*time.Hour))
	}
	for seed := range walks {
		t.Facts.Open, t.Facts.Idle, t.Facts.Message = seed%3 != 0, seed%2, time.Duration(seed%5)*time.Minute
		if err := script.Walk(m, t, uint64(seed)); err != nil { //nolint:gosec // it is not negative
			return err
		}
	}
	return nil
}

// talksOf reads a menu and the talks beside it that are held with it.
func talksOf(file string) (*ivr.Menu, []script.Talk, error) {
	m, err := menuFor("test", file)
	if err != nil {
		return nil, nil, err
	}
	beside, err := script.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil, nil, wrong("read talks beside %s: %w", file, err)
	}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	talks, err := talksIn(m)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range beside {
		if t.Menu == name {
			talks = append(talks, t)
		}
	}
	return m, talks, nil
}

// talksIn reads the talks under tests: of a menu.
func talksIn(m *ivr.Menu) ([]script.Talk, error) {
	var talks []script.Talk
	for _, test := range m.Tests() {
		t, err := talkIn(test)
		if err != nil {
			return nil, wrong("read test %q: %w", test.Name, err)
		}
		talks = append(talks, t)
	}
	return talks, nil
}

// talkIn reads a talk that stands in a menu. It need not name the menu, and
// what is wrong is told with the line of the menu file.
func talkIn(test ivr.Test) (script.Talk, error) {
	t, err := script.Parse(test.File, []byte(strings.Repeat("\n", test.Line-1)+test.Text))
	t.Name = test.Name
	return t, err
}
