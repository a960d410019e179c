package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A count is what became of the promises of a planned load.
type count struct {
	due, kept       int // to people who answer, and in time
	pressed, waited int // took the call by the key, and waited for an agent for more than 10 s
	talks           int
	machines        int // that an agent was rung for
	locked          time.Duration
}

// perTalk is for how long an agent was kept for each customer who spoke with one.
func (c count) perTalk() time.Duration {
	return (c.locked / time.Duration(max(c.talks, 1))).Round(time.Millisecond)
}

// judge holds the count against what is promised.
func (c count) judge(t *testing.T, p pace) {
	t.Helper()
	for _, what := range c.misses(p, thorough) {
		t.Error(what)
	}
}

// misses tells what of the promised is missed. What must never be is never; a
// share of so few as are called in a minute says nothing, so that is looked at in
// a whole hour only.
func (c count) misses(p pace, hour bool) (all []string) {
	for _, rule := range []struct {
		broken bool
		say    string
	}{
		{c.due < p.slots*p.each/2 || c.kept*100 < c.due*95, fmt.Sprintf("%d of %d promises were kept, want 95 %%", c.kept, c.due)},
		{c.machines != 0, fmt.Sprintf("agents were rung for %d machines", c.machines)},
		{hour && c.waited*100 > c.pressed, fmt.Sprintf("%d of %d waited for more than 10 s after the key, want 1 %% at the most", c.waited, c.pressed)},
		{hour && c.perTalk() > 26*time.Second, fmt.Sprintf("an agent was kept for %s for each who spoke, want 26 s at the most", c.perTalk())},
	} {
		if rule.broken {
			all = append(all, rule.say)
		}
	}
	return all
}

// count reads what became of all promises out of the data that a service left.
func (p pace) count(t *testing.T, s *service) (c count) {
	t.Helper()
	err := s.kept().View(t.Context(), func(tx callback.Tx) error {
		all, err := tx.FindCallbacks(callback.Filter{Queue: "billing"})
		if err != nil {
			return err
		}
		for _, one := range all {
			calls, err := tx.AttemptsOf(one.ID)
			if err != nil {
				return err
			}
			joined, err := joinedLine(tx, one.ID)
			if err != nil {
				return err
			}
			before := c
			if c.add(one, calls, joined, p.slot); c.due > before.due && c.kept == before.kept {
				t.Logf("not kept: %s", retold(one, calls, p.slot))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// retold tells, in seconds from the promised time on, what was done for a promise.
func retold(one callback.Callback, calls []callback.Attempt, window time.Duration) string {
	sec := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return fmt.Sprintf("%.1f", at.Sub(one.At).Seconds())
	}
	said := fmt.Sprintf("%s within %s of %s, %s", one.Phone, window, one.At.Format(time.TimeOnly), one.State)
	for _, a := range calls {
		said += fmt.Sprintf("; %s %s rung %s, answered %s, over %s: %s", a.Leg, a.Agent, sec(a.IntentAt), sec(a.AnsweredAt), sec(a.EndedAt), a.Outcome)
	}
	return said
}

// joinedLine is when the customer of a callback began to wait on the line; zero
// for never.
func joinedLine(tx callback.Tx, id string) (time.Time, error) {
	all, err := tx.EntriesOf(id, 200)
	for _, e := range all {
		if e.Kind == "line.joined" {
			return e.At, err
		}
	}
	return time.Time{}, err
}

// add counts one promise in, by the first call to its customer: what agents do
// before he has answered they do not do for him.
func (c *count) add(one callback.Callback, calls []callback.Attempt, joined time.Time, window time.Duration) {
	number := string(one.Phone)
	key, taken := joined, time.Time{}
	var first callback.Attempt
	for _, a := range calls {
		switch {
		case a.Leg == callback.CustomerLeg && a.Outcome == string(ivr.Unsent): // it never left this machine, and another followed
		case a.Leg == callback.CustomerLeg && first.Ref == "":
			first = a
		case a.Leg == callback.AgentLeg && machine(number):
			c.machines++
		case a.Leg == callback.AgentLeg:
			if key.IsZero() || a.IntentAt.Before(key) {
				key = a.IntentAt // an agent is rung in the moment of the key, when one is free
			}
			if !a.AnsweredAt.IsZero() && taken.IsZero() {
				taken = a.AnsweredAt
			}
		}
	}
	c.lock(first, key)
	if absent(number) || machine(number) {
		return
	}
	c.due++
	if !key.IsZero() {
		c.pressed++
		if taken.IsZero() || taken.Sub(key) > 10*time.Second {
			c.waited++
		}
	}
	if first.Outcome == "spoke" {
		c.talks++
		if !taken.After(one.At.Add(window)) {
			c.kept++
		}
	}
}

// lock adds for how long an agent was kept until the customer had pressed the
// key, or was known not to.
func (c *count) lock(first callback.Attempt, key time.Time) {
	end := first.EndedAt
	if !key.IsZero() {
		end = key
	}
	if first.First && first.Agent != "" && end.After(first.IntentAt) {
		c.locked += end.Sub(first.IntentAt)
	}
}
