package opening

import (
	"slices"
	"time"
)

// Divide gives each of several, by name, its part of the time in which they are
// open: what of it several are open in is divided equally among them, so that all
// parts add up to the time in which any of them is.
func Divide(open map[string][]Spell) map[string]time.Duration {
	var edges []time.Time
	for _, spells := range open {
		for _, s := range spells {
			edges = append(edges, s.From, s.To)
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	parts := map[string]time.Duration{}
	for i := range max(len(edges)-1, 0) {
		share(parts, open, Spell{From: edges[i], To: edges[i+1]})
	}
	return parts
}

// share divides a spell among those who are open in all of it.
func share(parts map[string]time.Duration, open map[string][]Spell, one Spell) {
	var names []string
	for name, spells := range open {
		if slices.ContainsFunc(spells, func(s Spell) bool { return !s.From.After(one.From) && !s.To.Before(one.To) }) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		parts[name] += one.To.Sub(one.From) / time.Duration(len(names))
	}
}
