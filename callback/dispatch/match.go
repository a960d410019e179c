package dispatch

import "slices"

// A Match is the agents who are free, by number, and whom of them the customers may
// need who are being called without one kept for them. What one of them can do
// another may not: so it does not count how many there are, but whether each of
// these customers can have an agent of his own. That is a matching, which is found
// by augmenting paths (Kuhn, Naval Research Logistics Quarterly 2, 1955).
type Match struct {
	kinds [][]int // by kind of customer: the agents who can serve them
	of    []int   // by agent: the kind of customer who has him, or nobody
	spare []bool  // by kind of customer: they can have another agent instead; nil while not known
}

const nobody = -1

// NewMatch has so many agents free, and nobody called.
func NewMatch(agents int) *Match {
	return &Match{of: slices.Repeat([]int{nobody}, agents)}
}

// Call has so many customers called whom the same agents can serve. It returns how
// many of them find one.
func (m *Match) Call(able []int, customers int) int {
	kind, found := len(m.kinds), 0
	m.kinds, m.spare = append(m.kinds, able), nil
	for _, a := range able {
		if found < customers && m.of[a] == nobody {
			m.of[a] = kind
			found++
		}
	}
	for found < customers && m.find(kind, make([]bool, len(m.kinds))) {
		found++
	}
	return found
}

// find gives one more agent to customers of a kind: one whom nobody has, or one of
// those whom others have who can have another instead. Each kind is asked once.
func (m *Match) find(kind int, asked []bool) bool {
	asked[kind] = true
	for _, a := range m.kinds[kind] {
		if m.of[a] == nobody {
			m.of[a] = kind
			return true
		}
	}
	for _, a := range m.kinds[kind] {
		if has := m.of[a]; !asked[has] && m.find(has, asked) {
			m.of[a] = kind
			return true
		}
	}
	return false
}

// Spares reports whether as many customers find an agent without this one.
func (m *Match) Spares(agent int) bool {
	if m.spare == nil {
		m.spare = make([]bool, len(m.kinds))
		for more := true; more; {
			more = m.spread()
		}
	}
	kind := m.of[agent]
	return kind == nobody || m.spare[kind]
}

// spread marks the kinds of customers who can have another agent than the one they
// have: nobody has that one, or those can have another who do.
func (m *Match) spread() (more bool) {
	for kind, able := range m.kinds {
		if m.spare[kind] {
			continue
		}
		m.spare[kind] = slices.ContainsFunc(able, func(a int) bool { return m.of[a] == nobody || m.spare[m.of[a]] })
		more = more || m.spare[kind]
	}
	return more
}

// Left counts how many of some agents can be taken together, and as many customers
// find an agent as before.
func (m *Match) Left(agents []int) int {
	with := Match{kinds: slices.Clip(m.kinds), of: slices.Clone(m.of)}
	return with.Call(agents, len(agents))
}
