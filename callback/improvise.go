package callback

import (
	"slices"
	"sync"

	"github.com/holdless/holdless/ivr"
)

// memory keeps the talks of the calls that are live here, for the time when
// the store does not answer.
type memory struct {
	mu    sync.Mutex
	talks map[string]remembered
	owed  map[string][]owed // by talk
	taken map[string]string // by talk: agents who are busy with it, and the store does not know

	awaited map[string]chan struct{} // by talk: the lines that hold them want to know when they are moved on
}

type remembered struct {
	Talk
	ahead bool // of the store, which could not be written to
}

// keep remembers a talk as it is stored.
func (m *memory) keep(t Talk) { m.put(t, false) }

func (m *memory) put(t Talk, ahead bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.Closed {
		delete(m.talks, t.ID)
		delete(m.taken, t.ID)
		return
	}
	if m.talks[t.ID].State.Turn > t.State.Turn {
		return // the desk has moved it on since
	}
	delete(m.taken, t.ID)
	if ahead && toAgent(t.Last.Connect) {
		if m.taken == nil {
			m.taken = map[string]string{}
		}
		m.taken[t.ID] = t.Agent
	}
	if m.talks == nil {
		m.talks = map[string]remembered{}
	}
	m.talks[t.ID] = remembered{t, ahead}
}

// busies reports whether an agent is busy with a call of which the store does not
// know.
func (m *memory) busies(agent string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, taken := range m.taken {
		if taken == agent {
			return true
		}
	}
	return false
}

// busiesWith reports whether an agent is in a call here, other than this one.
func (m *memory) busiesWith(agent, talk string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, t := range m.talks {
		held := t.Menu == agentMenu || t.Menu == whisperMenu || t.Menu == customerMenu
		if id != talk && t.Agent == agent && (held || toAgent(t.Last.Connect)) {
			return true
		}
	}
	return false
}

// over forgets talks that the store knows to be over, whoever ended them.
func (m *memory) over(ended []Talk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range ended {
		if !m.talks[t.ID].ahead {
			delete(m.talks, t.ID)
		}
	}
}

// with reports whether a person who called us is with an agent, or about to be.
func (m *memory) with(p Phone) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.talks {
		if t.Phone == p && toAgent(t.Last.Connect) {
			return true
		}
	}
	return false
}

// ahead returns a talk of which the store knows less than we do.
func (m *memory) ahead(id string) (Talk, bool) {
	t, ok := m.find(id)
	return t.Talk, ok && t.ahead
}

func (m *memory) find(id string) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.talks[id]
	return t, ok
}

// improvise goes on with a caller while the store fails. Nothing is promised
// that is not written: a booking is refused, no times are offered, and the
// caller gets a person. Talks that keep a promise cannot go on like this,
// because nobody may be dialled without a line in the ledger.
func (d *Desk) improvise(fresh Talk, turn int, e ivr.Event, cause error) (ivr.Turn, error) {
	known, ok := d.live.find(fresh.ID)
	t := known.Talk
	if !ok {
		t = fresh
	}
	menu := d.menuAtHand(&t)
	if menu == nil {
		menu = d.Live().choose(&t) // its own is in the store, which does not answer
	}
	if menu == nil || t.keeps() {
		d.live.owe(fresh.ID, turn, e)
		return ivr.Turn{}, cause
	}
	if t.stale(turn, e) || e.Kind == ivr.Free {
		return t.Last, nil
	}
	d.Log.Error("talk goes on without the store", "talk", t.ID, "line", t.Line, "err", cause)
	d.play(menu, &t, e)
	d.live.put(t, true)
	if t.Closed {
		d.live.owe(t.ID, t.State.Turn, ivr.Event{Kind: ivr.Gone})
	}
	return t.Last, nil
}

// play steps through a menu with what is known without the store.
func (d *Desk) play(menu *ivr.Menu, t *Talk, e ivr.Event) {
	var said []ivr.Prompt
	if e.Kind == ivr.NoAnswer && toAgent(t.Last.Connect) {
		if next := d.another(t); next != nil {
			t.State.Turn++
			t.Last = ivr.Turn{No: t.State.Turn, Lang: t.Last.Lang, Connect: next}
			return
		}
	}
	for range rounds {
		t.State, t.Last = menu.Step(t.State, e, d.guess(t))
		said = append(said, t.Last.Say...)
		switch {
		case t.Last.Book != nil:
			e = ivr.Event{Kind: ivr.Refused, Text: ivr.NotWritten}
			continue
		case toAgent(t.Last.Connect):
			next := d.another(t)
			if next == nil {
				e = missed(ivr.Unanswered)
				continue
			}
			t.Last.Connect = next
		}
		break
	}
	t.Last.Say, t.Closed = said, t.Last.End
	if t.Last.Book != nil { // the menu insists: a person it is
		t.Last = ivr.Turn{No: t.State.Turn, Lang: t.State.Lang, Say: said, End: true}
		t.Closed = true
	}
}

// another returns the next agent to ring, who may well be busy elsewhere: only
// the calls of this process are known.
func (d *Desk) another(t *Talk) *ivr.Connect {
	q := d.Queues[t.Queue]
	if q == nil {
		return nil
	}
	next := *t.Last.Connect
	if t.Agent != "" && next.Addr != "" {
		next.Tried = append(slices.Clone(next.Tried), t.Agent)
	}
	for _, a := range q.Agents {
		if !slices.Contains(next.Tried, a) && !d.live.busiesWith(a, t.ID) {
			t.Agent, next.Addr, next.Ref, next.Talk = a, d.Agents[a].Phone, d.NewID(), ""
			return &next
		}
	}
	return nil
}

// guess is what may be told to a caller when the store says nothing.
func (d *Desk) guess(t *Talk) ivr.Facts {
	f := ivr.Facts{Caller: ivr.Caller{Phone: string(t.Phone)}}
	if q := d.Queues[t.Queue]; q != nil {
		f.Now = d.Now().In(q.Zone)
		f.Open, f.Idle = q.Open(f.Now), len(q.Agents)
		if !f.Open {
			f.Opens = q.Opens(f.Now)
		}
	}
	return f
}
