package wait

import (
	"flag"
	"math"
	"regexp"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What rapid draws is the same in every run, so that what fails fails for everybody;
// -rapid.seed=0 draws anew.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	m.Run()
}

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
	p.Agents, p.Live, p.Handle = 1, 0, 319700*time.Millisecond
	if got, want := p.Sentence(p.Places()), "1 place: 1 agent, load 0.38 of 0.50, AHT 5:20"; got != want {
		t.Errorf("the plan says %q, want %q", got, want)
	}
	if got, want := (Plan{Agents: 2, Slot: time.Hour}).Sentence(2), "2 places: 2 agents, load 0.00 of 1.00, AHT 0:00"; got != want {
		t.Errorf("the plan says %q, want %q", got, want)
	}
}

// TestWork holds what one promise costs a team: a talk with who is reached, and the
// dialling of every try.
func TestWork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		answered float64
		tries    int
		want     time.Duration
	}{
		{"everybody answers", 1, 3, 340 * time.Second},
		{"half do, and are tried once", 0.5, 1, 180 * time.Second},        // 320/2 + 20
		{"half do, and are tried twice", 0.5, 2, 270 * time.Second},       // 320*3/4 + 20*1.5
		{"half do, and are tried three times", 0.5, 3, 315 * time.Second}, // 320*7/8 + 20*1.75
		{"nobody answers", 0, 3, 60 * time.Second},
		{"a try at least", 1, 0, 340 * time.Second},
		{"more answer than were called, some of them before", 1.05, 3, 340 * time.Second},
	} {
		p := plan()
		p.Answered, p.Tries = tt.answered, tt.tries
		if got := p.Work(); got != tt.want {
			t.Errorf("%s: a promise is %s of work, want %s", tt.name, got, tt.want)
		}
	}
}

// Nine places are exactly what four agents carry here, but for what numbers are off
// by; and what takes no time is not sold.
func TestPlacesOfWholeNumbers(t *testing.T) {
	t.Parallel()
	p := Plan{Agents: 4, Live: 2.2, Handle: time.Minute, Slot: 15 * time.Minute, Answered: 1, Tries: 1, Dial: 20 * time.Second, Beta: Careful}
	if n := p.Places(); n != 9 {
		t.Errorf("%d places, want 9", n)
	}
	p.Handle, p.Dial = 0, 0
	if n := p.Places(); n != 0 {
		t.Errorf("%d places of no work at all", n)
	}
}

// drawnPlan draws what is known ahead of a slot.
func drawnPlan(t *rapid.T) Plan {
	return Plan{
		Agents: float64(rapid.IntRange(0, 4000).Draw(t, "agents")) / 4, Live: rapid.Float64Range(0, 100).Draw(t, "live"),
		Handle: time.Duration(rapid.IntRange(10, 3600).Draw(t, "handle")) * time.Second,
		Slot:   time.Duration(rapid.IntRange(5, 60).Draw(t, "slot")) * time.Minute, Answered: rapid.Float64Range(0, 1).Draw(t, "answered"),
		Tries: rapid.IntRange(1, 5).Draw(t, "tries"), Dial: 20 * time.Second, Beta: rapid.Float64Range(0.2, 1).Draw(t, "beta"),
	}
}

// TestPlaces holds what is true of every plan: as many places as the team can
// carry, and not one more.
func TestPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPlan(t)
		n, most := p.Places(), p.Carries()
		const exact = 1e-6
		if n > 0 && p.Load(n)*p.Agents > most+exact {
			t.Fatalf("%d places are a load of %.4f; the team carries %.4f", n, p.Load(n)*p.Agents, most)
		}
		if p.Agents > 0 && p.Load(n+1)*p.Agents < most-exact {
			t.Fatalf("%d places are sold, and one more is a load of %.4f of %.4f", n, p.Load(n+1)*p.Agents, most)
		}
	})
}

// TestPlacesFollowThePlan holds that more work never means more places, nor more
// hands fewer.
func TestPlacesFollowThePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPlan(t)
		n, much := p.Places(), rapid.Float64Range(0.01, 3).Draw(t, "much")
		for _, tt := range []struct {
			name   string
			change func(*Plan)
			more   bool // places, and else fewer; as many are right either way
		}{
			{"more agents", func(p *Plan) { p.Agents += much }, true},
			{"more callers on the line", func(p *Plan) { p.Live += much }, false},
			{"longer calls", func(p *Plan) { p.Handle += time.Duration(much * float64(time.Minute)) }, false},
			{"longer dialling", func(p *Plan) { p.Dial += time.Duration(much * float64(time.Second)) }, false},
			{"longer slots", func(p *Plan) { p.Slot += time.Duration(much * float64(time.Minute)) }, true},
			{"more tries", func(p *Plan) { p.Tries++ }, false},
			{"a more careful plan", func(p *Plan) { p.Beta += much / 3 }, false},
		} {
			other := p
			tt.change(&other)
			if now := other.Places(); tt.more && now < n || !tt.more && now > n {
				t.Fatalf("%s: %d places instead of %d", tt.name, now, n)
			}
		}
	})
}

// TestSentence holds that what is said of a plan is what is sold, and that the
// load it names is one that it allows.
func TestSentence(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`^(\d+) places?: ([0-9.]+) agents?, load ([0-9.]+) of ([0-9.]+), AHT (\d+):(\d\d)$`)
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPlan(t)
		n := p.Places()
		s := p.Sentence(n)
		m := said.FindStringSubmatch(s)
		if m == nil {
			t.Fatalf("nobody understands %q", s)
		}
		var v [6]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[i+1], 64)
		}
		if int(v[0]) != n || math.Abs(v[1]-p.Agents) > 0.005*p.Agents+1e-9 || v[4]*60+v[5] != p.Handle.Seconds() {
			t.Fatalf("%q of %d places, %g agents and %s", s, n, p.Agents, p.Handle)
		}
		if n > 0 && v[2] > v[3]+1e-9 {
			t.Fatalf("%q: planned above what it allows", s)
		}
	})
}
