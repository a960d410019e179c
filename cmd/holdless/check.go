package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/ivr"
)

func newCheck() *cobra.Command {
	var file, format string
	cmd := &cobra.Command{
		Use:   "check [MENU.yaml...]",
		Short: "Find every mistake in the configuration and its menus, or in menu files",
		Long: "Check reads the configuration, and the menus it names, as serve does. With menu files it reads those alone.\n" +
			"It ends with 0 when all is well, with 1 when there are mistakes, with 2 when a file cannot be read.",
		Args: cobra.ArbitraryArgs,
		RunE: run(func(cmd *cobra.Command, args []string) error {
			tell := tellers[format]
			if tell == nil {
				return usage("--format: %q is none of text, json, github", format)
			}
			var all []finding
			if len(args) == 0 {
				found, err := checkConfig(file)
				if err != nil {
					return err
				}
				all = found
			}
			for _, name := range args {
				found, err := checkMenu(name)
				if err != nil {
					return err
				}
				all = append(all, found...)
			}
			if err := tell(cmd.OutOrStdout(), all); err != nil {
				return err
			}
			return verdict(cmd.OutOrStdout(), format, all)
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&format, "format", "text", "text, json or github")
	return cmd
}

// finding is a mistake, or a warning.
type finding struct {
	ivr.Mistake
	warning bool
}

// checkConfig reads a configuration, and warns of what menus do badly.
func checkConfig(file string) ([]finding, error) {
	c, err := readConfig(file)
	found, err := findings(file, err)
	if err != nil {
		return nil, err
	}
	for _, m := range c.menus {
		found = append(found, warnings(m)...)
	}
	return found, nil
}

func checkMenu(file string) ([]finding, error) {
	m, err := readMenu(file)
	found, err := findings(file, err)
	if err != nil || m == nil {
		return found, err
	}
	return append(found, warnings(m)...), nil
}

// findings sorts mistakes from what keeps a file from being read.
func findings(file string, err error) ([]finding, error) {
	var ms ivr.Mistakes
	if err != nil && !errors.As(err, &ms) {
		return nil, usage("read %s: %w; see that the file is there and can be read", file, err)
	}
	var found []finding
	for _, m := range ms {
		found = append(found, finding{m, false})
	}
	return found, nil
}

func warnings(m *ivr.Menu) []finding {
	var found []finding
	for _, w := range m.Warnings() {
		found = append(found, finding{w, true})
	}
	return found
}

// verdict ends the check: with 1 when anything is wrong.
func verdict(w io.Writer, format string, all []finding) error {
	wrongs := 0
	for _, f := range all {
		if !f.warning {
			wrongs++
		}
	}
	if wrongs > 0 {
		return wrong("check: %s found; see the lines above", count(wrongs, "mistake"))
	}
	if format == "text" {
		fmt.Fprintln(w, "no mistakes found")
	}
	return nil
}

// tellers write findings, by the name of the format.
var tellers = map[string]func(io.Writer, []finding) error{
	"text": func(w io.Writer, all []finding) error {
		for _, f := range all {
			text := f.String()
			if f.warning {
				text = strings.Replace(text, f.Text, "warning: "+f.Text, 1)
			}
			fmt.Fprintln(w, text)
		}
		return nil
	},
	"json": func(w io.Writer, all []finding) error {
		type line struct {
			File       string `json:"file"`
			Line       int    `json:"line"`
			Column     int    `json:"column"`
			Level      string `json:"level"`
			Text       string `json:"text"`
			Suggestion string `json:"suggestion,omitempty"`
		}
		lines := make([]line, len(all))
		for i, f := range all {
			lines[i] = line{f.File, f.Line, f.Column, f.level(), f.Text, f.Suggestion}
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(lines)
	},
	"github": func(w io.Writer, all []finding) error {
		for _, f := range all {
			text := strings.TrimSuffix(f.Text+"; "+f.Suggestion, "; ")
			escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
			fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d::%s\n", f.level(), f.File, f.Line, f.Column, escape.Replace(text))
		}
		return nil
	},
}

func (f finding) level() string {
	if f.warning {
		return "warning"
	}
	return "error"
}
