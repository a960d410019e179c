package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/ivr"
)

// checker is what check was asked to do.
type checker struct {
	config string
	format string
	waits  bool
	texts  bool
	conf   *config // when one was read
	proof  *proof
	menus  []*ivr.Menu // those that can be held
}

func newCheck() *cobra.Command {
	var c checker
	cmd := &cobra.Command{
		Use:   "check [MENU.yaml...]",
		Short: "Find every mistake in the configuration and its menus, or in menu files",
		Long: "Check reads the configuration, and the menus it names, as serve does. With menu files it reads those alone.\n" +
			"It ends with 0 when all is well, with 1 when there are mistakes, with 2 when a file cannot be read.",
		Args: cobra.ArbitraryArgs,
		RunE: run(func(cmd *cobra.Command, args []string) error { return c.run(cmd.OutOrStdout(), args) }),
	}
	configFlag(cmd, &c.config)
	cmd.Flags().StringVar(&c.format, "format", "text", "text, json or github")
	cmd.Flags().BoolVar(&c.texts, "texts", false, "list what every text costs at its longest, in every language")
	cmd.Flags().BoolVar(&c.waits, "waits", false, "list how long callers need to come to a person, from every node")
	return cmd
}

func (c *checker) run(w io.Writer, files []string) error {
	tell := tellers[c.format]
	if tell == nil {
		return usage("--format: %q is none of text, json, github", c.format)
	}
	var err error
	if c.proof, err = newProof(); err != nil {
		return err
	}
	defer c.proof.voice.Close() //nolint:errcheck // nothing was written
	all, unread := c.look(files)
	if err := tell(w, all); err != nil || unread != nil {
		return cmp.Or(err, unread)
	}
	for _, m := range c.menus {
		if c.format != "text" {
			break
		}
		if err := c.proof.tellWaits(w, m, c.waits); err != nil {
			return err
		}
	}
	if c.conf != nil && c.conf.sound && c.format == "text" {
		if err := c.conf.tellTexts(w, c.texts); err != nil {
			return err
		}
	}
	return verdict(w, c.format, all)
}

// look reads the menu files, or the configuration when there are none. A file
// that cannot be read keeps nobody from hearing of the others.
func (c *checker) look(files []string) ([]finding, error) {
	if len(files) == 0 {
		return c.checkConfig()
	}
	var all []finding
	var unread []error
	for _, name := range files {
		found, err := c.checkMenu(name)
		if err != nil {
			unread = append(unread, err)
		}
		all = append(all, found...)
	}
	return all, errors.Join(unread...)
}

// finding is a mistake, or a warning.
type finding struct {
	ivr.Mistake
	warning bool
}

// checkConfig reads a configuration, and looks at what its menus say.
func (c *checker) checkConfig() ([]finding, error) {
	conf, err := readConfig(c.config)
	found, err := findings(c.config, err)
	if err != nil {
		return nil, err
	}
	found = append(found, conf.vague...)
	for _, name := range slices.Sorted(maps.Keys(conf.menus)) {
		m := conf.menus[name]
		found = append(found, c.proof.findings(m)...)
		found = append(found, conf.unspoken(m)...)
		if m.Audience() == "caller" {
			c.menus = append(c.menus, m)
		}
	}
	c.conf = &conf
	found = append(found, conf.standards(c.proof)...)
	found = append(found, conf.recordings()...)
	return append(found, conf.dearTexts(c.config)...), nil
}

// unspoken warns of languages that callers may choose and a menu has no words
// for. Menus that ship speak what they can.
func (c config) unspoken(m *ivr.Menu) []finding {
	var found []finding
	for _, lang := range c.Languages {
		if !slices.Contains(m.Languages(), lang) && len(m.Words()) > 0 {
			found = append(found, finding{ivr.Mistake{
				File: m.Name(), Text: fmt.Sprintf("the configuration has the language %q, and the menu does not speak it", lang),
				Suggestion: "add it to languages: and to all words of the menu",
			}, true})
		}
	}
	return found
}

func (c *checker) checkMenu(file string) ([]finding, error) {
	m, err := readMenu(file)
	found, err := findings(file, err)
	if err != nil || m == nil {
		return found, err
	}
	c.menus = append(c.menus, m)
	return append(found, c.proof.findings(m)...), nil
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
		return wrong("%s found; see the lines above", count(wrongs, "mistake"))
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
			fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d::%s\n", f.level(), githubName.Replace(f.File), f.Line, f.Column, githubText.Replace(text))
		}
		return nil
	},
}

// What GitHub reads in its lines as signs of its own stands there as a number.
var (
	githubText = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubName = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (f finding) level() string {
	if f.warning {
		return "warning"
	}
	return "error"
}
