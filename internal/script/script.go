// Package script reads written talks, and holds them against a menu.
//
// A talk is a text file that people write and read. First come the facts, one
// to a line, then what is done (<) and what must follow (>):
//
//	# Somebody else took the time while the caller was listening.
//	menu main
//	free 14:30 15:00
//	taken 14:30
//
//	> welcome, ...; listen
//	< 1
//	> offer 1 14:30, ...; listen
//
// A turn is written as its prompts with commas between, then its notes if they
// matter, then what it does. A prompt without its details stands for any of
// that name, and "..." for any prompts at all.
package script

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Talk is one written talk.
type Talk struct {
	File    string
	Name    string // of the file, without its ending
	Menu    string
	Lang    string
	Country string                // the prefix of numbers that begin with 0
	Facts   ivr.Facts             // Slots are the times that are free at first
	Taken   []time.Time           // free times that somebody else takes meanwhile
	Refused []string              // numbers that may not be called, as they are keyed in
	Prompts map[string]ivr.Prompt // what can be recorded, by number
	Lines   []Line
	Goal    Goal       // of a talk in the short form
	Length  ivr.Length // how long prompts take; nil to guess by their letters
}

// A Line is one exchange: what is done, and the turn that must follow.
type Line struct {
	No    int    // of the expectation in the file
	Did   string // as it was written; "" for the beginning
	Event ivr.Event
	Want  Want
}

// Start is when a talk is held that does not say when.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// ReadDir reads every talk in a directory. The error has everything that is
// wrong with any of them.
func ReadDir(dir string) ([]Talk, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.talk"))
	if err != nil {
		return nil, fmt.Errorf("look for talks: %w", err)
	}
	var all []Talk
	var wrong []error
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("read talk: %w", err))
			continue
		}
		t, err := Parse(file, src)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, t)
	}
	return all, errors.Join(wrong...)
}

// Usual is a talk in which nothing is out of the ordinary: an agent is idle,
// and a caller who may be called back rings the menu main on a Monday morning.
func Usual() Talk {
	return Talk{
		Menu: "main", Country: "+358",
		Facts: ivr.Facts{
			Now: Start, Open: true, Idle: 1,
			Caller: ivr.Caller{Phone: "+358401234567", Callable: true},
		},
	}
}

// Parse reads one talk. The error has everything that is wrong, each with the
// file and the line.
func Parse(file string, src []byte) (Talk, error) {
	p := &parser{talk: Usual()}
	p.talk.File, p.talk.Name = file, strings.TrimSuffix(filepath.Base(file), ".talk")
	in := bufio.NewScanner(bytes.NewReader(src))
	for in.Scan() {
		p.no++
		if err := p.line(strings.TrimSpace(in.Text())); err != nil {
			p.wrong = append(p.wrong, fmt.Errorf("%s:%d: %w", file, p.no, err))
		}
	}
	switch {
	case in.Err() != nil:
		p.wrong = append(p.wrong, fmt.Errorf("%s:%d: %w", file, p.no+1, in.Err()))
	case p.did != nil:
		p.wrong = append(p.wrong, fmt.Errorf("%s:%d: nothing is expected after the last <", file, p.no))
	case p.held() != nil:
		p.wrong = append(p.wrong, fmt.Errorf("%s:%d: %w", file, p.talk.Goal.Line, p.held()))
	case len(p.talk.Lines) == 0 && len(p.wrong) == 0 && !p.talk.short():
		p.wrong = append(p.wrong, fmt.Errorf("%s:%d: the talk expects nothing", file, p.no))
	}
	return p.talk, errors.Join(p.wrong...)
}

// A parser reads one talk line by line.
type parser struct {
	talk  Talk
	no    int
	did   *string // the < that waits for its >
	wrong []error
}

func (p *parser) line(text string) error {
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case text == "" || strings.HasPrefix(text, "#"):
		return nil
	case word == "<":
		return p.does(rest)
	case word == ">":
		return p.expects(rest)
	case len(p.talk.Lines) > 0:
		return errors.New("facts stand before the first >")
	}
	if reach, ok := goals[word]; ok {
		if p.talk.Goal.Line == 0 {
			p.talk.Goal.Line = p.no
		}
		return reach(&p.talk, strings.Fields(rest))
	}
	read, ok := facts[word]
	if !ok {
		return fmt.Errorf("no fact is called %q", word)
	}
	return read(&p.talk, strings.Fields(rest))
}

func (p *parser) does(what string) error {
	switch {
	case p.did != nil:
		return errors.New("two < without a > between them")
	case len(p.talk.Lines) == 0 && what != "begin" && !strings.HasPrefix(what, "noanswer"):
		return errors.New("the first < stands after the first >")
	case what == "":
		return errors.New("nothing is done here")
	}
	p.did = &what
	return nil
}

func (p *parser) expects(what string) error {
	want, err := parseWant(what)
	if err != nil {
		return err
	}
	line := Line{No: p.no, Event: ivr.Event{Kind: ivr.Begin}, Want: want}
	switch {
	case p.did != nil:
		line.Did, line.Event = *p.did, Did(*p.did)
	case len(p.talk.Lines) > 0:
		return errors.New("two > without a < between them")
	}
	p.did = nil
	p.talk.Lines = append(p.talk.Lines, line)
	return nil
}

// Did reads what somebody does: keys or words, or one of the other events
// by its name. Words that are such a name are written in quotes.
func Did(did string) ivr.Event {
	name, rest, _ := strings.Cut(did, " ")
	plain := []ivr.Kind{ivr.Begin, ivr.Silence, ivr.Gone, ivr.Spoke, ivr.Free}
	switch {
	case slices.Contains(plain, ivr.Kind(did)):
		return ivr.Event{Kind: ivr.Kind(did)}
	case name == string(ivr.NoAnswer), name == string(ivr.Recorded):
		return ivr.Event{Kind: ivr.Kind(name), Text: rest}
	}
	if len(did) > 1 && did[0] == '"' && did[len(did)-1] == '"' {
		did = did[1 : len(did)-1]
	}
	return ivr.Event{Kind: ivr.Heard, Text: did}
}
