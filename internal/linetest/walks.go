package linetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

// scenes are the facts under which people press keys at random.
var scenes = []string{
	"free 14:30 14:45 15:00 Tue 09:00 09:15 09:30\n",
	"free 14:30 Tue 09:00 09:15 Wed 10:00\nagents busy\n",
	"closed Tue 09:00\nfree Tue 09:00 09:15 Wed 10:00\nagents busy\n",
	"free 14:30 14:45 15:00\ncaller withheld\nagents busy\n",
	"free 14:30 14:45\ncaller +46701234567 foreign\nagents busy\n",
	"free 14:30 14:45 Tue 09:00\nbooking 15:00\nagents busy\n",
	"agents busy\n",
}

// walks makes up n talks in which a caller presses keys at random: known ones,
// wrong ones, times and numbers, or none. The same n are always the same.
func walks(t *testing.T, n int) []script.Talk {
	t.Helper()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	all := make([]script.Talk, n)
	for i := range all {
		talk, err := script.Parse(fmt.Sprintf("walk-%d", i), []byte("menu main\nrefuse 0600123\n"+scenes[i%len(scenes)]+"> end\n"))
		if err != nil {
			t.Fatal(err)
		}
		talk.Lines = strolls(m, talk, uint64(i)) //nolint:gosec // it is not negative
		all[i] = talk
	}
	return all
}

// longest is how often a caller does something in one talk.
const longest = 9

func strolls(m *ivr.Menu, talk script.Talk, seed uint64) []script.Line {
	r := rand.New(rand.NewPCG(seed, 4)) //nolint:gosec // it must be the same again
	s := talk.Begin(m)
	lines := []script.Line{{Event: ivr.Event{Kind: ivr.Begin}}}
	turn := s.Next(lines[0].Event)
	met := false
	for !turn.End && !met && len(lines) < longest {
		e := deed(r, turn)
		met = turn.Connect != nil // what an agent does next is not up to the menu
		lines = append(lines, script.Line{No: len(lines), Did: string(e.Kind) + " " + e.Text, Event: e})
		turn = s.Next(e)
	}
	if !turn.End {
		lines = append(lines, script.Line{No: len(lines), Did: "gone", Event: ivr.Event{Kind: ivr.Gone}})
	}
	return lines
}

// deed is something that a caller, or an agent, may do.
func deed(r *rand.Rand, turn ivr.Turn) ivr.Event {
	switch {
	case turn.Connect != nil && r.IntN(2) == 0:
		return ivr.Event{Kind: ivr.Spoke}
	case turn.Connect != nil:
		return ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)}
	case r.IntN(16) == 0:
		return ivr.Event{Kind: ivr.Silence}
	}
	texts := []string{"1", "1", "1", "1", "2", "2", "3", "4", "5", "9", "*", "0"}
	if turn.Listen.Max > 1 {
		texts = append(texts, "0900", "1430", "1515", "2560")
	}
	if turn.Listen.Max > 4 { // a number
		texts = []string{"0501234567", "0501234567", "0600123", "*", "0"}
	}
	return ivr.Event{Kind: ivr.Heard, Text: texts[r.IntN(len(texts))]}
}

// Stroll holds talks in which keys are pressed at random: the caller hears what
// the bare menu says, and the same is promised. They are so few, so many of them
// at once, unless HOLDLESS_WALKS says how many.
func Stroll(t *testing.T, few, atOnce int, phone func(*testing.T, *callback.Desk) Phone) {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("HOLDLESS_WALKS"))
	if err != nil {
		n = few
	}
	places := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, walk := range walks(t, n) {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			t.Run(walk.Name, func(t *testing.T) { holdWalk(t, walk, phone) })
		})
	}
	all.Wait()
}

// holdWalk holds a talk that was made up, and then compares what is promised
// with what the bare menu would have promised.
func holdWalk(t *testing.T, talk script.Talk, phone func(*testing.T, *callback.Desk) Phone) {
	t.Helper()
	m, err := ivr.Default(talk.Menu)
	if err != nil {
		t.Fatal(err)
	}
	s := talk.Begin(m)
	for _, line := range talk.Lines {
		s.Next(line.Event)
	}
	d := Hold(t, talk, phone)
	all, err := d.List(t.Context(), callback.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	open := slices.DeleteFunc(all, func(c callback.Callback) bool { return c.State != "booked" })
	most := 1
	if s.State.Phone != "" && !talk.Facts.Booking.IsZero() {
		most = 2 // another number may be called as well
	}
	same := len(open) == 0 && s.Booking().IsZero() ||
		len(open) <= most && slices.ContainsFunc(open, func(c callback.Callback) bool { return c.At.Equal(s.Booking()) })
	if !same {
		t.Errorf("promised %+v, the menu alone promises %s", open, s.Booking())
	}
}
