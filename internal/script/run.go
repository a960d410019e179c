package script

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A MismatchError reports a turn that is not what a talk expects.
type MismatchError struct {
	File string
	Line int
	Did  string
	Got  string
	Want string
}

// Error implements error.
func (e *MismatchError) Error() string {
	did := "at the beginning"
	if e.Did != "" {
		did = "after < " + e.Did
	}
	return fmt.Sprintf("%s:%d: %s\n   got %s\n  want %s", e.File, e.Line, did, e.Got, e.Want)
}

// Run holds the talk against a menu, with a desk of its own that keeps what
// is booked in memory. The error is a [*MismatchError].
func (t Talk) Run(m *ivr.Menu) error {
	if t.short() {
		return t.reach(m)
	}
	for i, turn := range t.Turns(m) {
		line := t.Lines[i]
		if !line.Want.Meets(turn, t.Facts.Now) {
			return &MismatchError{t.File, line.No, line.Did, Write(turn, t.Facts.Now), line.Want.String()}
		}
	}
	return nil
}

// Turns returns what a menu makes of the talk, one turn for each line of it.
func (t Talk) Turns(m *ivr.Menu) []ivr.Turn {
	s := t.Begin(m)
	turns := make([]ivr.Turn, len(t.Lines))
	for i, line := range t.Lines {
		turns[i] = s.Next(line.Event)
	}
	return turns
}

// A Session is a talk that is being held with a menu.
type Session struct {
	State ivr.State
	Nodes []string // where the last turn came by
	menu  *ivr.Menu
	desk  *desk
}

// Begin makes ready to hold a talk with a menu, under the facts of the talk.
func (t Talk) Begin(m *ivr.Menu) *Session {
	d := &desk{talk: t, free: slices.Clone(t.Facts.Slots), booking: t.Facts.Booking}
	return &Session{menu: m, desk: d, State: ivr.State{Lang: t.Lang}}
}

// Booking returns the callback that stands; zero when there is none.
func (s *Session) Booking() time.Time { return s.desk.booking }

// A desk answers what a menu asks of the desk, from memory.
type desk struct {
	talk    Talk
	free    []time.Time
	held    time.Time
	booking time.Time
}

// maxAsks is how often in one turn a menu may ask the desk something.
const maxAsks = 10

// Next takes an event and answers what the menu asks, until a turn is for the
// person.
func (s *Session) Next(e ivr.Event) ivr.Turn {
	var said []ivr.Prompt
	var notes []ivr.Note
	s.Nodes = nil
	for range maxAsks {
		f := s.desk.talk.Facts
		f.Slots, f.Booking = slices.Clone(s.desk.free), s.desk.booking
		if p, ok := s.desk.talk.Prompts[s.State.Script]; ok {
			f.Prompted = &p
		}
		next, turn := s.menu.Trace(s.State, e, f, func(node string) { s.Nodes = append(s.Nodes, node) })
		s.State = next
		said, notes = append(said, turn.Say...), append(notes, turn.Notes...)
		turn.Say, turn.Notes = said, notes
		if turn.Book == nil {
			return turn
		}
		e = s.desk.answer(*turn.Book)
	}
	return ivr.Turn{Say: said, Notes: notes, Book: &ivr.Book{Do: "over and over"}}
}

func (d *desk) answer(b ivr.Book) ivr.Event {
	switch b.Do {
	case ivr.Check:
		return d.check(b.Phone)
	case ivr.Hold:
		return d.hold(b.At)
	case ivr.Confirm:
		return d.confirm(b.Phone)
	case ivr.Keep:
		return ivr.Event{Kind: ivr.Booked, At: d.booking}
	case ivr.Place:
		return d.place(b.Phone)
	case ivr.SignIn, ivr.Duty:
		return ivr.Event{Kind: ivr.Done}
	case ivr.Cancel:
		d.booking = time.Time{}
		return ivr.Event{Kind: ivr.Cancelled}
	case ivr.FindPrompt, ivr.JudgeTake, ivr.KeepTake, ivr.LeaveMessage:
		return d.record(b)
	case ivr.Take: // nobody waits behind a script
	}
	return ivr.Event{Kind: ivr.Refused}
}

// record answers who records what callers hear. A take is good unless its name
// says what is wrong with it.
func (d *desk) record(b ivr.Book) ivr.Event {
	_, known := d.talk.Prompts[b.Text]
	bad := slices.Contains([]string{ivr.TakeQuiet, ivr.TakeLoud, ivr.TakeShort}, b.Text)
	if b.Do == ivr.FindPrompt && !known || (b.Do == ivr.JudgeTake || b.Do == ivr.LeaveMessage) && bad {
		return ivr.Event{Kind: ivr.Refused, Text: b.Text}
	}
	return ivr.Event{Kind: ivr.Done, Text: b.Text}
}

func (d *desk) check(keys string) ivr.Event {
	if slices.Contains(d.talk.Refused, keys) {
		return ivr.Event{Kind: ivr.Refused, Text: "not allowed"}
	}
	number := d.talk.Country + strings.TrimPrefix(keys, "0")
	if rest, ok := strings.CutPrefix(keys, "00"); ok {
		number = "+" + rest
	}
	return ivr.Event{Kind: ivr.Number, Text: number}
}

// hold keeps a time, unless the talk says that somebody else takes it first.
func (d *desk) hold(at time.Time) ivr.Event {
	stranger := slices.ContainsFunc(d.talk.Taken, at.Equal)
	if stranger || !slices.ContainsFunc(d.free, at.Equal) {
		d.free = slices.DeleteFunc(d.free, at.Equal)
		return ivr.Event{Kind: ivr.Taken}
	}
	d.held = at
	return ivr.Event{Kind: ivr.Held, At: at}
}

// place promises a call when it is the caller's turn.
func (d *desk) place(phone string) ivr.Event {
	if phone == "" && !d.talk.Facts.Caller.Callable {
		return ivr.Event{Kind: ivr.Refused}
	}
	d.booking = d.talk.Facts.Now.Add(d.talk.Facts.Bound)
	return ivr.Event{Kind: ivr.Booked, At: d.booking}
}

func (d *desk) confirm(phone string) ivr.Event {
	switch {
	case phone == "" && !d.talk.Facts.Caller.Callable && d.talk.Facts.Brief == nil:
		return ivr.Event{Kind: ivr.Refused}
	case d.held.IsZero():
		return ivr.Event{Kind: ivr.Taken}
	}
	d.booking, d.held = d.held, time.Time{}
	d.free = slices.DeleteFunc(d.free, d.booking.Equal)
	return ivr.Event{Kind: ivr.Booked, At: d.booking}
}
