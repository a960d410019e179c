package figures

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// A Ratio is a part of a whole.
type Ratio struct {
	Part  int `json:"part"`
	Whole int `json:"whole"`
}

// Share is the part of one; 0 of nothing.
func (r Ratio) Share() float64 {
	if r.Whole == 0 {
		return 0
	}
	return float64(r.Part) / float64(r.Whole)
}

// Percent is the share in whole percent, never rounded up; 0 of nothing.
func (r Ratio) Percent() int { return 100 * r.Part / max(r.Whole, 1) }

// Chance is how likely it is that as many of so many, or more, come about when
// each does with probability p (the upper tail of the binomial distribution).
func Chance(r Ratio, p float64) float64 {
	left, term := 1.0, math.Pow(1-p, float64(r.Whole))
	for k := range r.Part {
		left -= term
		term *= float64(r.Whole-k) / float64(k+1) * p / (1 - p)
	}
	return max(0, left)
}

// Variant says what becomes of those who hung up, in the service level.
type Variant string

// The variants of the service level, with A answered in time, B who hung up
// in time, and O all who asked: of contact centres, no two mean the same.
const (
	Negative Variant = "negative" // A/O: who hung up was not served
	Ignored  Variant = "ignored"  // A/(O-B): who hung up in time does not count
	Positive Variant = "positive" // (A+B)/O: who hung up in time was served
)

// A Standard is what the service is measured against.
type Standard struct {
	Within  time.Duration
	Variant Variant
}

// Counted is the standard that can be held against what was counted: waits are
// known by the edges of a histogram, and what lies between two of them is told as
// the shorter. Within is one of them, the first at the least.
func (s Standard) Counted() Standard {
	within := edges[0]
	for _, e := range edges {
		if time.Duration(e)*time.Second <= s.Within {
			within = e
		}
	}
	s.Within = time.Duration(within) * time.Second
	return s
}

// Usual is the standard of a report that says nothing.
var Usual = Standard{Within: 20 * time.Second, Variant: Negative}

// A Report is all figures of a time. Means are in seconds.
type Report struct {
	Calls        int     `json:"calls"`
	ASA          float64 `json:"asa_seconds"`
	AHT          float64 `json:"aht_seconds"`
	Handled      int     `json:"handled"`
	Occupancy    float64 `json:"occupancy"` // of the time at work; of a topic or a language, of that of all
	ServiceLevel Ratio   `json:"service_level"`
	Variant      Variant `json:"service_level_variant"`
	Within       float64 `json:"service_level_seconds"`
	Offered      Ratio   `json:"answered_of_offered"` // short calls left out
	Abandoned    Ratio   `json:"abandoned"`           // likewise
	Short        int     `json:"abandoned_short"`
	Deferred     int     `json:"deferred"`
	Unserved     int     `json:"unserved"`

	Promises    Promises  `json:"promises"`
	Forecast    Forecast  `json:"forecast"`
	Funnel      []Step    `json:"funnel"`
	Effort      Effort    `json:"effort"`
	Punctuality Quantiles `json:"punctuality_seconds"`

	Saved Estimate `json:"hold_saved"`
}

// An Estimate is what would have been: nobody can count it.
type Estimate struct {
	N       int     `json:"n"`
	Seconds float64 `json:"estimated_seconds"`
}

// Promises are how callbacks ended.
type Promises struct {
	Kept      Ratio    `json:"kept"` // of all that were due
	Late      int      `json:"late"`
	Unreached int      `json:"not_reached"`
	Broken    int      `json:"broken_by_us"`
	Withdrawn int      `json:"withdrawn"`
	Reasons   []Reason `json:"reasons"` // of those late and broken, the most frequent first
}

// A Reason is why promises were not kept, in one sentence.
type Reason struct {
	Why string `json:"why"`
	N   int    `json:"n"`
}

// Forecast is how honest callers were told how long they would wait.
type Forecast struct {
	Held  Ratio   `json:"held"` // waited no longer than they were told
	Bias  float64 `json:"bias_seconds"`
	Error float64 `json:"mean_error_seconds"`
}

// A Step is how many came so far.
type Step struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Effort is what it cost a caller, on average.
type Effort struct {
	Menu float64 `json:"menu_seconds"`
	Hold float64 `json:"hold_seconds"`
	Keys float64 `json:"keys"`
}

// Quantiles are upper edges below which 50, 90 and 99 of 100 lie. After the
// end of the promised window they are positive.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// Report works the figures out, by the standard that they can be held against.
func (c Counts) Report(s Standard) Report {
	s = s.Counted()
	waited := c[Answered].Time + c[Abandoned].Time + c[Deferred].Time + c[Unserved].Time
	offered := c[Offered].N - c[Short].N
	r := Report{
		Calls: c[Calls].N, Handled: c[Talking].N, Short: c[Short].N, Deferred: c[Deferred].N, Unserved: c[Unserved].N,
		ASA:          mean(c[Answered].Time, c[Answered].N),
		AHT:          mean(c[Talking].Time+c[Writing].Time, c[Talking].N),
		Offered:      Ratio{c[Answered].N, offered},
		Abandoned:    Ratio{c[Abandoned].N - c[Short].N, offered},
		ServiceLevel: c.level(s, offered), Variant: s.Variant, Within: s.Within.Seconds(),
		Promises: c.promises(), Forecast: c.forecast(), Funnel: c.funnel(),
		Effort: Effort{
			Menu: mean(c[Calls].Time, c[Calls].N), Hold: mean(waited, c[Calls].N),
			Keys: float64(c[Keys].N) / float64(max(c[Calls].N, 1)),
		},
		Punctuality: Quantiles{c.punctual(0.5), c.punctual(0.9), c.punctual(0.99)},
		Saved:       Estimate{c[Saved].N, c[Saved].Time.Seconds()},
	}
	r.Occupancy = c.Occupancy(c)
	return r
}

// Occupancy is how much of the time that some were at work is spent on the calls
// that were counted here: on those of one topic, of the time of all.
func (c Counts) Occupancy(atWork Counts) float64 {
	all := atWork.busy() + atWork[Available].Time
	if all <= 0 {
		return 0
	}
	return c.busy().Seconds() / all.Seconds()
}

func (c Counts) busy() time.Duration { return c[Talking].Time + c[Writing].Time + c[Ringing].Time }

// level is the service level. Who hung up within the first seconds was never
// there.
func (c Counts) level(s Standard, offered int) Ratio {
	in := c.within(answeredWithin, s.Within)
	left := max(0, c.within(abandonedWithin, s.Within)-c[Short].N)
	switch s.Variant {
	case Ignored:
		return Ratio{in, offered - left}
	case Positive:
		return Ratio{in + left, offered}
	case Negative:
	}
	return Ratio{in, offered}
}

func (c Counts) promises() Promises {
	p := Promises{Late: c[Late].N, Unreached: c[Unreached].N, Broken: c[Broken].N, Withdrawn: c[Withdrawn].N}
	p.Kept = Ratio{c[Kept].N, c[Kept].N + p.Late + p.Unreached + p.Broken}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if why, ok := strings.CutPrefix(name, Why); ok {
			p.Reasons = append(p.Reasons, Reason{why, c[name].N})
		}
	}
	slices.SortStableFunc(p.Reasons, func(a, b Reason) int { return b.N - a.N })
	return p
}

func (c Counts) forecast() Forecast {
	return Forecast{
		Held:  Ratio{c[Held].N, c[Told].N},
		Bias:  mean(c[Over].Time-c[Less].Time, c[Over].N+c[Less].N),
		Error: mean(c[Over].Time+c[Less].Time, c[Over].N+c[Less].N),
	}
}

func (c Counts) funnel() []Step {
	var all []Step
	for _, name := range []string{FunnelOffered, FunnelAccepted, FunnelDialed, FunnelAnswered, FunnelConnected} {
		all = append(all, Step{strings.TrimPrefix(name, "callback "), c[name].N})
	}
	return all
}

func (c Counts) punctual(share float64) float64 {
	return c.quantile(punctualWithin, share).Seconds()
}

func mean(sum time.Duration, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum.Seconds() / float64(n)
}
