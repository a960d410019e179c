package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

func newTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test MENU.yaml...",
		Short: "Hold the written talks (.talk) beside a menu against it",
		Args:  cobra.MinimumNArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			passed, failed := 0, 0
			for _, file := range args {
				m, talks, err := talksOf(file)
				if err != nil {
					return err
				}
				for _, t := range talks {
					if err := t.Run(m); err != nil {
						failed++
						fmt.Fprintf(cmd.OutOrStdout(), "FAIL %s\n%v\n", t.File, err)
						continue
					}
					passed++
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d passed, %d failed\n", passed, failed)
			if failed > 0 {
				return wrong("test: %s failed", count(failed, "talk"))
			}
			return nil
		}),
	}
}

// talksOf reads a menu and the talks beside it that are held with it.
func talksOf(file string) (*ivr.Menu, []script.Talk, error) {
	m, err := readMenu(file)
	if ms, ok := errors.AsType[ivr.Mistakes](err); ok {
		return nil, nil, wrong("test %s: the menu has %s; see: holdless check %s", file, count(len(ms), "mistake"), file)
	}
	if err != nil {
		return nil, nil, usage("read %s: %w; see that the file is there and can be read", file, err)
	}
	beside, err := script.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil, nil, wrong("read talks beside %s: %w", file, err)
	}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	var talks []script.Talk
	for _, t := range beside {
		if t.Menu == name {
			talks = append(talks, t)
		}
	}
	return m, talks, nil
}
