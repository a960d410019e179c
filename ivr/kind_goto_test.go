package ivr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// TestConditions asks each thing that a menu may ask, where it is so and where
// it is not.
func TestConditions(t *testing.T) {
	t.Parallel()
	attempt := func(n int) func(*ivr.Facts) {
		return func(f *ivr.Facts) { f.Brief = &ivr.Brief{Attempt: n} }
	}
	wait := func(d time.Duration) func(*ivr.Facts) { return func(f *ivr.Facts) { f.Bound = d } }
	noBrief := func(f *ivr.Facts) { f.Brief = nil }
	tests := []struct {
		is      string
		so, not func(*ivr.Facts)
	}{
		{"open", func(f *ivr.Facts) { f.Open = true }, func(f *ivr.Facts) { f.Open = false }},
		{"closed", func(f *ivr.Facts) { f.Open = false }, func(f *ivr.Facts) { f.Open = true }},
		{"idle", func(f *ivr.Facts) { f.Idle = 1 }, func(f *ivr.Facts) { f.Idle = 0 }},
		{"may_wait", func(f *ivr.Facts) { f.MayWait = true }, func(f *ivr.Facts) { f.MayWait = false }},
		{"known", func(f *ivr.Facts) { f.Caller.Known = true }, func(f *ivr.Facts) { f.Caller.Known = false }},
		{"vip", func(f *ivr.Facts) { f.Caller.VIP = true }, func(f *ivr.Facts) { f.Caller.VIP = false }},
		{"withheld", func(f *ivr.Facts) { f.Caller.Phone = "" }, func(f *ivr.Facts) { f.Caller.Phone = "+358401234567" }},
		{"callable", func(f *ivr.Facts) { f.Caller = ivr.Caller{Phone: "+358401234567", Callable: true} }, func(f *ivr.Facts) { f.Caller.Callable = false }},
		{"has_booking", func(f *ivr.Facts) { f.Booking = f.Now.Add(time.Hour) }, func(f *ivr.Facts) { f.Booking = time.Time{} }},
		{"ask_consent", func(f *ivr.Facts) { f.MayAsk = true }, func(f *ivr.Facts) { f.MayAsk = false }},
		{"ask_survey", func(f *ivr.Facts) { f.MaySurvey = true }, func(f *ivr.Facts) { f.MaySurvey = false }},
		{"wait_over 5m", wait(5*time.Minute + time.Second), wait(5 * time.Minute)},
		{"wait_over 90s", wait(2 * time.Minute), wait(0)},
		{"attempt_over 2", attempt(3), attempt(2)},
		{"attempt_over 1", attempt(2), noBrief},
	}
	for _, tt := range tests {
		t.Run(tt.is, func(t *testing.T) {
			t.Parallel()
			for want, with := range map[string]func(*ivr.Facts){"noted": tt.so, "bye": tt.not} {
				f := ivr.Facts{Now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
				with(&f)
				if got := asks(t, tt.is, ivr.State{}, f); got != want {
					t.Errorf("with %+v it leads to %s, want %s", f, got, want)
				}
			}
		})
	}
	for lang, want := range map[string]string{"fi": "noted", "en": "bye"} {
		if got := asks(t, "language fi", ivr.State{Lang: lang}, ivr.Facts{}); got != want {
			t.Errorf("in %s it leads to %s, want %s", lang, got, want)
		}
	}
}

// asks returns the sentence that a menu says which asks for one thing: noted
// when it is so.
func asks(t *testing.T, is string, s ivr.State, f ivr.Facts) string {
	t.Helper()
	m, err := ivr.Parse("x.yaml", fmt.Appendf(nil, `for: agent
languages: [en, fi]
start: ask
stuck: other
nodes:
  ask: {do: goto, if: %s, then: so, else: other}
  so: {do: end, say: noted}
  other: {do: end, say: bye}
`, is))
	if err != nil {
		t.Fatal(err)
	}
	_, turn := m.Step(s, ivr.Event{Kind: ivr.Begin}, f)
	if !turn.End || len(turn.Say) != 1 {
		t.Fatalf("got %+v", turn)
	}
	return turn.Say[0].Name
}
