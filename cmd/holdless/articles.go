package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/ivr"
)

func newArticles() *cobra.Command {
	var file, topic string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "articles [WORDS...]",
		Short: "Look up what agents know: articles, and the checklist of a matter",
		Long: "Articles lists all articles of the configuration, or those in which all words stand, the best first.\n" +
			"With --topic it shows the checklist of a matter and its articles. One article alone is shown whole.",
		Example: "  holdless articles overdue invoice\n  holdless articles --topic billing",
		RunE: run(func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			hits := find(c.book, topic, strings.Join(args, " "))
			if asJSON {
				return printJSON(cmd.OutOrStdout(), found{c.book.Checklists[topic], hits})
			}
			return tellArticles(cmd.OutOrStdout(), c.book.Checklists[topic], hits)
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&topic, "topic", "", "a matter, as menus note it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// found is what was looked up.
type found struct {
	Checklist []string       `json:"checklist,omitempty"`
	Articles  []articles.Hit `json:"articles"`
}

func find(b articles.Book, topic, words string) []articles.Hit {
	if topic != "" {
		return b.About(topic, words)
	}
	if words != "" {
		return b.Find(words)
	}
	var all []articles.Hit
	for _, name := range slices.Sorted(maps.Keys(b.Articles)) {
		all = append(all, articles.Hit{Name: name, Article: b.Articles[name]})
	}
	return all
}

func tellArticles(w io.Writer, steps []string, hits []articles.Hit) error {
	for i, step := range steps {
		fmt.Fprintf(w, "%d. %s\n", i+1, visible(step))
	}
	if len(hits) == 0 && len(steps) == 0 {
		return wrong("articles: nothing is found; try fewer words, or none to list all")
	}
	if len(hits) == 1 {
		fmt.Fprintf(w, "%s (%s)\n%s", visible(hits[0].Title), hits[0].Name, tidyText(hits[0].Text))
		return nil
	}
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, h := range hits {
		fmt.Fprintf(tab, "%s\t%s\t%s\n", h.Name, visible(h.Title), visible(strings.Join(h.Tags, ", ")))
	}
	return tab.Flush()
}

// tidyText writes an article line by line, without what a terminal acts on.
func tidyText(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(visible(strings.TrimRight(line, "\r\n")) + "\n")
	}
	return b.String()
}

// loadArticles reads what agents look up. A matter that no menu notes is
// allowed, as others may name it, and told of.
func (c *config) loadArticles(r *reader) {
	if c.Articles == "" {
		return
	}
	file := c.Articles
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.dir, file)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		r.blame(fmt.Errorf("articles: %w", errors.Unwrap(err)))
		return
	}
	book := decode(file, src, &c.book)
	if err := c.book.Check(); !book.garbled && err != nil {
		book.blame(err)
	}
	r.mistakes = append(r.mistakes, book.mistakes...)
	c.vague = append(c.vague, c.unnoted(book)...)
}

// unnoted warns of matters in the book that no menu notes.
func (c *config) unnoted(book *reader) []finding {
	var noted []string
	var all []finding
	for _, name := range slices.Sorted(maps.Keys(c.menus)) {
		noted = append(noted, c.menus[name].Noted("topic")...)
	}
	topics := c.book.Topics()
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		n := book.placeOf(topics[topic])
		if n == nil || slices.Contains(noted, topic) {
			continue
		}
		m := ivr.At(book.file, book.src, n.Line, n.Column, fmt.Sprintf("no menu notes the topic %q", topic))
		m.Suggestion = ivr.Meant(topic, noted)
		all = append(all, finding{m, true})
	}
	return all
}
