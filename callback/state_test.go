package callback

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEveryPairIsDecided(t *testing.T) {
	states, known := States(), Causes()
	allowed := 0
	for _, s := range states {
		row, ok := moves[s]
		if !ok {
			t.Errorf("%s has no row", s)
		}
		if s.Over() && len(row) > 0 {
			t.Errorf("%s is an end and leads on", s)
		}
		for c, to := range row {
			if !slices.Contains(known, c) || !slices.Contains(states, to) {
				t.Errorf("%s --%s--> %s names something that does not exist", s, c, to)
			}
			allowed++
		}
	}
	for _, c := range known {
		if !slices.ContainsFunc(states, func(s State) bool { _, ok := s.After(c); return ok }) {
			t.Errorf("%s moves nothing", c)
		}
	}
	if len(moves) != len(states) || len(states) != 14 || len(known) != 34 {
		t.Errorf("%d rows, %d states, %d causes", len(moves), len(states), len(known))
	}
	if want := 72; allowed != want {
		t.Errorf("%d pairs are allowed, want %d: a change of the table is a decision", allowed, want)
	}
}

// reach returns the states that can follow, s among them.
func reach(from State) map[State]bool {
	seen := map[State]bool{from: true}
	for next := []State{from}; len(next) > 0; next = next[1:] {
		for _, to := range moves[next[0]] {
			if !seen[to] {
				seen[to] = true
				next = append(next, to)
			}
		}
	}
	return seen
}

func TestEveryStateReachesAnEnd(t *testing.T) {
	for _, s := range States() {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(reach(s))), State.Over) {
			t.Errorf("%s cannot end", s)
		}
	}
	if got := len(reach(HeldState)); got != len(States()) {
		t.Errorf("%d states can be reached from held", got)
	}
}

// people are the causes that a person decides.
var people = []Cause{
	Confirm, Reschedule, CallerCancel, CallerCalledIn, OperatorClose, OperatorRequeue, CustomerLater,
}

// proofs are the causes that prove that a call to the customer is over, or
// never was.
var proofs = []Cause{
	CustomerBusy, CustomerNoAnswer, CustomerMachine, CustomerRejected, CustomerLater,
	BadNumberDialled, CarrierFailed, NothingSent, AgentHungUp, CallEnded, ProviderNeverSawIt,
}

// dialsTwice looks for a path on which the machine alone dials the customer
// while an earlier call to him may still be out, and returns it.
func dialsTwice(moves table) string {
	type place struct {
		State
		out bool // a call to the customer may be out
	}
	seen := map[place]bool{}
	var walk func(at place, path string) string
	walk = func(at place, path string) string {
		if seen[at] {
			return ""
		}
		seen[at] = true
		for _, c := range slices.Sorted(maps.Keys(moves[at.State])) {
			if slices.Contains(people, c) && c != Confirm && c != CustomerLater {
				continue
			}
			to := place{moves[at.State][c], at.out && !slices.Contains(proofs, c)}
			step := path + " --" + string(c) + "--> " + string(to.State)
			if c == CustomerIntent && to.out {
				return step
			}
			to.out = to.out || c == CustomerIntent
			if found := walk(to, step); found != "" {
				return found
			}
		}
		return ""
	}
	return walk(place{HeldState, false}, string(HeldState))
}

func TestMachineNeverDialsTwice(t *testing.T) {
	if path := dialsTwice(moves); path != "" {
		t.Error("dialled twice:", path)
	}
}

// The proof above must bite: each of these changes of the table lets the
// machine dial a customer whose phone may be ringing.
func TestProofFindsMistakes(t *testing.T) {
	for _, tt := range []struct {
		from  State
		cause Cause
		to    State
	}{
		{CustomerDialing, NodeDead, BookedState},
		{CustomerDialing, NodeDead, RetryWait},
		{Connected, NodeDead, BookedState},
		{CustomerDialing, WindowPassed, BookedState},
		{Interrupted, GivenUp, BookedState},
		{Interrupted, Claim, Claimed},
	} {
		t.Run(string(tt.from)+" "+string(tt.cause), func(t *testing.T) {
			broken := table{}
			for s, row := range moves {
				broken[s] = maps.Clone(row)
			}
			broken[tt.from][tt.cause] = tt.to
			if dialsTwice(broken) == "" {
				t.Errorf("%s --%s--> %s was not found", tt.from, tt.cause, tt.to)
			}
		})
	}
}

// A crash must never lead anywhere from where nobody acts, and never loses a
// promise.
func TestCrashLosesNothing(t *testing.T) {
	for _, s := range States() {
		to, ok := s.After(NodeDead)
		if ok != s.InFlight() {
			t.Errorf("%s: after a crash %q", s, to)
		}
		if ok && to != BookedState && to != Interrupted {
			t.Errorf("%s: after a crash %q", s, to)
		}
	}
}

func TestDiagramShowsTheTable(t *testing.T) {
	got := Diagram()
	for from, row := range moves {
		for c, to := range row {
			found := false
			for line := range strings.Lines(got) {
				head := string(from) + " --> " + string(to) + ": "
				if rest, ok := strings.CutPrefix(strings.TrimSpace(line), head); ok {
					found = found || slices.Contains(strings.Split(rest, ", "), string(c))
				}
			}
			if !found {
				t.Errorf("%s --%s--> %s is not drawn", from, c, to)
			}
		}
	}
}
