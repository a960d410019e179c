package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/internal/web"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A bill is what a text of the desk costs when it is dearest.
type bill struct {
	texts.Specimen
	lang     string
	segments int
}

// letters are how many of those that fit one message a text has.
func (b bill) letters() (n, most int) {
	if sms.GSM(b.Body) {
		return utf8.RuneCountInString(b.Body), 160
	}
	return utf8.RuneCountInString(b.Body), 70
}

// bills counts what the texts of the desk cost, in languages that may be folded,
// with links to pages at an address; "" for none.
func bills(langs, fold []string, public string) []bill {
	w := texts.Writer{Text: sms.Folding(sounds.Text, fold), Messages: sms.Segments}
	var page func(id string) string
	if public != "" {
		page = web.Links{Base: public}.Promise
	}
	var all []bill
	for _, lang := range langs {
		for _, s := range w.Specimens(lang, page, cost) {
			all = append(all, bill{s, lang, sms.Segments(s.Body)})
		}
	}
	return all
}

// cost compares texts: by messages, then by how full they are.
func cost(body string) int {
	n, most := bill{Specimen: texts.Specimen{Body: body}}.letters()
	return sms.Segments(body)<<20 + n<<10/most
}

// dearTexts warns of texts of the desk that take more than one message.
func (c config) dearTexts(file string) []finding {
	var found []finding
	for _, b := range bills(c.Languages, c.SMS.Fold, c.HTTP.PublicURL) {
		if b.segments < 2 {
			continue
		}
		text := fmt.Sprintf("the text %s in %q takes %d messages", b.Name, b.lang, b.segments)
		if letter := foreign(b.Body); letter != 0 {
			text += fmt.Sprintf(": with %q it may have 70 characters, and has %d", letter, utf8.RuneCountInString(b.Body))
		}
		found = append(found, finding{ivr.Mistake{File: file, Text: text, Suggestion: c.cheaper(b.lang)}, true})
	}
	return found
}

// cheaper says what makes the texts of a language take fewer messages.
func (c config) cheaper(lang string) string {
	if slices.Contains(sms.Foldable(), lang) && !slices.Contains(c.SMS.Fold, lang) {
		return "add the language to sms: fold:"
	}
	return "a shorter host in http: public_url: leaves more room"
}

// tellTexts writes what the texts of the desk cost: the dearest of each
// language, or all of them.
func (c config) tellTexts(w io.Writer, all bool) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if all {
		fmt.Fprintln(tab, "TEXT\tLANGUAGE\tMESSAGES\tLETTERS\tFORCES UCS-2\tAT ITS LONGEST")
	}
	for _, lang := range c.Languages {
		var dearest bill
		costs := bills([]string{lang}, c.SMS.Fold, c.HTTP.PublicURL)
		for _, b := range costs {
			n, most := b.letters()
			if all {
				fmt.Fprintf(tab, "%s\t%s\t%d\t%d of %d\t%s\t%s\n", b.Name, lang, b.segments, n, most, sms.Dear(b.Body), b.Body)
			}
			if m, of := dearest.letters(); b.segments > dearest.segments || n*of > m*most {
				dearest = b
			}
		}
		if n, most := dearest.letters(); !all {
			fmt.Fprintf(tab, "texts in %s: %s of %d take one message; the longest is %s (%d letters of %d); see all with --texts\n",
				lang, countOne(costs), len(costs), dearest.Name, n, most)
		}
	}
	return tab.Flush()
}

func countOne(all []bill) string {
	n := 0
	for _, b := range all {
		if b.segments == 1 {
			n++
		}
	}
	if n == len(all) {
		return "all"
	}
	return fmt.Sprint(n)
}
