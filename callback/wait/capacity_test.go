package wait

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func plan() Plan {
	return Plan{
		Agents: 8, Live: 4.64, Handle: 320 * time.Second, Slot: 15 * time.Minute,
		Answered: 0.75, Tries: 3, Dial: 20 * time.Second, Beta: Careful,
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	p := plan()
	if got, want := p.Sentence(p.Places()), "5 places: 8 agents, load 0.82 of 0.82, AHT 5:20"; got != want {
		t.Errorf("the plan says %q, want %q", got, want)
	}
	p.Agents, p.Live = 1, 0
	if got, want := p.Sentence(p.Places()), "1 place: 1 agent, load 0.38 of 0.50, AHT 5:20"; got != want {
		t.Errorf("the plan says %q, want %q", got, want)
	}
}

// TestPlaces holds what is true of every plan: as many places as the team can
// carry, and not one more.
func TestPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{
			Agents: float64(rapid.IntRange(0, 400).Draw(t, "agents")) / 4, Live: rapid.Float64Range(0, 100).Draw(t, "live"),
			Handle: time.Duration(rapid.IntRange(10, 3600).Draw(t, "handle")) * time.Second,
			Slot:   time.Duration(rapid.IntRange(5, 60).Draw(t, "slot")) * time.Minute, Answered: rapid.Float64Range(0, 1).Draw(t, "answered"),
			Tries: rapid.IntRange(1, 5).Draw(t, "tries"), Dial: 20 * time.Second, Beta: rapid.Float64Range(0.2, 1).Draw(t, "beta"),
		}
		n, most := p.Places(), p.Carries()
		const exact = 1e-6
		if n > 0 && p.Load(n)*p.Agents > most+exact {
			t.Fatalf("%d places are a load of %.4f; the team carries %.4f", n, p.Load(n)*p.Agents, most)
		}
		if p.Agents > 0 && p.Load(n+1)*p.Agents < most-exact {
			t.Fatalf("%d places are sold, and one more is a load of %.4f of %.4f", n, p.Load(n+1)*p.Agents, most)
		}
		if more := p; n > 0 {
			more.Live += 0.5
			if more.Places() > n {
				t.Fatal("more callers on the line, and more places")
			}
			more = p
			more.Agents++
			if more.Places() < n {
				t.Fatal("one more agent, and fewer places")
			}
		}
	})
}
