package ivr

import (
	"os"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// TestAnyNodeAnyEvent puts talks down at every node of every menu, as a
// change of the menu may, and tells them everything.
func TestAnyNodeAnyEvent(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/office.yaml")
	if err != nil {
		t.Fatal(err)
	}
	office, err := Parse("office.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	all := []*Menu{office}
	for _, name := range []string{"main", "agent", "whisper", "customer", "desk", "survey"} {
		m, err := Default(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	for _, m := range all {
		for node := range m.nodes {
			for _, path := range [][]string{nil, {node}, {"gone_since", node}} {
				for _, page := range []string{"", pageKeyIn, pageCheck, pageDays, pageDays + "/3", pageNearest, "2026-03-02/99", "/-1"} {
					strike(t, m, State{Turn: 5, Node: node, Page: page, Path: path})
				}
			}
		}
	}
}

// strike tells a talk in some state everything that could happen to it.
func strike(t *testing.T, m *Menu, s State) {
	t.Helper()
	bare := Facts{Now: noon, Open: true, Slots: []time.Time{noon.Add(time.Hour), noon.Add(30 * time.Hour)}}
	rich := Facts{
		Now: noon, Idle: 1, MayWait: true, MaySurvey: true, Message: time.Minute, MayAsk: true, Booking: noon.Add(time.Hour),
		SignedIn: true, Agenda: []Due{{ID: "a"}, {ID: "b"}}, MayRecord: true, Prompted: &Prompt{Name: "welcome"},
	}
	for _, facts := range []Facts{bare, rich} {
		strikeAt(t, m, s, facts)
	}
}

func strikeAt(t *testing.T, m *Menu, s State, facts Facts) {
	t.Helper()
	for _, e := range []Event{
		{Kind: Begin},
		{Kind: Heard},
		{Kind: Heard, Text: "1"},
		{Kind: Heard, Text: "4"},
		{Kind: Heard, Text: "*"},
		{Kind: Heard, Text: "0"},
		{Kind: Heard, Text: "1545"},
		{Kind: Silence},
		{Kind: Gone},
		{Kind: Spoke},
		{Kind: NoAnswer},
		{Kind: Number, Text: "+358401234567"},
		{Kind: Held, At: noon},
		{Kind: Booked, At: noon},
		{Kind: Taken},
		{Kind: Refused},
		{Kind: Cancelled},
		{Kind: Recorded, Text: "TAKE"},
		{Kind: Done, Text: "TAKE"},
		{Kind: Free},
		{Kind: "unheard of"},
	} {
		next, turn := m.Step(s, e, facts)
		verbs := []bool{turn.Listen != nil, turn.Connect != nil, turn.Record != nil, turn.Book != nil, turn.End}
		verbs = slices.DeleteFunc(verbs, func(has bool) bool { return !has })
		if len(verbs) != 1 || turn.No != 6 || next.Turn != 6 {
			t.Fatalf("%s at %s, page %q, after %+v: got %+v", m.name, s.Node, s.Page, e, turn)
		}
	}
}

// TestHoldLapsed: the time was kept for too short, and somebody else has it.
func TestHoldLapsed(t *testing.T) {
	t.Parallel()
	m, err := Default("main")
	if err != nil {
		t.Fatal(err)
	}
	first, second := noon.Add(time.Hour), noon.Add(2*time.Hour)
	f := Facts{Now: noon, Open: true, Slots: []time.Time{first, second}}
	s := State{Turn: 7, Node: "confirm", Held: first}
	s, turn := m.Step(s, Event{Kind: Taken}, f)
	if turn.Listen == nil || len(s.Offered) != 1 || !s.Offered[0].Equal(second) || !s.Held.IsZero() {
		t.Errorf("got %+v, offered %v", turn, s.Offered)
	}
	if turn.Say[0].Name != "taken" {
		t.Errorf("first says %q", turn.Say[0].Name)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	free := []time.Time{at(2, 14, 30), at(2, 15, 0), at(2, 16, 15), at(3, 9, 0), at(3, 9, 30)}
	for _, tt := range []struct {
		keys  string
		want  time.Time
		exact bool
	}{
		{"1500", at(2, 15, 0), true},
		{"15", at(2, 15, 0), true},
		{"300", at(2, 15, 0), true}, // three in the afternoon
		{"3", at(2, 15, 0), true},
		{"0930", at(3, 9, 30), true}, // gone today, so tomorrow
		{"930", at(3, 9, 30), true},
		{"1610", at(2, 16, 15), false},
		{"1459", at(2, 15, 0), false},
		{"2359", at(2, 16, 15), false},
		{"0000", at(2, 16, 15), false},
		{"1200", at(2, 14, 30), false},
	} {
		clock, ok := clockTime(tt.keys)
		if !ok {
			t.Errorf("%s is no time", tt.keys)
			continue
		}
		if got, exact := nearest(free, noon, clock); !got.Equal(tt.want) || exact != tt.exact {
			t.Errorf("%s: got %s, exact %v; want %s", tt.keys, got, exact, tt.want)
		}
	}
	for _, keys := range []string{"", "24", "2400", "1260", "960", "12345", "1a"} {
		if clock, ok := clockTime(keys); ok {
			t.Errorf("%q: got %d, want none", keys, clock)
		}
	}
}

func TestKeyedTimeOfAnotherDay(t *testing.T) {
	t.Parallel()
	m, err := Default("main")
	if err != nil {
		t.Fatal(err)
	}
	tomorrow := noon.Add(24 * time.Hour)
	f := Facts{Now: noon, Open: true, Slots: []time.Time{noon.Add(time.Hour), tomorrow, tomorrow.Add(time.Hour)}}
	s := State{Turn: 7, Node: "times", Path: []string{"topics", "times"}, Page: "2026-03-03", Offered: f.Slots[1:]}
	_, turn := m.Step(s, Event{Kind: Heard, Text: "1300"}, f)
	if turn.Book == nil || !turn.Book.At.Equal(tomorrow.Add(time.Hour)) {
		t.Errorf("got %+v, want 13:00 of the day that was read out", turn.Book)
	}
}
