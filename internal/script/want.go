package script

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// Want is what a turn must be.
type Want struct {
	text  string
	say   []string
	notes []string
	do    string
}

// String returns the expectation as it was written.
func (w Want) String() string { return w.text }

// anything stands for any prompts at all.
const anything = "..."

// take stands for what somebody has just spoken.
const take = "take"

// parseWant reads the right side of a >.
func parseWant(text string) (Want, error) {
	w := Want{text: text}
	parts := cut(text, ';')
	if len(parts) == 0 {
		return w, errors.New("nothing is expected here")
	}
	w.do = parts[len(parts)-1]
	if err := checkDo(w.do); err != nil {
		return w, err
	}
	for _, part := range parts[:len(parts)-1] {
		if note, ok := strings.CutPrefix(part, "note "); ok {
			w.notes = append(w.notes, note)
			continue
		}
		w.say = append(w.say, cut(part, ',')...)
	}
	return w, w.checkNames()
}

func checkDo(do string) error {
	switch word, _, _ := strings.Cut(do, " "); word {
	case "listen", "record", "connect", "transfer", "end":
		return nil
	}
	return fmt.Errorf("a turn does listen, record, connect, transfer or end, not %q", do)
}

// checkNames reports prompts that no menu can say, so that a talk cannot
// expect a slip of the pen.
func (w Want) checkNames() error {
	known := ivr.PromptNames()
	for _, say := range w.say {
		name, _, _ := strings.Cut(say, " ")
		if _, ok := known[name]; !ok && name != anything && name != take && !strings.HasPrefix(say, `"`) {
			return fmt.Errorf("no prompt is called %q", name)
		}
	}
	return nil
}

// cut splits at a mark that does not stand in quotes.
func cut(text string, mark rune) []string {
	quoted := false
	var all []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == mark && !quoted
	}) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// Meets reports whether a turn is what was wanted.
func (w Want) Meets(t ivr.Turn, now time.Time) bool {
	if do(t) != w.do || !sayMeets(w.say, Says(t, now)) {
		return false
	}
	notes := noted(t)
	for _, n := range w.notes {
		if !slices.Contains(notes, n) {
			return false
		}
	}
	return true
}

func sayMeets(want, got []string) bool {
	for i, w := range want {
		if w == anything {
			rest := want[i+1:]
			for skip := range len(got) + 1 {
				if sayMeets(rest, got[skip:]) {
					return true
				}
			}
			return false
		}
		if len(got) == 0 {
			return false
		}
		name, _, _ := strings.Cut(got[0], " ")
		if w != got[0] && w != name {
			return false
		}
		got = got[1:]
	}
	return len(got) == 0
}

// Write writes a turn as talks do.
func Write(t ivr.Turn, now time.Time) string {
	var parts []string
	if says := Says(t, now); len(says) > 0 {
		parts = append(parts, strings.Join(says, ", "))
	}
	for _, n := range noted(t) {
		parts = append(parts, "note "+n)
	}
	return strings.Join(append(parts, do(t)), "; ")
}

func noted(t ivr.Turn) []string {
	var all []string
	for _, n := range t.Notes {
		all = append(all, n.Name+"="+n.Value)
	}
	return all
}

// do writes what a turn does.
func do(t ivr.Turn) string {
	switch {
	case t.Listen != nil:
		return "listen"
	case t.Record != nil:
		return "record"
	case t.Connect != nil && t.Connect.Transfer:
		return "transfer " + t.Connect.To
	case t.Connect != nil:
		return "connect " + t.Connect.To
	case t.Book != nil:
		return "book " + string(t.Book.Do)
	}
	return "end"
}

// Says writes the prompts of a turn, one by one.
func Says(t ivr.Turn, now time.Time) []string {
	all := make([]string, len(t.Say))
	for i, p := range t.Say {
		all[i] = prompt(p, now)
	}
	return all
}

// prompt writes a prompt: its name, and then the key, the text, the digits,
// the count and the time in it.
func prompt(p ivr.Prompt, now time.Time) string {
	if p.Take != "" {
		return take + " " + p.Take
	}
	if p.Name == "" {
		return strconv.Quote(p.Text)
	}
	words := []string{p.Name}
	for _, w := range []string{p.Key, p.Lang, quote(p.Text), p.Digits} {
		if w != "" {
			words = append(words, w)
		}
	}
	if p.N != 0 {
		words = append(words, strconv.Itoa(p.N))
	}
	if !p.At.IsZero() {
		words = append(words, writeClock(p.At, now))
	}
	return strings.Join(words, " ")
}

// quote puts words in quotes that the reader of talks would cut.
func quote(text string) string {
	if strings.ContainsAny(text, " ,;\"") {
		return strconv.Quote(text)
	}
	return text
}
