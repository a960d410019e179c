package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/drawing"
	"github.com/holdless/holdless/sounds"
)

func newGraph() *cobra.Command {
	var format, lang, config string
	var traffic bool
	cmd := &cobra.Command{
		Use:     "graph MENU.yaml",
		Short:   "Draw a menu: as SVG, as text, for Mermaid or for Graphviz",
		Example: "  holdless graph main --format svg > main.svg",
		Args:    cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			draw := drawing.Formats[format]
			if draw == nil {
				return usage("--format: %q is none of svg, mermaid, dot, text", format)
			}
			m, err := menuFor("graph", args[0])
			if err != nil {
				return err
			}
			if lang == "" {
				lang = m.Languages()[0]
			}
			if !slices.Contains(m.Languages(), lang) {
				return usage("--lang: the menu does not speak %q; it speaks %s", lang, strings.Join(m.Languages(), ", "))
			}
			d := drawing.Menu{Menu: m, Lang: lang, Words: sounds.Text}
			if traffic {
				if err := addTraffic(cmd.Context(), &d, config, args[0]); err != nil {
					return err
				}
			}
			return draw(cmd.OutOrStdout(), d)
		}),
	}
	cmd.Flags().StringVar(&format, "format", "text", "svg, mermaid, dot or text")
	cmd.Flags().BoolVar(&traffic, "traffic", false, "draw what callers of this version did, by the service's data")
	cmd.Flags().StringVarP(&config, "config", "c", "config.yaml", "configuration file, for --traffic")
	cmd.Flags().StringVar(&lang, "lang", "", "language of the labels; the menu's first when left out")
	return cmd
}
