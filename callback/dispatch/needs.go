package dispatch

import "slices"

// Needs tells what customers need who are being called, and for whom no agent is
// kept: some of those who are free. The zero value is that of nobody being called.
type Needs struct {
	number map[string]int // of who is free
	match  *Match
}

// NewNeeds has these agents free, and nobody called.
func NewNeeds(free []string) Needs {
	n := Needs{number: make(map[string]int, len(free)), match: NewMatch(len(free))}
	for _, a := range free {
		n.number[a] = len(n.number)
	}
	return n
}

// Call has so many customers called whom the same agents can serve, free or not.
func (n Needs) Call(able []string, customers int) { n.match.Call(n.numbers(able), customers) }

// numbers are those of the agents who are free.
func (n Needs) numbers(agents []string) []int {
	var all []int
	for _, a := range agents {
		if i, ok := n.number[a]; ok {
			all = append(all, i)
		}
	}
	return all
}

// Spares reports whether every customer who is being called still finds an agent
// without this one, who is free.
func (n Needs) Spares(agent string) bool {
	i, free := n.number[agent]
	return n.match == nil || free && n.match.Spares(i)
}

// Left counts how many of some free agents can be taken together, and every customer
// who is being called still finds one.
func (n Needs) Left(free []string) int {
	if n.match == nil {
		return len(free)
	}
	return n.match.Left(n.numbers(free))
}

// Sort puts those first whom no customer needs who is being called, and counts them.
func (n Needs) Sort(free []string) (all []string, spared int) {
	for _, a := range free {
		if n.Spares(a) {
			all = slices.Insert(all, spared, a)
			spared++
		} else {
			all = append(all, a)
		}
	}
	return all, spared
}
