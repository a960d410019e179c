package simulate

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holdless/holdless/callback/dispatch"
)

// What rapid draws is the same in every run, so that what fails fails for everybody;
// -rapid.seed=0 draws anew.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	m.Run()
}

// teams are those whose promises have to be kept.
var teams = []int{2, 3, 5, 8, 12, 20, 40}

// full is a team at the load that is planned: nobody gives up, and every place is
// sold.
func full(agents int) Scenario {
	s := Usual()
	s.Agents, s.Patience, s.Days = agents, 0, 60
	if days, err := strconv.Atoi(os.Getenv("HOLDLESS_PROMISES")); err == nil {
		s.Days = days
	}
	return s
}

// verdict says what is wrong with a result, by what the product promises.
func verdict(r Result) error {
	var all []error
	for _, rule := range []struct {
		broken bool
		say    string
	}{
		{r.Kept < 0.97, fmt.Sprintf("%.1f %% of the promises are kept, want 97 %%", 100*r.Kept)},
		{r.Agents >= 8 && r.LateP99 > 3*time.Minute, fmt.Sprintf("one of 100 is %s late, want 3 minutes at the most", r.LateP99)},
		{r.Bound < 0.88 || r.Bound > 0.94, fmt.Sprintf("%.1f %% wait no longer than they are told, want 88 to 94 %%", 100*r.Bound)},
		{r.ToAgents > 0, fmt.Sprintf("%d machines were put through to agents", r.ToAgents)},
		{r.Machines == 0, "no machine took a call, which proves nothing"},
		{r.Order == Adaptive && r.Held > 0.01, fmt.Sprintf("%.1f %% wait after they have pressed the key, want 1 %% at the most", 100*r.Held)},
		{r.Order == Adaptive && r.Locked > 26*time.Second, fmt.Sprintf("a connect locks agents for %s, want 26s at the most", r.Locked)},
		{len(r.Wrong) > 0, strings.Join(r.Wrong, ", ")},
	} {
		if rule.broken {
			all = append(all, errors.New(rule.say))
		}
	}
	return errors.Join(all...)
}

// TestVerdict holds that what misses a target is said to miss it, and what is at
// it is not.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Result)
		want   string
	}{
		{"at every target", func(*Result) {}, ""},
		{"promises", func(r *Result) { r.Kept = 0.969 }, "96.9 % of the promises are kept"},
		{"late", func(r *Result) { r.LateP99 += time.Second }, "one of 100 is 3m1s late"},
		{"late in a small team", func(r *Result) { r.LateP99, r.Agents = time.Hour, 5 }, ""},
		{"too bold", func(r *Result) { r.Bound = 0.879 }, "87.9 % wait no longer"},
		{"too careful", func(r *Result) { r.Bound = 0.941 }, "94.1 % wait no longer"},
		{"after the key", func(r *Result) { r.Held = 0.011 }, "1.1 % wait after they have pressed the key"},
		{"locked", func(r *Result) { r.Locked += time.Second }, "a connect locks agents for 27s"},
		{"in another order", func(r *Result) { r.Order, r.Locked, r.Held = AgentFirst, time.Minute, 0.5 }, ""},
		{"a machine", func(r *Result) { r.ToAgents = 1 }, "1 machines were put through"},
		{"no machine at all", func(r *Result) { r.Machines = 0 }, "no machine took a call"},
		{"what must never be", func(r *Result) { r.Wrong = []string{"an agent has two calls"} }, "an agent has two calls"},
	} {
		r := Result{Scenario: Usual(), Kept: 0.97, LateP99: 3 * time.Minute, Bound: 0.9, Held: 0.01, Locked: 26 * time.Second, Machines: 10}
		tt.change(&r)
		if err := verdict(r); (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestPromises is the proof that promises are kept. It lives through 60 days,
// and through 300 by "make promises".
func TestPromises(t *testing.T) {
	t.Parallel()
	for _, agents := range teams {
		t.Run(strconv.Itoa(agents)+" agents", func(t *testing.T) {
			t.Parallel()
			r, err := Run(full(agents))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: kept %.1f %% of %d, late p99 %s, wait %s, bound held %.1f %%, locked %.1fs, held %.2f %%, %d of %d machines",
				r.Sentence, 100*r.Kept, r.Promises, clock(r.LateP99), clock(r.Waited), 100*r.Bound, r.Locked.Seconds(), 100*r.Held, r.ToAgents, r.Machines)
			if err := verdict(r); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMistakesAreFound plants mistakes and wants each to be found.
func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	fifo := full(3)
	fifo.Policy = dispatch.FIFO
	few := full(8)
	few.Special, few.Able, few.Patience = 0.3, 3, 10*time.Minute
	for _, tt := range []struct {
		name     string
		scenario Scenario
		planted  mistake
		want     string
	}{
		{"nothing", full(3), none, ""},
		{"in the order of coming", fifo, none, "of the promises are kept"},
		{"one place too many", full(3), oneMore, "sold more than the team can keep"},
		{"an agent booked twice", full(3), doubleBooked, "an agent has two calls"},
		{"an agent is kept for every call", full(8), alwaysKept, "a connect locks agents for"},
		{"callers take the agents of calls that are out", full(8), forgotten, "wait after they have pressed the key"},
		{"any agent does for who is called", few, alike, "more calls are out than agents are free who can take them"},
		{"who says nothing is put through", full(3), anyVoice, "machines were put through to agents"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := newCentre(tt.scenario, tt.planted)
			if err != nil {
				t.Fatal(err)
			}
			for range tt.scenario.Days {
				c.day()
			}
			err = verdict(c.result())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("found %v, want %q", err, tt.want)
			}
		})
	}
}

// TestOrders holds what the orders of dialling cost agents.
func TestOrders(t *testing.T) {
	t.Parallel()
	locked := map[Order]time.Duration{}
	for _, order := range []Order{AgentFirst, CustomerFirst, Adaptive} {
		s := full(8)
		s.Order, s.Days = order, 30
		r, err := Run(s)
		if err != nil {
			t.Fatal(err)
		}
		locked[order] = r.Locked
		if r.Held > 0.01 {
			t.Errorf("%s: %.1f %% wait after the key", order, 100*r.Held)
		}
	}
	if locked[Adaptive] >= locked[CustomerFirst] || locked[CustomerFirst] >= locked[AgentFirst] {
		t.Errorf("agents are locked for %v; want adaptive to be the least, agent_first the most", locked)
	}
}

// TestKeptPlaces holds that who has his place in line kept is called by when he
// was told, nine times of ten at least.
func TestKeptPlaces(t *testing.T) {
	t.Parallel()
	s := full(8)
	s.Keep = 0.5
	r, err := Run(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("kept place for %.1f %%, promises %.1f %%", 100*r.KeptPlace, 100*r.Kept)
	if r.KeptPlace < 0.9 || r.Kept < 0.97 {
		t.Errorf("%.1f %% of those whose place was kept are called in time, want 90 %%; of the others %.1f %%, want 97 %%", 100*r.KeptPlace, 100*r.Kept)
	}
}

// TestSkills holds that who needs a skill of some agents hears a bound that is as
// honest as that of the others, and that promises are kept all the same. The
// bound is a little careful where the few are very few, and a little bold where
// people who need it keep those busy by themselves.
func TestSkills(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		agents  int
		special float64
		able    int
		stay    bool // nobody gives up
	}{
		{8, 0.1, 2, false},
		{8, 0.2, 3, false},
		{8, 0.2, 4, false},
		{8, 0.2, 4, true},
		{8, 0.3, 5, true},
		{8, 0.5, 5, true},
		{20, 0.1, 5, false},
		{20, 0.1, 8, true},
		{20, 0.2, 8, true},
	} {
		s := full(tt.agents)
		s.Special, s.Able, s.Days, s.Patience = tt.special, tt.able, 40, 10*time.Minute
		if tt.stay {
			s.Patience = 0
		}
		r, err := Run(s)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v: kept %.1f %%, bound %.1f %%, of those %.1f %%, held %.2f %%", tt, 100*r.Kept, 100*r.Bound, 100*r.Rare, 100*r.Held)
		if r.Rare < 0.88 || r.Rare > 0.94 || r.Bound < 0.88 || r.Kept < 0.97 || r.Held > 0.01 || len(r.Wrong) > 0 {
			t.Errorf("%+v: bound held for %.1f %%, and for %.1f %% of them; promises kept %.1f %%; %.1f %% wait after the key; %v",
				tt, 100*r.Bound, 100*r.Rare, 100*r.Kept, 100*r.Held, r.Wrong)
		}
	}
}

// TestAnyScenario holds that nothing impossible happens, whatever the scenario,
// and that the same seed is the same day.
func TestAnyScenario(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Usual()
		s.Agents, s.Days = rapid.IntRange(1, 9).Draw(t, "agents"), 1
		s.Load = rapid.Float64Range(0, 1.2).Draw(t, "load")
		s.Keep = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "keep")
		s.Places = rapid.IntRange(-1, 12).Draw(t, "places")
		s.Policy = rapid.SampledFrom([]dispatch.Policy{dispatch.Deadline, dispatch.FIFO}).Draw(t, "policy")
		s.Order = rapid.SampledFrom([]Order{AgentFirst, CustomerFirst, Adaptive}).Draw(t, "order")
		s.Seed = rapid.Uint64().Draw(t, "seed")
		s.Special = rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "special")
		s.Able = rapid.IntRange(1, s.Agents).Draw(t, "able")
		once, err := Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(once.Wrong) > 0 {
			t.Fatalf("%q in %+v", once.Wrong, s)
		}
		if again, _ := Run(s); !reflect.DeepEqual(again, once) {
			t.Fatal("the same seed, and another day")
		}
	})
}
