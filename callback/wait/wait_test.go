package wait

import (
	"math"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/figures"
)

func TestEstimate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		line Line
		want time.Duration
	}{
		{"one agent, nobody ahead", Line{Agents: 1, Handle: 5 * time.Minute}, 5 * time.Minute},
		{"two ahead, six agents", Line{Ahead: 2, Agents: 6, Handle: 5 * time.Minute}, 150 * time.Second},
		{"those ahead give up", Line{Ahead: 1, Agents: 1, Handle: 5 * time.Minute, Patience: 5 * time.Minute}, 450 * time.Second},
		{"nobody serves", Line{Handle: time.Minute}, Never},
		{"somebody will", Line{Handle: time.Minute, Shifts: []Shift{{time.Hour, 2}}}, time.Hour + 30*time.Second},
		{"the team goes home", Line{Ahead: 99, Agents: 1, Handle: time.Minute, Shifts: []Shift{{time.Hour, 0}}}, Never},
		{"a break in between", Line{Ahead: 1, Agents: 1, Handle: time.Minute, Shifts: []Shift{{time.Minute, 0}, {time.Hour, 1}}}, time.Hour + time.Minute},
		{"half of the call is done when the team doubles", Line{Agents: 1, Handle: 2 * time.Minute, Shifts: []Shift{{time.Minute, 2}}}, 90 * time.Second},
		{"the team goes home as he is served", Line{Agents: 1, Handle: time.Minute, Shifts: []Shift{{time.Minute, 0}}}, time.Minute},
		{"nothing is known", Line{}, Never},
		{"a shift long begun", Line{Agents: 1, Handle: time.Minute, Shifts: []Shift{{-time.Hour, 2}}}, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.line.Estimate().Mean.Round(time.Millisecond); got != tt.want.Round(time.Millisecond) {
				t.Errorf("the wait is %s, want %s", got, tt.want)
			}
		})
	}
}

// TestBound compares with the true quantile of an exponential wait, and of the
// sum of ten of them, of which the quantile of a normal distribution is out by
// one in a hundred.
func TestBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ahead int
		want  float64
		off   float64
	}{{0, 2.3026, 0.03}, {9, 14.2060, 0.002}} {
		got := Line{Ahead: tt.ahead, Agents: 1, Handle: time.Second}.Estimate().Bound(Nominal).Seconds()
		if math.Abs(got-tt.want) > tt.off*tt.want {
			t.Errorf("with %d ahead, the bound is %.3f s, want %.3f s", tt.ahead, got, tt.want)
		}
	}
	for _, sure := range []time.Duration{0, time.Minute, Never} {
		if got := (Estimate{Mean: sure}).Bound(Nominal); got != sure {
			t.Errorf("the bound of a wait of %s is %s", sure, got)
		}
	}
	if got := (Estimate{Mean: time.Second, Variance: 100}).Bound(Nominal); got < 0 {
		t.Errorf("the bound of a wait of which nearly nothing is known is %s", got)
	}
}

func TestSpoken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bound, want time.Duration }{
		{0, time.Minute},
		{time.Second, time.Minute},
		{61 * time.Second, 2 * time.Minute},
		{5 * time.Minute, 5 * time.Minute},
		{301 * time.Second, 10 * time.Minute},
		{42 * time.Minute, 45 * time.Minute},
		{Never, Never},
	} {
		if got := Spoken(tt.bound); got != tt.want {
			t.Errorf("%s is told as %s, want %s", tt.bound, got, tt.want)
		}
	}
}

// TestRunning holds that the mean follows a change within about fifty calls,
// and is not led astray by a telephone that was not hung up.
func TestRunning(t *testing.T) {
	t.Parallel()
	h := Handled
	for range 200 {
		h = h.Add(2 * time.Minute)
	}
	if h.Mean > 125*time.Second {
		t.Errorf("after 200 calls of 2 minutes the mean is %s", h.Mean)
	}
	h = h.Add(9 * time.Hour)
	if h.Mean > 3*time.Minute {
		t.Errorf("one forgotten telephone makes the mean %s", h.Mean)
	}
	if got := Handled.Add(3 * time.Minute).Mean; got != 4*time.Minute {
		t.Errorf("the first call makes the mean %s, want 4m", got)
	}
}

// TestRunningAdds holds what each measure says about the calls and the callers of a queue.
func TestRunningAdds(t *testing.T) {
	t.Parallel()
	was := Unmeasured("billing")
	if got, want := was.Handle(), 5*time.Minute+30*time.Second; got != want {
		t.Errorf("a call keeps an agent for %s, want %s", got, want)
	}
	for name, add := range map[string]func(*Running){
		figures.Talking:   func(r *Running) { r.Talk = r.Talk.Add(time.Minute) },
		figures.Writing:   func(r *Running) { r.Write = r.Write.Add(time.Minute) },
		figures.Abandoned: func(r *Running) { r.Gives = r.Gives.Add(time.Minute, 1) },
		figures.Answered:  func(r *Running) { r.Gives = r.Gives.Add(time.Minute, 0) },
		figures.Deferred:  func(r *Running) { r.Gives = r.Gives.Add(time.Minute, 0) },
		figures.Unserved:  func(r *Running) { r.Gives = r.Gives.Add(time.Minute, 0) },
		figures.Keys:      nil,
	} {
		want := was
		if add != nil {
			add(&want)
		}
		if got, ok := was.Add(figures.Count{Name: name, N: 1, Time: time.Minute}); got != want || ok != (add != nil) {
			t.Errorf("after %q: %+v, %v; want %+v", name, got, ok, want)
		}
	}
}

// TestPatience holds that who was served counts as somebody who would have
// waited longer.
func TestPatience(t *testing.T) {
	t.Parallel()
	g := Giving{}.Add(2*time.Minute, 0).Add(4*time.Minute, 1).Add(6*time.Minute, 0)
	if got := g.Patience().Round(time.Second / 4); got < 715*time.Second || got > 725*time.Second {
		t.Errorf("patience is %s, want about 12m", got)
	}
	if got := (Giving{}).Patience(); got != 0 {
		t.Errorf("nobody gave up, and patience is %s", got)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	weeks := make([]Week, 2)
	for q := range Quarters {
		weeks[0][q], weeks[1][q] = 4, 8
	}
	weeks[1][100] = 40
	got := Expect(weeks)
	const even = (8 + 0.7*4) / 1.7
	for q, want := range map[int]float64{50: even, 99: even + 32/1.7/4, 100: even + 32/1.7/2, 101: even + 32/1.7/4, Quarters - 1: even} {
		if math.Abs(got[q]-want) > 1e-9 {
			t.Errorf("quarter %d is expected to bring %.3f, want %.3f", q, got[q], want)
		}
	}
	if Expect(nil) != (Week{}) {
		t.Error("something is expected without any past")
	}
}
