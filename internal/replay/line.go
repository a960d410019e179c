package replay

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// facts are the words for what held, by the letter that a step has for it.
var facts = []struct{ letter, word string }{
	{"o", "open"},
	{"i", "idle"},
	{"b", "booking"},
	{"k", "known"},
	{"c", "callable"},
	{"m", "may_ask"},
	{"v", "vip"},
	{"s", "survey"},
	{"l", "message"},
	{"w", "may_wait"},
}

// others are the words for events that are no keys.
var others = []ivr.Kind{
	ivr.Silence, ivr.Gone, ivr.Spoke, ivr.NoAnswer, ivr.Number, ivr.Held, ivr.Booked, ivr.Taken, ivr.Refused, ivr.Cancelled,
	ivr.Recorded, ivr.Free,
}

// granted are the answers of the desk that it gives by itself when nothing is
// wrong.
var granted = []ivr.Kind{ivr.Number, ivr.Held, ivr.Booked, ivr.Cancelled, ivr.Done}

// Line writes a talk on one line: what held when it began, a colon, and what
// was done: keys, or words such as silence. What the desk answers by itself
// when nothing is wrong is left out.
func Line(steps []walk.Step) string {
	var words []string
	for i, s := range steps {
		switch {
		case i == 0:
			for _, f := range facts {
				if strings.Contains(s.Facts, f.letter) {
					words = append(words, f.word)
				}
			}
			words = append(words, ":")
		case s.Kind == ivr.Heard:
			words = append(words, s.Text)
		case s.Kind == ivr.NoAnswer || s.Kind == ivr.Refused:
			words = append(words, string(s.Kind)+"="+s.Text)
		case !slices.Contains(granted, s.Kind):
			words = append(words, string(s.Kind))
		}
	}
	return strings.Replace(strings.Join(words, " "), " :", ":", 1)
}

// Read reads talks, one on each line. A line without facts is of a caller
// whose number may be called, while the queue is at work and everybody is
// busy. Lines that begin with # are comments.
func Read(in io.Reader) ([][]walk.Step, error) {
	var all [][]walk.Step
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		steps, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, steps)
	}
	return all, lines.Err()
}

func parse(text string) ([]walk.Step, error) {
	before, done, found := strings.Cut(text, ":")
	if !found {
		before, done = "open callable", text
	}
	var held strings.Builder
	for word := range strings.FieldsSeq(before) {
		letter, err := fact(word)
		if err != nil {
			return nil, err
		}
		held.WriteString(letter)
	}
	steps := []walk.Step{{Kind: ivr.Begin, Facts: held.String()}}
	for word := range strings.FieldsSeq(done) {
		s, err := step(word)
		if err != nil {
			return nil, err
		}
		s.Facts = held.String()
		steps = append(steps, s)
	}
	return steps, nil
}

func fact(word string) (string, error) {
	for _, f := range facts {
		if f.word == word {
			return f.letter, nil
		}
	}
	return "", fmt.Errorf("%q is none of open, idle, booking, known, callable, may_ask, vip, survey, message, may_wait", word)
}

func step(word string) (walk.Step, error) {
	kind, text, _ := strings.Cut(word, "=")
	switch {
	case slices.Contains(others, ivr.Kind(kind)):
		return walk.Step{Kind: ivr.Kind(kind), Text: text}, nil
	case word == walk.Many || len(word) == 1 && strings.Contains("0123456789*#", word):
		return walk.Step{Kind: ivr.Heard, Text: word}, nil
	case strings.Trim(word, "0123456789*#") == "":
		return walk.Step{Kind: ivr.Heard, Text: walk.Many}, nil
	}
	return walk.Step{}, fmt.Errorf("%q is neither a key nor one of silence, gone, recorded, free, spoke, noanswer=busy, taken, refused=reason", word)
}
