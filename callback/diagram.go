package callback

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Diagram draws the life of a callback in the language of mermaid.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> held\n    [*] --> booked\n")
	for _, from := range States() {
		for _, to := range States() {
			if why := causes(from, to); why != "" {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, why)
			}
		}
		if from.Over() {
			fmt.Fprintf(&b, "    %s --> [*]\n", from)
		}
	}
	return b.String()
}

// causes lists what leads from one state to another.
func causes(from, to State) string {
	var all []string
	for _, c := range slices.Sorted(maps.Keys(moves[from])) {
		if moves[from][c] == to {
			all = append(all, string(c))
		}
	}
	return strings.Join(all, ", ")
}
