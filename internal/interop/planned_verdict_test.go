package interop

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestCount holds what is counted of one promise, by what the service has
// written down of it.
func TestCount(t *testing.T) {
	t.Parallel()
	const window = 15 * time.Minute
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	sec := func(s int) time.Time { return at.Add(time.Duration(s) * time.Second) }
	dialled := func(outcome, kept string, ends int) callback.Attempt {
		return callback.Attempt{Ref: "c", Leg: callback.CustomerLeg, First: true, Agent: kept, IntentAt: sec(10), EndedAt: sec(ends), Outcome: outcome}
	}
	agent := func(rung, answered int) callback.Attempt {
		a := callback.Attempt{Ref: "a", Leg: callback.AgentLeg, IntentAt: sec(rung)}
		if answered > 0 {
			a.AnsweredAt = sec(answered)
		}
		return a
	}
	for _, tt := range []struct {
		name   string
		number callback.Phone
		calls  []callback.Attempt
		joined time.Time
		want   count
	}{
		{
			"spoke at once, with nobody kept", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 90), agent(30, 40)},
			time.Time{},
			count{due: 1, kept: 1, pressed: 1, talks: 1},
		},
		{
			"an agent was kept until the key", "+35840121",
			[]callback.Attempt{dialled("spoke", "anna", 90), agent(30, 33)},
			time.Time{},
			count{due: 1, kept: 1, pressed: 1, talks: 1, locked: 20 * time.Second},
		},
		{
			"the agent took long", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 90), agent(30, 41)},
			time.Time{},
			count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1},
		},
		{
			"nobody was free at the key", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 90), agent(44, 46)},
			sec(30),
			count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1},
		},
		{
			"one did not answer, the next did", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 90), agent(30, 0), agent(35, 41)},
			time.Time{},
			count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1},
		},
		{
			"nobody came", "+35840121",
			[]callback.Attempt{dialled("abandoned", "", 90)},
			sec(30),
			count{due: 1, pressed: 1, waited: 1},
		},
		{
			"too late", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 2000), agent(900, 901)},
			time.Time{},
			count{due: 1, pressed: 1, talks: 1},
		},
		{
			"in the last moment", "+35840121",
			[]callback.Attempt{dialled("spoke", "", 2000), agent(899, 900)},
			time.Time{},
			count{due: 1, kept: 1, pressed: 1, talks: 1},
		},
		{"never dialled", "+35840121", nil, time.Time{}, count{due: 1}},
		{
			"nobody there, an agent was kept", "+35840120",
			[]callback.Attempt{dialled("no_answer", "anna", 38)},
			time.Time{},
			count{locked: 28 * time.Second},
		},
		{"a machine", "+35840128", []callback.Attempt{dialled("machine", "", 38)}, time.Time{}, count{}},
		{
			"a machine that got an agent", "+35840128",
			[]callback.Attempt{dialled("machine", "", 38), agent(30, 33)},
			time.Time{},
			count{machines: 1},
		},
	} {
		var got count
		got.add(callback.Callback{Phone: tt.number, At: at}, tt.calls, tt.joined, window)
		if got != tt.want {
			t.Errorf("%s: counted %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestVerdict holds that what misses a target is said to miss it, and what is at
// it is not.
func TestVerdict(t *testing.T) {
	t.Parallel()
	good := count{due: 100, kept: 95, pressed: 100, waited: 1, talks: 100, locked: 2600 * time.Second}
	p := pace{slots: 4, each: 25}
	for _, tt := range []struct {
		name   string
		change func(*count)
		wrong  int
	}{
		{"all is well", func(*count) {}, 0},
		{"promises are broken", func(c *count) { c.kept = 94 }, 1},
		{"hardly anybody was due", func(c *count) { c.due, c.kept = 49, 49 }, 1},
		{"a machine got an agent", func(c *count) { c.machines = 1 }, 1},
		{"two wait after the key", func(c *count) { c.waited = 2 }, 1},
		{"agents are kept too long", func(c *count) { c.locked += 2 * time.Second }, 1},
		{"everything", func(c *count) { *c = count{due: 10, pressed: 10, waited: 10, machines: 1, locked: time.Hour} }, 4},
	} {
		c := good
		tt.change(&c)
		if got := c.misses(p, true); len(got) != tt.wrong {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
