// Package linetest holds written talks over any line, against the real desk
// on a real store: the person at the other end must hear exactly what the bare
// menu says.
package linetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// Number is the number of ours that callers dial.
const Number callback.Phone = "+358912345678"

// AgentAddr is the address of the one agent. A phone that must be rung at
// another changes it in Desk.Agents before the call.
const AgentAddr = "sip:anna@127.0.0.1"

// A Phone is the far end of a line: a person who calls us, and the agent who
// is rung for that person.
type Phone interface {
	// Call dials [Number] from a number; "" withholds it.
	Call(from callback.Phone) error
	// Do does one thing that a person can do: Heard presses keys, Silence
	// waits, Gone hangs up. Spoke has the agent's phone answered, the call
	// taken, and hung up by the agent; NoAnswer lets it ring, or be busy.
	Do(e ivr.Event) error
	// Hears returns when the person has heard these words and no others since
	// the last time, and the line waits for somebody to act.
	Hears(words string) error
	// Over returns when the call has ended.
	Over() error
}

// Run holds every talk of callers in dir through a phone of its own.
func Run(t *testing.T, dir string, phone func(*testing.T, *callback.Desk) Phone) {
	t.Helper()
	for _, talk := range Talks(t, dir) {
		t.Run(talk.Name, func(t *testing.T) { Hold(t, talk, phone) })
	}
}

// Talks reads the talks in dir that a line can be held to: those of callers,
// about facts that a desk can be brought to.
func Talks(t *testing.T, dir string) []script.Talk {
	t.Helper()
	all, err := script.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s script.Talk) bool {
		return s.Menu != "main" || s.Lang != "" || s.Facts.Bound > 0
	})
	if len(all) < 10 {
		t.Fatalf("%s has %d talks for a line", dir, len(all))
	}
	return all
}

// Hold holds one talk, and returns the desk it was held with.
func Hold(t *testing.T, talk script.Talk, phone func(*testing.T, *callback.Desk) Phone) *callback.Desk {
	t.Helper()
	desk := NewDesk(t, talk)
	talk.Facts.Bound = outlook(t, desk)
	p := phone(t, desk)
	given := 0
	for i, turn := range talk.Turns(desk.Menus[talk.Menu]) {
		line := talk.Lines[i]
		if says(turn, "taken") {
			steal(t, desk, talk)
		}
		if line.Event.Kind == ivr.Free {
			free(t, desk)
		} else if err := act(p, talk, line.Event); err != nil {
			t.Fatalf("%s:%d: %s: %v", talk.File, line.No, line.Did, err)
		}
		if err := expect(p, turn, line.Event); err != nil {
			t.Fatalf("%s:%d: after < %s: %v", talk.File, line.No, line.Did, err)
		}
		if slices.ContainsFunc(turn.Notes, func(n ivr.Note) bool { return n.Name == "csat" }) {
			given = 1
		}
	}
	if talk.Facts.MaySurvey {
		answered(t, desk, given)
	}
	return desk
}

// answered checks that the question at the end of the call is counted, and the
// answer if one was given.
func answered(t *testing.T, desk *callback.Desk, given int) {
	t.Helper()
	now := desk.Now()
	f, err := desk.Figures(t.Context(), callback.FigureFilter{From: now.Add(-time.Hour), To: now.Add(time.Hour)})
	if err != nil || f.Asked != 1 || f.Answered != given || f.CSAT().N != given {
		t.Errorf("counted %+v, %v", f, err)
	}
}

func act(p Phone, talk script.Talk, e ivr.Event) error {
	if e.Kind == ivr.Begin {
		return p.Call(callback.Phone(talk.Facts.Caller.Phone))
	}
	return p.Do(e)
}

// expect checks what is heard, unless nobody is there to hear it.
func expect(p Phone, turn ivr.Turn, e ivr.Event) error {
	if e.Kind != ivr.Gone {
		if err := p.Hears(Words(turn)); err != nil {
			return err
		}
	}
	if !turn.End {
		return nil
	}
	if err := p.Over(); err != nil {
		return fmt.Errorf("the call goes on: %w", err)
	}
	return nil
}

// Words writes out all that is said in a turn.
func Words(t ivr.Turn) string {
	all := make([]string, len(t.Say))
	for i, p := range t.Say {
		all[i] = sounds.Text(t.Lang, p)
	}
	return strings.Join(all, " ")
}

func says(t ivr.Turn, name string) bool {
	return slices.ContainsFunc(t.Say, func(p ivr.Prompt) bool { return p.Name == name })
}
