package simulate

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
)

// TestEveryInputCounts changes one thing that a scenario is made of at a time,
// and looks at what it is for.
func TestEveryInputCounts(t *testing.T) {
	t.Parallel()
	usual := func() Scenario {
		s := Usual()
		s.Days, s.Load = 10, 0.6
		return s
	}
	run := func(s Scenario) Result {
		r, err := Run(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := run(usual())
	for _, tt := range []struct {
		name   string
		change func(*Scenario)
		more   func(Result) float64 // of this there is more
	}{
		{"agents", func(s *Scenario) { s.Agents = 12 }, func(r Result) float64 { return float64(r.Sold) }},
		{"load", func(s *Scenario) { s.Load = 0.7 }, func(r Result) float64 { return float64(r.Calls) }},
		{"longer calls, fewer places", func(s *Scenario) { s.Handle = 8 * time.Minute }, func(r Result) float64 { return -float64(r.Sold) }},
		{"longer calls, longer waits", func(s *Scenario) { s.Handle = 8 * time.Minute }, func(r Result) float64 { return r.Waited.Seconds() }},
		{"patience", func(s *Scenario) { s.Patience = time.Minute }, func(r Result) float64 { return r.Abandoned }},
		{"no limit of patience", func(s *Scenario) { s.Patience = 0 }, func(r Result) float64 { return r.Waited.Seconds() }},
		{"answers, of who is reached", func(s *Scenario) { s.Answer = 0.4 }, func(r Result) float64 { return float64(r.Unreached) }},
		{"answers, of places", func(s *Scenario) { s.Answer = 0.4 }, func(r Result) float64 { return float64(r.Sold) }},
		{"machines", func(s *Scenario) { s.Machine = 0.2 }, func(r Result) float64 { return float64(r.Machines) }},
		{"keep", func(s *Scenario) { s.Keep = 0.5 }, func(r Result) float64 { return float64(r.Called) }},
		{"slot", func(s *Scenario) { s.Slot = 30 * time.Minute }, func(r Result) float64 { return float64(r.Sold) }},
		{"beta", func(s *Scenario) { s.Beta = 0.3 }, func(r Result) float64 { return float64(r.Sold) }},
		{"places", func(s *Scenario) { s.Places = 7 }, func(r Result) float64 { return float64(r.Promises) }},
		{"special", func(s *Scenario) { s.Special, s.Able = 0.3, 4 }, func(r Result) float64 { return float64(r.ToldRare) }},
		{"policy", func(s *Scenario) { s.Policy = dispatch.FIFO }, func(r Result) float64 { return -r.Kept }},
		{"order", func(s *Scenario) { s.Order = AgentFirst }, func(r Result) float64 { return r.Locked.Seconds() }},
		{"days", func(s *Scenario) { s.Days = 12 }, func(r Result) float64 { return float64(r.Calls) }},
		{"seed", func(s *Scenario) { s.Seed = 2 }, func(r Result) float64 { return math.Abs(float64(r.Waited - before.Waited)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := usual()
			tt.change(&s)
			if was, is := tt.more(before), tt.more(run(s)); is <= was {
				t.Errorf("came to %v, and to %v without it", is, was)
			}
		})
	}
	few, many := usual(), usual()
	few.Special, few.Able, many.Special, many.Able = 0.3, 3, 0.3, 7
	if a, b := run(few), run(many); a.Waited <= b.Waited {
		t.Errorf("with three who are able, people wait for %s, with seven for %s", a.Waited, b.Waited)
	}
}

// TestLoadThatIsLeft holds that callers bring what a quarter of promises leaves,
// unless it is said what they bring.
func TestLoadThatIsLeft(t *testing.T) {
	t.Parallel()
	s := Usual()
	s.Days = 20
	r, err := Run(s)
	if err != nil {
		t.Fatal(err)
	}
	if r.Live <= 0.4 || r.Live >= r.Planned || r.Planned > s.Plan().Carries()/8+1e-9 {
		t.Errorf("callers bring %.2f of a load of %.2f", r.Live, r.Planned)
	}
	if math.Abs(r.Busy-r.Planned) > 0.08 {
		t.Errorf("the team was planned to be busy for %.2f, and was for %.2f", r.Planned, r.Busy)
	}
}

// TestCheck holds that nobody waits for a simulation of what cannot be, and that
// everything that is wrong is said at once.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Scenario)
		want   string
	}{
		{"nobody works", func(s *Scenario) { s.Agents = 0 }, "agents must be 1 to 1000"},
		{"too many work", func(s *Scenario) { s.Agents = 1001 }, "agents must be 1 to 1000"},
		{"negative load", func(s *Scenario) { s.Load = -0.5 }, "load must be 0 to 2 for each agent"},
		{"too high a load", func(s *Scenario) { s.Load = 2.1 }, "load must be 0 to 2 for each agent"},
		{"no number", func(s *Scenario) { s.Load = math.NaN() }, "load must be 0 to 2 for each agent"},
		{"no time for a call", func(s *Scenario) { s.Handle = 0 }, "aht must be a second to eight hours"},
		{"a call for days", func(s *Scenario) { s.Handle = 48 * time.Hour }, "aht must be a second to eight hours"},
		{"negative patience", func(s *Scenario) { s.Patience = -time.Second }, "patience must not be negative"},
		{"nobody answers", func(s *Scenario) { s.Answer = 0 }, "answer must be more than 0"},
		{"who answers is no number", func(s *Scenario) { s.Answer = math.NaN() }, "answer must be more than 0"},
		{"more than all", func(s *Scenario) { s.Answer, s.Machine = 0.8, 0.3 }, "answer must be more than 0, and with machine at most 1"},
		{"machines are no number", func(s *Scenario) { s.Machine = math.NaN() }, "with machine at most 1"},
		{"a slot without time", func(s *Scenario) { s.Slot = time.Second }, "slot must be a minute to two hours"},
		{"a slot longer than the day", func(s *Scenario) { s.Slot = 5 * time.Hour }, "slot must be a minute to two hours"},
		{"negative places", func(s *Scenario) { s.Places = -2 }, "places must be 0 to 10000"},
		{"too many places", func(s *Scenario) { s.Places = 10001 }, "places must be 0 to 10000"},
		{"special", func(s *Scenario) { s.Special, s.Able = 1.5, 1 }, "special must be 0 to 1"},
		{"nobody is able", func(s *Scenario) { s.Special = 0.5 }, "able must be 1 to all agents"},
		{"more are able than work", func(s *Scenario) { s.Special, s.Able = 0.5, 9 }, "able must be 1 to all agents"},
		{"keep", func(s *Scenario) { s.Keep = 1.1 }, "keep must be 0 to 1"},
		{"beta", func(s *Scenario) { s.Beta = math.Inf(1) }, "beta must be 0 to 3"},
		{"policy", func(s *Scenario) { s.Policy = "lifo" }, "policy is deadline or fifo"},
		{"order", func(s *Scenario) { s.Order = "first" }, "order is agent_first, customer_first or adaptive"},
		{"no days", func(s *Scenario) { s.Days = 0 }, "days must be 1 to 10000"},
		{"too many days", func(s *Scenario) { s.Days = 10001 }, "days must be 1 to 10000"},
	} {
		s := Usual()
		tt.change(&s)
		if _, err := Run(s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	s := Usual()
	s.Agents, s.Policy, s.Answer = 0, "lifo", 0
	_, err := Run(s)
	for _, want := range []string{"agents", "policy", "answer"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
