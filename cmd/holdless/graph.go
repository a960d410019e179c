package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/drawing"
	"github.com/holdless/holdless/sounds"
)

func newGraph() *cobra.Command {
	var format, lang string
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
			return draw(cmd.OutOrStdout(), drawing.Menu{Menu: m, Lang: lang, Words: sounds.Text})
		}),
	}
	cmd.Flags().StringVar(&format, "format", "text", "svg, mermaid, dot or text")
	cmd.Flags().StringVar(&lang, "lang", "", "language of the labels; the menu's first when left out")
	return cmd
}
