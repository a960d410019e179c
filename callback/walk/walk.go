// Package walk is the way of a talk through its menu, step by step, and what is
// counted of it.
package walk

import (
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Walk is the way of one talk that is over.
type Walk struct {
	Menu    string
	Version string // of the menu
	Began   time.Time
	Ended   time.Time
	Steps   []Step
}

// How a talk ended, the best thing first.
const (
	EndPerson    = "person"    // spoke with somebody
	EndBooked    = "booked"    // has a promise
	EndCancelled = "cancelled" // took a promise back
	EndGone      = "gone"      // hung up before anything came of it
	EndOver      = "over"      // heard all there was to hear
)

// Ends lists how talks end, the best first.
func Ends() []string { return []string{EndPerson, EndBooked, EndCancelled, EndOver, EndGone} }

// EndOf says how a talk ended, by what happened in it.
func EndOf(steps []Step) string {
	end := EndOver
	for i, s := range steps {
		switch {
		case s.Kind == ivr.Spoke:
			return EndPerson
		case s.Kind == ivr.Booked, s.Kind == ivr.Done && i > 0 && steps[i-1].message():
			end = EndBooked
		case s.Kind == ivr.Cancelled:
			end = EndCancelled
		case s.Kind == ivr.Gone && end == EndOver:
			end = EndGone
		}
	}
	return end
}
