package dispatch

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Two agents are free, and the second alone can serve the customer who is being
// called: the first may be taken, that one may not.
func TestMatchKeepsWhoFits(t *testing.T) {
	t.Parallel()
	m := NewMatch(2)
	if n := m.Call([]int{1}, 1); n != 1 {
		t.Fatalf("%d customers find an agent", n)
	}
	if !m.Spares(0) || m.Spares(1) {
		t.Errorf("the first may be taken: %v; the second: %v", m.Spares(0), m.Spares(1))
	}
	if all, able := m.Left([]int{0, 1}), m.Left([]int{1}); all != 1 || able != 0 {
		t.Errorf("%d of both are left, %d of those who can serve him", all, able)
	}
	if n := m.Call([]int{0, 1}, 2); n != 1 { // the first for one of them, and nobody for the other
		t.Errorf("%d more customers find an agent", n)
	}
	if m.Spares(0) || m.Left([]int{0, 1}) != 0 {
		t.Error("somebody is left")
	}
}

// A customer who can have either agent makes room for one who needs the first.
func TestMatchMakesRoom(t *testing.T) {
	t.Parallel()
	m := NewMatch(3)
	m.Call([]int{0, 1}, 1)
	if n := m.Call([]int{0}, 2); n != 1 {
		t.Errorf("%d of two find the one agent who can serve them", n)
	}
	if m.Spares(0) || m.Spares(1) || !m.Spares(2) {
		t.Errorf("who may be taken: %v %v %v", m.Spares(0), m.Spares(1), m.Spares(2))
	}
}

// Who can have the agent of a customer who can have another is not kept to his own,
// in whatever order they were called.
func TestMatchSparesInTurn(t *testing.T) {
	t.Parallel()
	m := NewMatch(5) // the last is had by nobody
	for a, able := range [][]int{{0, 4}, {1, 2}, {2, 4}, {3}} {
		m.Call(able, 1)
		if m.of[a] != a {
			t.Fatalf("agent %d is kept for %d", a, m.of[a])
		}
	}
	for a, want := range []bool{true, true, true, false, true} {
		if got := m.Spares(a); got != want {
			t.Errorf("agent %d may be taken: %v, want %v", a, got, want)
		}
	}
}

// most is how many customers find an agent, by trying everything.
func most(customers [][]int, agents []int) int {
	if len(customers) == 0 {
		return 0
	}
	best := most(customers[1:], agents)
	for i, a := range agents {
		if slices.Contains(customers[0], a) {
			best = max(best, 1+most(customers[1:], slices.Delete(slices.Clone(agents), i, i+1)))
		}
	}
	return best
}

// TestMatch holds a match against trying everything.
func TestMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "agents")
		m, all := NewMatch(n), make([]int, n)
		for a := range all {
			all[a] = a
		}
		some := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, n, func(a int) int { return a })
		var customers [][]int
		for range rapid.IntRange(0, 3).Draw(t, "kinds") {
			able, count := some.Draw(t, "able"), rapid.IntRange(1, 2).Draw(t, "customers")
			before := most(customers, all)
			for range count {
				customers = append(customers, able)
			}
			if got, want := m.Call(able, count), most(customers, all)-before; got != want {
				t.Fatalf("%d more customers find an agent, want %d", got, want)
			}
		}
		found := most(customers, all)
		without := func(taken []int) int {
			return most(customers, slices.DeleteFunc(slices.Clone(all), func(a int) bool { return slices.Contains(taken, a) }))
		}
		for a := range n {
			if got, want := m.Spares(a), without([]int{a}) == found; got != want {
				t.Fatalf("agent %d may be taken: %v, want %v", a, got, want)
			}
		}
		asked := some.Draw(t, "asked")
		want := 0
		for set := range 1 << len(asked) {
			var taken []int
			for i, a := range asked {
				if set>>i&1 == 1 {
					taken = append(taken, a)
				}
			}
			if without(taken) == found {
				want = max(want, len(taken))
			}
		}
		if got := m.Left(asked); got != want {
			t.Fatalf("%d of %v are left, want %d", got, asked, want)
		}
	})
}

// BenchmarkMatch asks who may be taken of 1,000 agents while 400 customers of 48
// kinds are called, each of whom two of three can serve.
func BenchmarkMatch(b *testing.B) {
	all := make([]int, 1000)
	for a := range all {
		all[a] = a
	}
	able := make([][]int, 48)
	for k := range able {
		able[k] = slices.DeleteFunc(slices.Clone(all), func(a int) bool { return (a+k)%3 == 0 })
	}
	b.ReportAllocs()
	for b.Loop() {
		m := NewMatch(len(all))
		for k := range able {
			m.Call(able[k], 400/len(able))
		}
		if m.Left(all) != len(all)-400/len(able)*len(able) {
			b.Fatal("somebody else is left")
		}
	}
}
