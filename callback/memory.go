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

// doubt forgets what is known of a talk beyond what is stored. A replica that
// took the place of its database may lack the last moments of it: the line would
// be told over and over that the talk was moved on.
func (m *memory) doubt(t Talk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.talks[t.ID]; !known.ahead && known.State.Turn > t.State.Turn {
		delete(m.talks, t.ID)
	}
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

// drop forgets a talk, whatever is known of it.
func (m *memory) drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.talks, id)
	delete(m.taken, id)
}

// known lists all talks that are remembered.
func (m *memory) known() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return sorted(m.talks)
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

// stays reports whether somebody of this number is on a call with us.
func (m *memory) stays(p Phone) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.talks {
		if t.Phone == p && t.Line != textLine {
			return true
		}
	}
	return false
}

// await is told by called.
func (m *memory) await(talk string, turn int) (<-chan struct{}, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := make(chan struct{})
	if t, ok := m.talks[talk]; ok && t.State.Turn > turn {
		close(c)
		return c, func() {}
	}
	if m.awaited == nil {
		m.awaited = map[string]chan struct{}{}
	}
	m.awaited[talk] = c
	return c, func() { m.forget(talk, c) }
}

func (m *memory) forget(talk string, c chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.awaited[talk] == c {
		delete(m.awaited, talk)
	}
}

// called tells the line that a talk was moved on.
func (m *memory) called(talk string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.awaited[talk]; ok {
		close(c)
		delete(m.awaited, talk)
	}
}

// mostOwed bounds how many events of one talk are kept for the store.
const mostOwed = 8

// An owed event is how a call ended, which the store could not be told.
type owed struct {
	turn  int
	event ivr.Event
}

// owe keeps an event that tells how a call ended, until the store answers. No
// line says it again, and without it an agent would stay busy, and a customer
// who was served would be called once more. What a person pressed is not
// kept: nobody would do what follows from it.
func (m *memory) owe(talk string, turn int, e ivr.Event) {
	if e.Kind != ivr.Spoke && e.Kind != ivr.NoAnswer && e.Kind != ivr.Gone {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owed == nil {
		m.owed = map[string][]owed{}
	}
	if len(m.owed[talk]) < mostOwed {
		m.owed[talk] = append(m.owed[talk], owed{turn, e})
	}
}

func (m *memory) owedTo(talk string) []owed {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owed[talk]
}

// debts lists the talks of which the store does not know everything.
func (m *memory) debts() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return sorted(m.owed)
}

// paid forgets what is not owed any more. Two may have told the store at once.
func (m *memory) paid(talk string, all []owed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(m.owed[talk]), func(o owed) bool { return slices.Contains(all, o) })
	delete(m.owed, talk)
	if len(left) > 0 {
		m.owed[talk] = left
	}
}
