package desk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// row is one callback as the list shows it.
type row struct {
	ID      string
	Version int64
	At      string // on the wall clock of its queue
	Day     string // when it is not today
	Unix    int64
	Ended   int64  // when it was over, in milliseconds; 0 while it is not
	Kind    string // w waits, a is being called, p needs a person, d is over
	Late    bool
	In      string // how long it is until the promise, in words
	Name    string // "" when only the number is known
	Digits  string // the last of the number
	Topic   string
	Queue   string // "" when there is one alone, or the topic says it
	Lang    string
	Local   string // the time where the customer is
	Offset  int    // of that clock, in seconds
	Tries   int
	Rating  int // the last one; 0 for none
	Owner   string
	Agent   string
	State   string
	Mine    bool
	Foreign bool // it is not for this person to act on
	Hidden  bool // not in the view that is open

	clockChange time.Time // where the customer is
}

// The kinds of rows.
const (
	waiting = "w"
	active  = "a"
	puzzled = "p"
	over    = "d"
)

func kindOf(st callback.State) string {
	switch {
	case st == callback.BookedState || st == callback.RetryWait:
		return waiting
	case st == callback.Interrupted:
		return puzzled
	case st.Over():
		return over
	}
	return active
}

// states says each state in words.
var states = map[callback.State]string{
	callback.HeldState:       "being chosen",
	callback.BookedState:     "waits",
	callback.Claimed:         "due now",
	callback.AgentRinging:    "agent’s phone rings",
	callback.AgentReady:      "agent is ready",
	callback.CustomerDialing: "customer’s phone rings",
	callback.Connected:       "speaking",
	callback.Wrapup:          "being written up",
	callback.RetryWait:       "tried again later",
	callback.Interrupted:     "needs a decision",
	callback.Done:            "kept",
	callback.Expired:         "lapsed",
	callback.CancelledState:  "cancelled",
	callback.Failed:          "not reached",
}

// row makes the row of a callback for a person.
func (s *Server) row(c callback.Callback, rating int, p Person, now time.Time) row {
	zone := s.Zone(c.Queue)
	at, there := c.At.In(zone), now.In(s.Desk.Clock(c.Queue, c.Phone))
	_, offset := there.Zone()
	r := row{
		ID: c.ID, Version: c.Version, At: at.Format("15:04"), Unix: c.At.Unix(), Kind: kindOf(c.State),
		Name: tame(c.Name), Digits: digits(c.Phone), Topic: tame(s.Label(c.Topic)), Lang: tame(c.Lang), Local: there.Format("15:04"),
		Offset: offset, clockChange: clockChange(there), Tries: c.Attempts, Rating: rating, Owner: c.Owner, Agent: c.Agent, State: s.stands(c, zone),
	}
	if at.Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
		r.Day = at.Format("Mon 2 Jan")
	}
	if r.Kind == waiting || r.Kind == puzzled {
		r.In, r.Late = inWords(c.At.Sub(now))
	}
	if r.Kind == over {
		r.Ended = c.UpdatedAt.UnixMilli()
	}
	r.Mine = p.Agent != "" && (c.Owner == p.Agent || c.Agent == p.Agent && r.Kind == active)
	r.Foreign = c.Owner != "" && c.Owner != p.Agent && !p.All
	if len(s.Desk.Queues) > 1 && !strings.EqualFold(c.Queue, r.Topic) {
		r.Queue = c.Queue
	}
	return r
}

// fits reports whether a row has all of some folded words, in any of its cells.
// The script of the page looks for them likewise.
func (r row) fits(wanted []string) bool {
	cells := ivr.Fold(strings.Join([]string{r.Day, r.At, r.In, r.Name, r.Digits, r.Topic, r.Queue, r.Lang, r.Local, r.State}, " "))
	return !slices.ContainsFunc(wanted, func(word string) bool { return !strings.Contains(cells, word) })
}

// stands says how a callback stands, when it rings if that is not when it was
// promised, and until when it was put off if nobody was free in time.
func (s *Server) stands(c callback.Callback, zone *time.Location) string {
	words, late := states[c.State], c.At.Add(time.Minute)
	switch off := s.Desk.Expected(c); {
	case c.State == callback.BookedState && off.After(late) && off.After(c.DueAt):
		words = "put off to " + off.In(zone).Format("15:04")
	case kindOf(c.State) == waiting && c.DueAt.After(late):
		words = "rings at " + c.DueAt.In(zone).Format("15:04")
	}
	switch {
	case c.State.InFlight() || c.State == callback.Wrapup:
		return words + s.by(c.Agent)
	case kindOf(c.State) == over:
		return words + s.by(c.Agent)
	case c.Owner != "":
		return words + s.by(c.Owner)
	}
	return words
}

func (s *Server) by(agent string) string {
	if agent == "" {
		return ""
	}
	return " · " + s.nameOf(agent)
}

// nameOf is what an agent is called.
func (s *Server) nameOf(agent string) string {
	if a, ok := s.Desk.Agents[agent]; ok && a.Name != "" {
		return a.Name
	}
	return agent
}

func (s *Server) worksFor(agent, queue string) bool {
	q := s.Desk.Queues[queue]
	return q != nil && slices.Contains(q.Agents, agent)
}

// inWords says how far away a promise is. A script on the page says it in the
// same words as time goes by.
func inWords(d time.Duration) (words string, late bool) {
	minutes := int((d + 30*time.Second) / time.Minute)
	if d < -30*time.Second {
		minutes = int((d - 30*time.Second) / time.Minute)
	}
	switch {
	case minutes < 0:
		return spell(-minutes) + " late", true
	case minutes == 0:
		return "now", false
	}
	return "in " + spell(minutes), false
}

func spell(minutes int) string {
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case h >= 24:
		return fmt.Sprintf("%d d %d h", h/24, h%24)
	default:
		return fmt.Sprintf("%d h %02d min", h, m)
	}
}

// digits are the last three of a number.
func digits(p callback.Phone) string {
	if p == callback.Anonymous {
		return whole(p)
	}
	return p.LogValue().String()
}

// whole is all of a number, where there is one.
func whole(p callback.Phone) string {
	if p == callback.Anonymous {
		return "withheld"
	}
	return string(p)
}

// tame keeps words that others chose from disturbing the page: they are one line,
// and control characters and those that turn the direction of writing are left out.
func tame(words string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, words)
	if r := []rune(kept); len(r) > 64 {
		return string(r[:64]) + "…"
	}
	return kept
}

// markup renders a row that is the same for everybody.
func markup(r row) ([]byte, error) {
	var out bytes.Buffer
	err := pages.ExecuteTemplate(&out, "row", r)
	return bytes.ReplaceAll(out.Bytes(), []byte("\n"), nil), err
}
