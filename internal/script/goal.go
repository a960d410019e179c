package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A Goal is where a talk must have come to when all its keys are pressed,
// whatever is said on the way. It is the short form of a talk:
//
//	now 2026-11-28 22:10
//	closed Mon 09:00
//	free Mon 09:00
//	keys 1 1 1
//	path welcome ... bye
//	says We will call you
//	booked Mon 09:00
//	seconds 25
type Goal struct {
	Line    int
	Keys    []string  // what is done, as [Did] reads it
	Path    []string  // the nodes that the talk comes by; "..." for any
	Says    []string  // words that are said
	Booked  time.Time // the callback that stands at the end
	Seconds int       // that the caller hears at most; 0 for no limit
}

// goals lists the lines of the short form.
var goals = map[string]func(*Talk, []string) error{
	"keys": func(t *Talk, args []string) error { t.Goal.Keys = append(t.Goal.Keys, unquoted(args)...); return nil },
	"path": func(t *Talk, args []string) error { t.Goal.Path = args; return nil },
	"says": func(t *Talk, args []string) error {
		t.Goal.Says = append(t.Goal.Says, strings.Join(args, " "))
		return nil
	},
	"booked":  func(t *Talk, args []string) error { return clock(t, args, &t.Goal.Booked) },
	"seconds": func(t *Talk, args []string) error { return number(args, &t.Goal.Seconds) },
}

// unquoted joins words that stand in quotes: "noanswer busy".
func unquoted(args []string) []string {
	var words []string
	for i, part := range strings.Split(strings.Join(args, " "), `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// reach presses the keys and holds what came of it against the goal.
func (t Talk) reach(m *ivr.Menu) error {
	s := t.Begin(m)
	var nodes []string
	var said []ivr.Prompt
	take := func(e ivr.Event) ivr.Turn {
		turn := s.Next(e)
		nodes = append(nodes, s.Nodes...)
		for _, p := range turn.Say {
			if p.Lang == "" {
				p.Lang = turn.Lang
			}
			said = append(said, p)
		}
		return turn
	}
	turn := take(ivr.Event{Kind: ivr.Begin})
	for _, key := range t.Goal.Keys {
		if turn.End {
			return t.missed("the talk is over before "+key, "all keys are taken")
		}
		turn = take(Did(key))
	}
	return t.judge(s, nodes, said)
}

// judge compares what came of the keys with what was wanted.
func (t Talk) judge(s *Session, nodes []string, said []ivr.Prompt) error {
	if t.Goal.Path != nil && !sayMeets(t.Goal.Path, nodes) {
		return t.missed("path "+strings.Join(nodes, " "), "path "+strings.Join(t.Goal.Path, " "))
	}
	var words []string
	var length time.Duration
	for _, p := range said {
		words = append(words, sounds.Text(p.Lang, p))
		length += t.length(p)
	}
	for _, want := range t.Goal.Says {
		if all := strings.Join(words, " "); !strings.Contains(all, want) {
			return t.missed("says "+all, "says "+want)
		}
	}
	if want := t.Goal.Booked; !want.IsZero() && !s.Booking().Equal(want) {
		got := "no callback"
		if at := s.Booking(); !at.IsZero() {
			got = "booked " + writeClock(at, t.Facts.Now)
		}
		return t.missed(got, "booked "+writeClock(want, t.Facts.Now))
	}
	if most := time.Duration(t.Goal.Seconds) * time.Second; most > 0 && length > most {
		return t.missed(fmt.Sprintf("seconds %d", (length+time.Second-1)/time.Second), "seconds "+strconv.Itoa(t.Goal.Seconds))
	}
	return nil
}

func (t Talk) missed(got, want string) error {
	return &MismatchError{t.File, t.Goal.Line, strings.Join(t.Goal.Keys, " "), got, want}
}

// perLetter is how long a letter takes to say, for who has no sounds at hand.
const perLetter = 65 * time.Millisecond

// length is how long a prompt takes to say.
func (t Talk) length(p ivr.Prompt) time.Duration {
	if t.Length != nil {
		return t.Length(p.Lang, p)
	}
	return time.Duration(utf8.RuneCountInString(sounds.Words(p.Lang, p))) * perLetter
}

// short reports whether a talk is written in the short form.
func (t Talk) short() bool { return t.Goal.Line > 0 }

// held reads what the short form needs.
func (p *parser) held() error {
	switch g := p.talk.Goal; {
	case !p.talk.short():
		return nil
	case len(p.talk.Lines) > 0:
		return fmt.Errorf("a talk has > and <, or keys and what must come of them, and not both")
	case g.Path == nil && g.Says == nil && g.Booked.IsZero() && g.Seconds == 0:
		return fmt.Errorf("the keys expect nothing: add path, says, booked or seconds")
	case slices.ContainsFunc(g.Path, func(s string) bool { return strings.ContainsAny(s, ",;>") }):
		return fmt.Errorf("path has the names of nodes with spaces between")
	}
	return nil
}
