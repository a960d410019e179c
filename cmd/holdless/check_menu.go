package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// longWait is how much a caller may have to hear before a person is rung.
const longWait = 90 * time.Second

// perLetter is how long a letter takes to say, where no sound is there yet.
const perLetter = 65 * time.Millisecond

// proof checks what a menu says: that there is a voice for it, how long it
// takes, and what it costs as a text.
type proof struct {
	voice *sounds.Voice
	known map[string]time.Duration // by language and words
}

// newProof loads the sounds that ship; words of one's own are estimated.
func newProof() (*proof, error) {
	v, err := sounds.New(sounds.Config{Log: quiet()})
	if err != nil {
		return nil, fmt.Errorf("load sounds: %w", err)
	}
	return &proof{v, map[string]time.Duration{}}, nil
}

// length is how long a prompt takes to say.
func (p *proof) length(lang string, prompt ivr.Prompt) time.Duration {
	words := sounds.Words(lang, prompt)
	key := lang + " " + words
	if d, ok := p.known[key]; ok {
		return d
	}
	var d time.Duration
	if prompt.Text == "" {
		for _, c := range p.voice.Say(lang, prompt) {
			d += c.Duration()
		}
	}
	if d == 0 {
		d = time.Duration(utf8.RuneCountInString(words)) * perLetter
	}
	p.known[key] = d
	return d
}

// findings are what is wrong with a menu that can be held.
func (p *proof) findings(m *ivr.Menu) []finding {
	found := append(warnings(m), dear(m)...)
	for _, f := range failing(m, p.length) {
		found = append(found, finding{f, false})
	}
	for _, w := range m.Waits(p.length) {
		if w.Key > longWait {
			text := fmt.Sprintf("callers hear up to %d seconds until a person is rung (%s)", seconds(w.Key), keysOf(w.Path))
			found = append(found, finding{m.MistakeAt(m.Node(w.Node), text, "say less before it"), true})
		}
	}
	return found
}

func seconds(d time.Duration) int { return int(d.Round(time.Second) / time.Second) }

// keysOf writes what a caller does on a way: the nodes that ask, and the keys
// that are pressed there.
func keysOf(path []ivr.Way) string {
	var done []string
	for _, w := range path {
		key, isKey := strings.CutPrefix(w.By, "key ")
		switch {
		case w.Auto:
		case isKey:
			done = append(done, w.From+" "+key)
		default:
			done = append(done, w.From)
		}
	}
	if done == nil {
		return "at the beginning"
	}
	return strings.Join(done, ", ")
}

// dear warns of own words in texts that take more than one message, and names
// the letter that makes them dear.
func dear(m *ivr.Menu) []finding {
	if m.Audience() != "text" {
		return nil
	}
	var found []finding
	for _, w := range m.Words() {
		n := sms.Segments(w.Text)
		if n < 2 {
			continue
		}
		text, hint := fmt.Sprintf("this text takes %d messages", n), "make it shorter"
		if c := foreign(w.Text); c != 0 {
			text += fmt.Sprintf(": with %q it may have 70 characters, and has %d", c, utf8.RuneCountInString(w.Text))
			hint = "use letters of the GSM alphabet, of which 160 fit, or make it shorter"
		}
		found = append(found, finding{m.Mistake(w, text, hint), true})
	}
	return found
}

// foreign is the first letter that the GSM alphabet does not have; 0 for none.
func foreign(text string) rune {
	for _, c := range text {
		if !sms.GSM(string(c)) {
			return c
		}
	}
	return 0
}

// tellWaits writes how long callers need to come to a person: the longest way,
// or all of them.
func (p *proof) tellWaits(w io.Writer, m *ivr.Menu, all bool) error {
	waits := m.Waits(p.length)
	if len(waits) == 0 {
		return nil
	}
	if !all {
		worst := waits[0]
		fmt.Fprintf(w, "%s: a person is rung after %d seconds at most (%s: %s); see all ways with --waits\n",
			m.Name(), seconds(worst.Key), worst.Node, keysOf(worst.Path))
		return nil
	}
	fmt.Fprintf(w, "%s: seconds until a person is rung, for who hears all there is to hear\n", m.Name())
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "NODE\tTHEN 0\tTHEN NOTHING\tAFTER")
	for _, wait := range waits {
		quiet := "-"
		if wait.Quiet > 0 {
			quiet = fmt.Sprint(seconds(wait.Quiet))
		}
		fmt.Fprintf(tab, "%s\t%d\t%s\t%s\n", wait.Node, seconds(wait.Key), quiet, keysOf(wait.Path))
	}
	return tab.Flush()
}
