package figures

import (
	"math"
	"slices"
	"testing"
	"time"
)

// counted is a day of one queue: five answered, one after half a minute; one
// hung up after 10 s, one after 2 s; one took a callback.
func counted() Counts {
	const s = time.Second
	var all []Count
	add := func(name string, took time.Duration) { all = append(all, Count{name, 1, took}) }
	for _, wait := range []time.Duration{0, 5 * s, 15 * s, 20 * s, 30 * s} {
		add(Offered, 0)
		add(Answered, wait)
		add(AnsweredWithin(wait), wait)
		add(Talking, 4*time.Minute)
		add(Writing, time.Minute)
	}
	for _, wait := range []time.Duration{10 * s, 2 * s} {
		add(Offered, 0)
		add(Abandoned, wait)
		add(AbandonedWithin(wait), wait)
	}
	add(Short, 2*s)
	add(Offered, 0)
	add(Deferred, 18*s)
	add(Ringing, 10*s)
	add(Available, 290*s)
	return Of(all)
}

// TestChance holds the tail of the binomial distribution against what tables
// of it say.
func TestChance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		got  Ratio
		p    float64
		want float64
	}{{Ratio{0, 50}, 0.01, 1}, {Ratio{1, 100}, 0.01, 0.6340}, {Ratio{3, 50}, 0.01, 0.0138}, {Ratio{2, 2}, 0.01, 0.0001}, {Ratio{3, 10}, 0.5, 0.9453}, {Ratio{17, 1000}, 0.01, 0.0264}} {
		if got := Chance(tt.got, tt.p); math.Abs(got-tt.want) > 1e-4 {
			t.Errorf("%d or more of %d, each by %g, is %.4f, want %.4f", tt.got.Part, tt.got.Whole, tt.p, got, tt.want)
		}
	}
}

// TestServiceLevel holds the three variants apart. Of eight who asked, one hung
// up at once and does not count.
func TestServiceLevel(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		variant Variant
		want    Ratio
	}{{Negative, Ratio{4, 7}}, {Ignored, Ratio{4, 6}}, {Positive, Ratio{5, 7}}} {
		if got := counted().Report(Standard{20 * time.Second, tt.variant}).ServiceLevel; got != tt.want {
			t.Errorf("%s: the service level is %d of %d, want %d of %d", tt.variant, got.Part, got.Whole, tt.want.Part, tt.want.Whole)
		}
	}
}

// TestStandardIsCounted holds that a report says of how many seconds it tells: waits
// of 21 to 30 s are counted together, so that nobody knows how many of 25.
func TestStandardIsCounted(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]struct {
		seconds float64
		in      int
	}{time.Second: {5, 2}, 5 * time.Second: {5, 2}, 20 * time.Second: {20, 4}, 25 * time.Second: {20, 4}, 30 * time.Second: {30, 5}, 5 * time.Hour: {7200, 5}} {
		r := counted().Report(Standard{asked, Negative})
		if r.Within != want.seconds || r.ServiceLevel != (Ratio{want.in, 7}) {
			t.Errorf("asked for %s: %d of %d within %g s, want %d within %g s", asked, r.ServiceLevel.Part, r.ServiceLevel.Whole, r.Within, want.in, want.seconds)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := counted().Report(Usual)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"ASA", r.ASA, 14},
		{"AHT", r.AHT, 300},
		{"occupancy", r.Occupancy, (25*60. + 10) / (30 * 60)}, // who is rung is busy
		{"abandoned", r.Abandoned.Share(), 1. / 7},
		{"deferred", float64(r.Deferred), 1},
		{"handled", float64(r.Handled), 5},
	} {
		if diff := tt.got - tt.want; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s is %g, want %g", tt.name, tt.got, tt.want)
		}
	}
	if empty := (Counts{}).Report(Usual); empty.ASA != 0 || empty.Occupancy != 0 || empty.Promises.Kept.Share() != 0 {
		t.Errorf("nothing was counted, and the report is %+v", empty)
	}
}

// TestPercent rounds nothing up, and nothing down that is whole.
func TestPercent(t *testing.T) {
	t.Parallel()
	for n := range 101 {
		if got := (Ratio{n, 100}).Percent(); got != n {
			t.Errorf("%d of 100 are %d %%", n, got)
		}
	}
	for r, want := range map[Ratio]int{{199, 200}: 99, {2, 3}: 66, {0, 0}: 0} {
		if got := r.Percent(); got != want {
			t.Errorf("%d of %d are %d %%, want %d", r.Part, r.Whole, got, want)
		}
	}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	var all []Count
	for name, n := range map[string]int{Kept: 90, Late: 4, Unreached: 5, Broken: 1, Withdrawn: 7, Why + "rain": 1, Why + "snow": 4} {
		all = append(all, Count{Name: name, N: n})
	}
	for minutes, n := range map[int]int{-14: 50, -3: 40, 1: 3, 11: 1} {
		all = append(all, Count{Name: PunctualWithin(time.Duration(minutes) * time.Minute), N: n})
	}
	r := Of(all).Report(Usual)
	if p := r.Promises; p.Kept != (Ratio{90, 100}) || len(p.Reasons) != 2 || p.Reasons[0] != (Reason{"snow", 4}) {
		t.Errorf("the promises are %+v", p)
	} else if p.Late != 4 || p.Unreached != 5 || p.Broken != 1 || p.Withdrawn != 7 {
		t.Errorf("%d late, %d not reached, %d broken by us and %d withdrawn, want 4, 5, 1 and 7", p.Late, p.Unreached, p.Broken, p.Withdrawn)
	}
	if want := (Quantiles{-600, -180, 900}); r.Punctuality != want {
		t.Errorf("the punctuality is %+v, want %+v", r.Punctuality, want)
	}
}

// TestForecast holds that too long and too short make up for each other in the
// bias, and not in the error.
func TestForecast(t *testing.T) {
	t.Parallel()
	f := Of([]Count{{Told, 10, 0}, {Held, 9, 0}, {Over, 6, 60 * time.Second}, {Less, 4, 40 * time.Second}}).Report(Usual).Forecast
	if f.Held != (Ratio{9, 10}) || f.Bias != 2 || f.Error != 10 {
		t.Errorf("the forecast is %+v", f)
	}
}

// TestEffort holds what it cost callers, each on average: the menu that they heard
// and the keys that they pressed, and the wait of all of them, however it ended.
func TestEffort(t *testing.T) {
	t.Parallel()
	e := Of([]Count{
		{Calls, 4, 60 * time.Second},
		{Keys, 10, 0},
		{Offered, 2, 0},
		{Answered, 1, 8 * time.Second},
		{Abandoned, 1, 4 * time.Second},
		{Deferred, 1, 20 * time.Second},
		{Unserved, 1, 40 * time.Second},
	}).Report(Usual).Effort
	if want := (Effort{Menu: 15, Hold: 18, Keys: 2.5}); e != want {
		t.Errorf("the effort is %+v, want %+v", e, want)
	}
}

// TestFunnel tells how far people came, step by step.
func TestFunnel(t *testing.T) {
	t.Parallel()
	got := Of([]Count{
		{FunnelConnected, 5, 0}, {FunnelAnswered, 6, 0}, {FunnelDialed, 8, 0}, {FunnelAccepted, 9, 0}, {FunnelOffered, 20, 0},
	}).Report(Usual).Funnel
	want := []Step{{"offered", 20}, {"accepted", 9}, {"dialed", 8}, {"answered", 6}, {"connected", 5}}
	if !slices.Equal(got, want) {
		t.Errorf("the funnel is %v, want %v", got, want)
	}
}

// TestQuantiles holds each quantile at the count from which on it is in the next
// bucket.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		early int // of a hundred, in time; all others are a minute late
		want  Quantiles
	}{
		{49, Quantiles{60, 60, 60}},
		{50, Quantiles{-120, 60, 60}},
		{89, Quantiles{-120, 60, 60}},
		{90, Quantiles{-120, -120, 60}},
		{98, Quantiles{-120, -120, 60}},
		{99, Quantiles{-120, -120, -120}},
	} {
		got := Of([]Count{
			{PunctualWithin(-2 * time.Minute), tt.early, 0}, {PunctualWithin(time.Minute), 100 - tt.early, 0},
		}).Report(Usual).Punctuality
		if got != tt.want {
			t.Errorf("%d of 100 in time: %+v, want %+v", tt.early, got, tt.want)
		}
	}
}
