package wait

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMixed holds an estimate to what is true of a line in which only some of
// the agents can serve somebody.
func TestMixed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Line{
			Ahead: rapid.IntRange(0, 60).Draw(t, "ahead"), Agents: float64(rapid.IntRange(2, 40).Draw(t, "agents")),
			Handle:   time.Duration(rapid.IntRange(10, 900).Draw(t, "handle")) * time.Second,
			Patience: time.Duration(rapid.IntRange(0, 900).Draw(t, "patience")) * time.Second,
		}
		whole := l.Estimate()
		few := l
		few.Able = float64(rapid.IntRange(1, int(l.Agents)-1).Draw(t, "able"))
		few.Alike = rapid.IntRange(0, l.Ahead).Draw(t, "alike")
		got := few.Estimate()
		alone := l // as though the others were not there
		alone.Agents = few.Able
		if got.Mean < whole.Mean || got.Mean > alone.Estimate().Mean+time.Millisecond {
			t.Fatalf("%v for the few; the whole team takes %v, and they alone %v", got.Mean, whole.Mean, alone.Estimate().Mean)
		}
		few.Alike = l.Ahead
		if all := few.Estimate(); (all.Mean - alone.Estimate().Mean).Abs() > time.Millisecond {
			t.Fatalf("%v behind people like him; the few alone take %v", all.Mean, alone.Estimate().Mean)
		}
		few.Able = l.Agents
		if got := few.Estimate(); got != whole {
			t.Fatalf("%+v when everybody can serve him, and else %+v", got, whole)
		}
	})
}

// TestMixedSteps follows a line by hand: four agents with calls of eight minutes,
// of whom one can serve the last of the line.
func TestMixedSteps(t *testing.T) {
	t.Parallel()
	const two, eight = 2 * time.Minute, 8 * time.Minute
	for _, tt := range []struct {
		name         string
		ahead, alike int
		patience     time.Duration
		want         time.Duration
	}{
		{"nobody is before him", 0, 0, 0, eight},
		{"one whom all can serve", 1, 0, 0, two + eight},
		{"three whom all can serve", 3, 0, 0, 3*two + eight},
		{"one like him", 1, 1, 0, 2 * eight},
		{"two like him", 2, 2, 0, 3 * eight},
		{"one of each: an agent takes the other one, mostly", 2, 1, 0, two + two + eight},
		// 1/3.5, 1/2.5 and 1/1.5 of a minute: of those who are left, all can serve one until he is next.
		{"who gives up is of either kind", 3, 2, time.Minute, eight + 81*time.Second},
	} {
		l := Line{Ahead: tt.ahead, Alike: tt.alike, Agents: 4, Able: 1, Handle: eight, Patience: tt.patience}
		if got := l.Estimate().Mean; (got - tt.want).Abs() > time.Second {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
