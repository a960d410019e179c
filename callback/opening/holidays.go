package opening

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/us"
)

// countries have public holidays that are known here. GB is England and
// Wales. The names of holidays in these lists are never spoken.
var countries = map[string][]*cal.Holiday{
	"CZ": cz.Holidays,
	"FI": fi.Holidays,
	"GB": gb.Holidays,
	"GR": gr.Holidays,
	"RO": ro.Holidays,
	"US": us.Holidays,
}

// Countries returns the countries whose public holidays are known.
func Countries() []string { return slices.Sorted(maps.Keys(countries)) }

// Holidays are the public holidays of one country.
type Holidays struct {
	rules []*cal.Holiday
	mu    sync.Mutex
	years map[int]map[Day]bool
}

// HolidaysOf returns the public holidays of one of [Countries]; nil of another.
func HolidaysOf(country string) *Holidays {
	if countries[country] == nil {
		return nil
	}
	return &Holidays{rules: countries[country], years: map[int]map[Day]bool{}}
}

// On reports whether the day is a holiday, or the day that stands in for one.
func (h *Holidays) On(d Day) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	days, ok := h.years[d.Year]
	if !ok {
		days = h.list(d.Year)
		h.years[d.Year] = days
	}
	return days[d]
}

// list computes a year, and its neighbours: the day that stands in for a New
// Year's Day on a Saturday may lie in the year before.
func (h *Holidays) list(year int) map[Day]bool {
	days := map[Day]bool{}
	for y := year - 1; y <= year+1; y++ {
		for _, rule := range h.rules {
			for _, t := range actualAndObserved(rule, y) {
				days[DayOf(t)] = true
			}
		}
	}
	return days
}

func actualAndObserved(rule *cal.Holiday, year int) []time.Time {
	actual, observed := rule.Calc(year)
	return slices.DeleteFunc([]time.Time{actual, observed}, time.Time.IsZero)
}
