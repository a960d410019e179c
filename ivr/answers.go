package ivr

// A Question is what a talk asks now, for a page that shows it.
type Question struct {
	Save    string // the name of the answer
	Answers []int  // ascending; none for any words
}

// Question returns what a talk of this menu asks now. It reports false when it
// asks nothing that a page could show.
func (m *Menu) Question(s State) (Question, bool) {
	k, ok := m.nodes[s.Node].(*ask)
	if !ok {
		return Question{}, false
	}
	return Question{k.save, k.answers}, true
}
