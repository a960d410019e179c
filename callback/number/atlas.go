package number

import (
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// An Atlas tells where numbers are. It keeps the time zones that were loaded:
// loading reads a file.
type Atlas struct {
	mu    sync.Mutex
	zones map[string]*time.Location // nil for a name that nobody knows
}

// Zone returns the time zone of a name; nil when nobody knows it.
func (a *Atlas) Zone(name string) *time.Location {
	a.mu.Lock()
	defer a.mu.Unlock()
	z, ok := a.zones[name]
	if ok {
		return z
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = nil
	}
	if a.zones == nil {
		a.zones = map[string]*time.Location{}
	}
	a.zones[name] = z
	return z
}

// Place returns a zone in which the clocks show, at that instant, what they
// show where the number is; nil when that cannot be told. Numbers of Finland
// belong to Helsinki and Mariehamn, whose clocks agree; a mobile number of the
// United States may be anywhere.
func (a *Atlas) Place(p Phone, at time.Time) *time.Location {
	n, err := phonenumbers.Parse(string(p), "")
	if err != nil {
		return nil
	}
	names, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil {
		return nil
	}
	var place *time.Location
	for _, name := range names {
		z := a.Zone(name)
		if z == nil || place != nil && offset(z, at) != offset(place, at) {
			return nil
		}
		place = z
	}
	return place
}

func offset(z *time.Location, at time.Time) int {
	_, o := at.In(z).Zone()
	return o
}
