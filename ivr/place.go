package ivr

import (
	"slices"
	"strings"
)

// At describes a mistake at a place in any file, with the excerpt that shows
// it, so that all files are complained about in the same manner.
func At(file string, src []byte, line, column int, text string) Mistake {
	shown := excerpt(strings.Split(string(src), "\n"), line, column)
	return Mistake{File: file, Line: line, Column: column, Text: text, Excerpt: shown}
}

// Meant suggests which of the known names was meant by one that is not among
// them; "" when none is near.
func Meant(got string, known []string) string { return meant(got, known) }

// Nearest is the one of the known names that [Meant] suggests, which has the
// fewest letters to change; "" when none is near.
func Nearest(got string, known []string) (best string) {
	least := max(2, len(got)/3+1)
	for _, name := range slices.Sorted(slices.Values(known)) {
		if d := distance(got, name); d < least {
			best, least = name, d
		}
	}
	return best
}
