// Package replay holds recorded talks against another version of a menu, and
// tells what would have become of them.
package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// An Outcome is what became of a talk.
type Outcome struct {
	End  string // as [walk.Ends] has them, or Asked
	Node string // where the talk was then
	To   string // whom it connected with, as the menu names him
	Keys int    // that were pressed until then
}

// Asked is the end of a talk in which the menu still waits for a key when the
// recorded ones have been used up.
const Asked = "asked"

// String says it in words.
func (o Outcome) String() string {
	switch o.End {
	case walk.EndPerson:
		return "speaks with " + o.To
	case walk.EndBooked:
		return "has a callback"
	case walk.EndCancelled:
		return "has taken the callback back"
	case walk.EndGone:
		return "hangs up at " + o.Node
	case Asked:
		return "is still asked at " + o.Node
	}
	return "hears the end at " + o.Node
}

// stepsMost bounds one talk.
const stepsMost = 200

// Play holds a recorded talk against a menu: what the person did comes in the
// order in which it was done, and what the desk and the line answered is
// answered again when the menu asks for it.
func Play(m *ivr.Menu, steps []walk.Step) Outcome {
	p := player{menu: m, left: slices.Clone(steps), now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
	if len(steps) > 0 {
		p.held = steps[0]
	}
	return p.play()
}

// A player is one talk at work.
type player struct {
	menu *ivr.Menu
	left []walk.Step // what was not used yet
	held walk.Step   // whose facts are true now
	now  time.Time

	state ivr.State
	turn  ivr.Turn
	asked ivr.Do // the last thing that the desk was asked
	out   Outcome
	over  bool
}

func (p *player) play() Outcome {
	p.out.End = walk.EndOver
	e := ivr.Event{Kind: ivr.Begin}
	for range stepsMost {
		p.state, p.turn = p.menu.Step(p.state, e, p.held.Held(p.now))
		p.out.Node = p.state.Node
		p.weigh(e)
		if p.turn.End {
			break
		}
		if e = p.next(); p.over {
			break
		}
	}
	return p.out
}

// weigh takes down what an event means for how the talk ends.
func (p *player) weigh(e ivr.Event) {
	switch {
	case e.Kind == ivr.Spoke:
		p.out.End = walk.EndPerson
	case p.promised(e) && p.out.End != walk.EndPerson:
		p.out.End = walk.EndBooked
	case e.Kind == ivr.Cancelled && p.out.End == walk.EndOver:
		p.out.End = walk.EndCancelled
	case e.Kind == ivr.Gone && p.out.End == walk.EndOver:
		p.out.End = walk.EndGone
	}
}

// promised reports whether an event is a promise to call: of a time, or with a
// message that was left.
func (p *player) promised(e ivr.Event) bool {
	return e.Kind == ivr.Booked || e.Kind == ivr.Done && p.asked == ivr.LeaveMessage
}

// next is the event that answers the turn.
func (p *player) next() ivr.Event {
	switch {
	case p.turn.Book != nil:
		return p.desk(*p.turn.Book)
	case p.turn.Connect != nil:
		p.out.To = p.turn.Connect.To
		return p.line()
	}
	return p.person()
}

// take returns the first recorded event of some kinds that is left.
func (p *player) take(kinds ...ivr.Kind) (walk.Step, bool) {
	i := slices.IndexFunc(p.left, func(s walk.Step) bool { return slices.Contains(kinds, s.Kind) })
	if i < 0 {
		return walk.Step{}, false
	}
	s := p.left[i]
	p.left = slices.Delete(p.left, i, i+1)
	return s, true
}

// person does what was done next. When nothing is left, the talk is cut here.
func (p *player) person() ivr.Event {
	s, ok := p.take(p.awaited()...)
	if !ok {
		if p.over = true; p.out.End == walk.EndOver {
			p.out.End = Asked
		}
		return ivr.Event{}
	}
	p.held = s
	e := ivr.Event{Kind: s.Kind, Text: s.Text}
	if s.Kind == ivr.Heard {
		p.out.Keys++
	}
	if s.Text == walk.Many { // which keys, nobody has kept
		e.Text = strings.Repeat("1", max(p.turn.Listen.Max, 1))
	}
	return e
}

// awaited lists what may come of the turn: words after a tone, the turn of who
// waits in line, or keys.
func (p *player) awaited() []ivr.Kind {
	switch {
	case p.turn.Record != nil:
		return []ivr.Kind{ivr.Recorded, ivr.Silence, ivr.Gone}
	case p.turn.Listen != nil && p.turn.Listen.Hold:
		return []ivr.Kind{ivr.Heard, ivr.Silence, ivr.Gone, ivr.Free}
	}
	return []ivr.Kind{ivr.Heard, ivr.Silence, ivr.Gone}
}

// line tells how a connect ended: as it did, or as it would with what was
// known of the agents.
func (p *player) line() ivr.Event {
	if s, ok := p.take(ivr.Spoke, ivr.NoAnswer); ok {
		return ivr.Event{Kind: s.Kind, Text: s.Text}
	}
	if strings.Contains(p.held.Facts, "i") || p.turn.Connect.To != "agents" {
		return ivr.Event{Kind: ivr.Spoke}
	}
	return ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
}

// desk answers as the desk did; what it was not asked then, it grants.
func (p *player) desk(b ivr.Book) ivr.Event {
	var refused, granted ivr.Kind
	p.asked = b.Do
	switch b.Do {
	case ivr.Check:
		granted, refused = ivr.Number, ivr.Refused
	case ivr.Hold:
		granted, refused = ivr.Held, ivr.Taken
	case ivr.Cancel:
		granted = ivr.Cancelled
	case ivr.Confirm, ivr.Keep:
		granted, refused = ivr.Booked, ivr.Refused
	case ivr.Place:
		granted, refused = ivr.Booked, ivr.Taken
	case ivr.SignIn, ivr.Duty, ivr.Take, ivr.FindPrompt, ivr.JudgeTake, ivr.KeepTake, ivr.LeaveMessage:
		granted, refused = ivr.Done, ivr.Refused
	}
	e := ivr.Event{Kind: granted, At: cmp.Or(b.At, p.state.Held, p.now.Add(time.Hour))}
	if s, ok := p.take(granted, refused); ok {
		e.Kind, e.Text = s.Kind, s.Text
	}
	if e.Kind == ivr.Number {
		e.Text = "+358401234567"
	}
	return e
}

// A Group is talks that end otherwise than before, in the same way.
type Group struct {
	Before, After string
	N             int
	Example       string // one of them, as [Line] writes it
}

// A Result is what a draft makes of recorded talks.
type Result struct {
	Talks   int
	Changed []Group        // the largest first
	Before  map[string]int // by Outcome.End
	After   map[string]int
	Keys    [2]float64 // pressed on the mean until a callback was booked, before and after
}

// Compare plays talks in the menu that each was held in, which of finds, and
// in a draft.
func Compare(talks [][]walk.Step, of func(i int) *ivr.Menu, draft *ivr.Menu) Result {
	r := Result{Talks: len(talks), Before: map[string]int{}, After: map[string]int{}}
	groups := map[[2]string]*Group{}
	var keys, booked [2]int
	for i, steps := range talks {
		both := [2]Outcome{Play(of(i), steps), Play(draft, steps)}
		for n, o := range both {
			if o.End == walk.EndBooked {
				keys[n] += o.Keys
				booked[n]++
			}
		}
		r.Before[both[0].End]++
		r.After[both[1].End]++
		way := [2]string{both[0].String(), both[1].String()}
		if way[0] == way[1] {
			continue
		}
		if groups[way] == nil {
			groups[way] = &Group{Before: way[0], After: way[1], Example: Line(steps)}
		}
		groups[way].N++
	}
	for n := range keys {
		r.Keys[n] = float64(keys[n]) / float64(max(booked[n], 1))
	}
	for _, g := range slices.SortedFunc(maps.Values(groups), func(a, b *Group) int {
		return cmp.Or(b.N-a.N, strings.Compare(a.Before, b.Before), strings.Compare(a.After, b.After))
	}) {
		r.Changed = append(r.Changed, *g)
	}
	return r
}

// Tell says the result in words and numbers.
func (r Result) Tell() []string {
	changed := 0
	for _, g := range r.Changed {
		changed += g.N
	}
	all := []string{fmt.Sprintf("%d of %d talks end otherwise", changed, r.Talks)}
	for _, g := range r.Changed {
		all = append(all, fmt.Sprintf("%5d  %s (was: %s), as in: %s", g.N, g.After, g.Before, g.Example))
	}
	for _, end := range append(walk.Ends(), Asked) {
		if r.Before[end]+r.After[end] > 0 {
			all = append(all, fmt.Sprintf("%s: %s now (was: %s)", ends[end], share(r.After[end], r.Talks), share(r.Before[end], r.Talks)))
		}
	}
	if r.Keys != [2]float64{} {
		all = append(all, fmt.Sprintf("keys until a callback is booked: %.1f now (was: %.1f)", r.Keys[1], r.Keys[0]))
	}
	return all
}

// ends names the ends of talks.
var ends = map[string]string{
	walk.EndPerson: "speak with somebody", walk.EndBooked: "have a callback", walk.EndCancelled: "take a callback back",
	walk.EndOver: "hear the end", walk.EndGone: "hang up before", Asked: "are still asked",
}

func share(n, of int) string {
	return fmt.Sprintf("%d (%.0f%%)", n, 100*float64(n)/float64(max(of, 1)))
}
