package ivr

import "testing"

// TestCircle takes leave of who would be led in a circle for good. No menu that
// was read has one.
func TestCircle(t *testing.T) {
	t.Parallel()
	m := &Menu{languages: []string{"en"}, start: "a", stuck: "a", nodes: map[string]kind{"a": &jump{then: "b"}, "b": &jump{then: "a"}}}
	_, turn := m.Step(State{}, Event{Kind: Begin}, Facts{Now: noon})
	if !turn.End || len(turn.Say) != 1 || turn.Say[0].Name != "goodbye" {
		t.Errorf("got %+v, want a goodbye", turn)
	}
}
