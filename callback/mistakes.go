package callback

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// Mistakes are all that is wrong with a configuration, each with its place.
type mistakes []error

func (m mistakes) Error() string   { return errors.Join(m...).Error() }
func (m mistakes) Unwrap() []error { return m }

// add notes a mistake.
func (m *mistakes) add(place, format string, args ...any) {
	*m = append(*m, fmt.Errorf(place+": "+format, args...))
}

// zone reads the name of a time zone.
func (m *mistakes) zone(place, name string, other *time.Location) *time.Location {
	if name == "" {
		return other
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		m.add(place, `%q is not a time zone; write one like "Europe/Helsinki"`, name)
		return other
	}
	return z
}

// window reads one window of the day, which may reach past midnight: then from
// is after to.
func (m *mistakes) window(place, text string) opening.Window {
	from, to, _ := strings.Cut(text, "-")
	a, errA := opening.ParseClock(from)
	b, errB := opening.ParseClock(to)
	if errA != nil || errB != nil || a == b {
		m.add(place, `%q is not written like "08:00-21:00"`, text)
	}
	return opening.Window{From: a, To: b}
}

// daytime reads a window that lies within one day.
func (m *mistakes) daytime(place, text string) opening.Window {
	w := m.window(place, text)
	if w.From > w.To {
		m.add(place, "%q must begin and end on the same day", text)
	}
	return w
}

// positive asks for more than nothing.
func (m *mistakes) positive(place string, s Span) {
	if s <= 0 {
		m.add(place, "must be more than 0")
	}
}

// count asks for a number from 1 to most.
func (m *mistakes) count(place string, n, most int) {
	if n < 1 || n > most {
		m.add(place, "%d is not between 1 and %d", n, most)
	}
}

func (m *mistakes) phone(place string, p Phone) {
	if !p.Valid() {
		m.add(place, `%q is not a telephone number; write one like "+358912345"`, string(p))
	}
}

func (m *mistakes) check(place string, err error) {
	if err != nil {
		m.add(place, "%w", err)
	}
}

func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// nearest suggests the name that was meant.
func nearest(name string, names []string) string {
	if meant := ivr.Meant(name, names); meant != "" {
		return "; " + meant
	}
	return ""
}
