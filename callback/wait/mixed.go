package wait

// A mixed line has people in it whom only some of the agents can serve. Who is
// able takes whoever has waited longest, of both kinds; the others pass by whom
// they cannot serve. So a line moves at the rate of the whole team for as long
// as anybody can be served by all, and then at the rate of the able.
//
// How many of each kind are left is followed as it is on average, and whom the
// able find first is taken to be of either kind as often as there are of it. It
// is an approximation: the spread of both is left out.
type mixed struct {
	able  float64 // of the agents, who can serve the last of the line
	alike float64 // of those before him, whom only they can serve
}

func (l Line) mixed() mixed {
	if l.Able <= 0 || l.Able >= l.Agents {
		return mixed{able: 1}
	}
	return mixed{l.Able / l.Agents, float64(l.Alike)}
}

// serve tells how much of the team serves somebody before the last in line,
// while k are before him.
func (m *mixed) serve(k int) float64 {
	if float64(k)-m.alike > 1e-6 { // more than what sums of fractions are off by
		return 1
	}
	return m.able
}

// move takes one of k out of the line. Left is how likely it is that he gave up.
func (m *mixed) move(k int, left float64) {
	if k == 0 {
		return
	}
	inTurn := left + (1-left)*m.able/m.serve(k) // and not because he is of the other kind
	m.alike -= inTurn * m.alike / float64(k)
}
