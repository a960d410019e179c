package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// meant suggests the known key that is nearest to what was written, or all of
// them when none is near and they are few.
func meant[T any](written string, known map[string]T) string {
	names := slices.Sorted(maps.Keys(known))
	best, near := "", 3
	for _, name := range names {
		if d := distance(written, name); d < near {
			best, near = name, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(names) <= 16:
		return "the keys here are: " + strings.Join(names, ", ")
	}
	return ""
}

// distance counts the letters to add, drop or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := left
			if a[i] != b[j] {
				cost++
			}
			left = row[j+1]
			row[j+1] = min(cost, left+1, row[j]+1)
		}
	}
	return row[len(b)]
}
