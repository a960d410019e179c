package interop

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// dueAt is when the promise is due of which TestCount tells.
var dueAt = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// sec is so many seconds later; 0 is never.
func sec(seconds int) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return dueAt.Add(time.Duration(seconds) * time.Second)
}

// customerRung is a call to the customer after 10 s, for which an agent may be kept.
func customerRung(outcome, kept string, ends int) callback.Attempt {
	return callback.Attempt{Ref: "c", Leg: callback.CustomerLeg, First: true, Agent: kept, IntentAt: sec(10), EndedAt: sec(ends), Outcome: outcome}
}

func agentRung(rung, answered int) callback.Attempt {
	return callback.Attempt{Ref: "a", Leg: callback.AgentLeg, IntentAt: sec(rung), AnsweredAt: sec(answered)}
}

// TestCount holds what is counted of one promise, by what the service has
// written down of it.
func TestCount(t *testing.T) {
	t.Parallel()
	const person, nobody, machine = "+35840121", "+35840120", "+35840128"
	spoke := customerRung("spoke", "", 90)
	type calls []callback.Attempt
	for _, tt := range []struct {
		name   string
		number callback.Phone
		calls  calls
		joined int // the line, after so many seconds; 0 for never
		want   count
	}{
		{"spoke at once, with nobody kept", person, calls{spoke, agentRung(30, 40)}, 0, count{due: 1, kept: 1, pressed: 1, talks: 1}},
		{"an agent was kept until the key", person, calls{customerRung("spoke", "anna", 90), agentRung(30, 33)}, 0, count{due: 1, kept: 1, pressed: 1, talks: 1, locked: 20 * time.Second}},
		{"the agent took long", person, calls{spoke, agentRung(30, 41)}, 0, count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1}},
		{"nobody was free at the key", person, calls{spoke, agentRung(44, 46)}, 30, count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1}},
		{"one did not answer, the next did", person, calls{spoke, agentRung(30, 0), agentRung(35, 41)}, 0, count{due: 1, kept: 1, pressed: 1, waited: 1, talks: 1}},
		{"nobody came", person, calls{customerRung("abandoned", "", 90)}, 30, count{due: 1, pressed: 1, waited: 1}},
		{"too late", person, calls{customerRung("spoke", "", 2000), agentRung(900, 901)}, 0, count{due: 1, pressed: 1, talks: 1}},
		{"in the last moment", person, calls{customerRung("spoke", "", 2000), agentRung(899, 900)}, 0, count{due: 1, kept: 1, pressed: 1, talks: 1}},
		{"never dialled", person, nil, 0, count{due: 1}},
		{"nobody there, an agent was kept", nobody, calls{customerRung("no_answer", "anna", 38)}, 0, count{locked: 28 * time.Second}},
		{"a machine", machine, calls{customerRung("machine", "", 38)}, 0, count{}},
		{"a machine that got an agent", machine, calls{customerRung("machine", "", 38), agentRung(30, 33)}, 0, count{machines: 1}},
	} {
		var got count
		got.add(callback.Callback{Phone: tt.number, At: dueAt}, tt.calls, sec(tt.joined), 15*time.Minute)
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
