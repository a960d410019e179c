package ivr

import (
	"maps"
	"slices"
	"time"
)

const (
	usualSay = 4   // prompts of most turns
	maxTries = 2   // how often in a row a person may be misunderstood
	maxStuck = 2   // how often in a talk a person may be sent to Menu.stuck
	maxTurns = 120 // a talk that goes round for longer is ended
	maxPath  = 16  // nodes that "*" can go back over
)

// Step takes what happened and returns what happens next. It is pure: the
// same menu, state, event and facts always give the same turn.
func (m *Menu) Step(s State, e Event, f Facts) (State, Turn) { return m.Trace(s, e, f, nil) }

// Trace is [Menu.Step], and tells the name of every node that the talk comes
// to on the way.
func (m *Menu) Trace(s State, e Event, f Facts, tell func(node string)) (State, Turn) {
	t, used := m.idle.Get().(*talk)
	if !used {
		t = new(talk)
	}
	*t = talk{m: m, State: s, Facts: f, event: e, tell: tell}
	defer func() {
		*t = talk{}
		m.idle.Put(t)
	}()
	t.State.Turn++
	t.out.No = t.State.Turn
	if s.Turn == 0 && slices.Contains(m.languages, f.Caller.Lang) {
		t.Lang = f.Caller.Lang
	}
	if !slices.Contains(m.languages, t.Lang) {
		t.Lang = m.languages[0]
	}
	t.walk(t.react(e))
	t.out.Lang = t.Lang
	return t.State, t.out
}

// A talk is one Step at work. It may change State, but not what the slices
// and maps in it hold: the caller of Step has them too.
type talk struct {
	m *Menu
	State
	Facts
	event Event
	out   Turn
	seen  bool   // the person has been at this node before
	sorry string // what to say when an event means nothing, if not the usual
	tell  func(node string)
}

// react returns the node that an event leads to, or "" when the turn is
// complete.
func (t *talk) react(e Event) string {
	switch {
	case e.Kind == Gone:
		t.out.End = true
		return ""
	case t.State.Turn > maxTurns && !t.waits():
		return t.farewell()
	case t.Node == "" && e.Kind == Begin:
		return t.m.start
	case t.Node == "": // an agent who never answered, or a talk that never was
		t.out.End = true
		return ""
	}
	node, ok := t.m.nodes[t.Node]
	switch {
	case !ok: // the menu has changed since
		return t.giveUp()
	case e.Kind == Begin:
		return t.Node
	case e.Kind == Refused && e.Text == NotWritten:
		t.say(Prompt{Name: "sorry"})
		return t.giveUp()
	case e.Kind == Refused && (e.Text == InFlight || e.Text == TooMany):
		return t.giveUp()
	}
	if to, ok := t.m.anytime[e.Text]; ok && e.Kind == Heard && t.listens() {
		return t.anytime(to)
	}
	next, ok := node.hear(t, e)
	if !ok {
		return t.misheard(e)
	}
	if t.out.Book == nil { // else the desk's answer decides
		t.Wrong, t.Quiet = 0, 0
	}
	return next
}

// walk goes on from node to node until one of them waits.
func (t *talk) walk(next string) {
	for range len(t.m.nodes) + 1 {
		if next == "" {
			return
		}
		if t.m.nodes[next] == nil { // gone from the menu since the talk came by
			next = t.m.stuck
		}
		t.move(next)
		next = t.m.nodes[next].enter(t)
	}
	if next != "" { // in a circle, which the check lets into no menu
		t.farewell()
	}
}

func (t *talk) move(to string) {
	t.seen = to == t.Node || slices.Contains(t.Path, to)
	if t.tell != nil {
		t.tell(to)
	}
	if to != t.Node {
		t.Node, t.Page, t.Wrong, t.Quiet = to, "", 0, 0
		t.Script, t.Take = "", ""
	}
}

// listens reports whether the talk stands where keys are heard.
func (t *talk) listens() bool {
	return len(t.Path) > 0 && t.Path[len(t.Path)-1] == t.Node
}

// listen completes the turn, and remembers the node as one to go back to. A
// Listen that is the same every time may be one that the node keeps.
func (t *talk) listen(l *Listen) string {
	t.out.Listen = l
	if !t.listens() {
		path := t.Path[max(0, len(t.Path)-maxPath+1):]
		t.Path = append(slices.Clip(path), t.Node)
	}
	return ""
}

// waits reports whether the person stands in line, which may take any number of
// turns.
func (t *talk) waits() bool {
	_, ok := t.m.nodes[t.Node].(*wait)
	return ok
}

func (t *talk) anytime(to string) string {
	t.Wrong, t.Quiet = 0, 0
	switch {
	case to == repeat:
		return t.Node
	case to != back:
		return to
	case t.Page != "":
		t.Page = ""
	case len(t.Path) > 1:
		t.Path = t.Path[: len(t.Path)-1 : len(t.Path)-1]
		return t.Path[len(t.Path)-1]
	}
	return t.Node
}

// misheard says what was wrong and asks again. After maxTries it stops asking.
func (t *talk) misheard(e Event) string {
	usual := ""
	t.out.Misheard = true
	if e.Kind == Silence {
		t.Quiet++
		usual = "silence"
	} else {
		t.Wrong++
	}
	if t.Wrong >= maxTries || t.Quiet >= maxTries {
		return t.giveUp()
	}
	switch {
	case t.sorry != "":
		usual = t.sorry
	case e.Kind == Heard && t.m.audience == texter:
		usual = "unclear"
	case e.Kind == Heard:
		usual = "wrong_key"
	}
	if usual != "" {
		t.say(Prompt{Name: usual})
	}
	return t.Node
}

// giveUp hands over whom the menu does not understand.
func (t *talk) giveUp() string {
	t.Stuck++
	if t.Stuck > maxStuck || t.Node == t.m.stuck {
		return t.farewell()
	}
	return t.m.stuck
}

func (t *talk) farewell() string {
	t.say(Prompt{Name: "goodbye"})
	t.out.End = true
	return ""
}

func (t *talk) say(p ...Prompt) {
	t.room(usualSay)
	t.out.Say = append(t.out.Say, p...)
}

// room makes room for prompts, where there is none yet. They are large, so it
// is neither made twice nor larger than what most turns need.
func (t *talk) room(n int) {
	if t.out.Say == nil {
		t.out.Say = make([]Prompt, 0, n)
	}
}

// sayAll says sentences that stand in a menu.
func (t *talk) sayAll(all []sentence) {
	for _, s := range all {
		switch {
		case s.fill != nil:
			if p, ok := s.fill(t); ok {
				t.say(p)
			}
		case s.name != "":
			t.say(Prompt{Name: s.name})
		default:
			t.say(Prompt{Text: s.text[t.Lang], Sound: s.rec})
		}
	}
}

// greet says the long words the first time, and the short ones from then on.
func (t *talk) greet(long, short []sentence) {
	if t.seen && short != nil {
		long = short
	}
	t.sayAll(long)
}

// timed is a prompt with a time in it, as people at the queue's place say it.
func (t *talk) timed(name string, at time.Time) Prompt {
	return Prompt{Name: name, At: at.In(t.Now.Location()), Now: t.Now}
}

// A known is something that a menu may write down, in the form of a turn's
// notes and of a state's data. Nobody changes it.
type known struct {
	notes []Note
	data  map[string]string
}

func knowing(name, value string) *known {
	return &known{[]Note{{name, value}}, map[string]string{name: value}}
}

// note writes something down, and remembers it for the rest of the talk.
func (t *talk) note(name, value string) {
	if name == "" {
		return
	}
	t.out.Notes = append(slices.Clip(t.out.Notes), Note{name, value})
	data := make(map[string]string, len(t.Data)+1)
	maps.Copy(data, t.Data)
	data[name] = value
	t.Data = data
}

// noted is note for what was read with the menu. Most talks note one thing, so
// it needs no more room than it was read into.
func (t *talk) noted(n *known) {
	if len(t.Data) > 0 || len(t.out.Notes) > 0 {
		t.note(n.notes[0].Name, n.notes[0].Value)
		return
	}
	t.out.Notes, t.Data = n.notes, n.data
}

func (t *talk) brief() Brief {
	if t.Brief == nil {
		return Brief{}
	}
	return *t.Brief
}
