package interop

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
)

// The team of robots, and how long each of them takes for what people take
// minutes for.
const (
	robots     = 8
	talks      = 3 * time.Second
	finds      = 500 * time.Millisecond // the key
	keptAtHigh = 0.95                   // of the promises to people who answer
)

// robot opens a telephone that a robot answers.
func robot(t testing.TB, answer func(context.Context, *phone.Incoming)) *phone.Phone {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // what is left of its calls is no fault
	return p
}

// after lets time pass, as long as a call lasts.
func after(ctx context.Context, c *phone.Call, d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.Done():
	case <-ctx.Done():
	}
}

// agentRobot takes every call by 1, and stays until the customer hangs up.
func agentRobot(ctx context.Context, in *phone.Incoming) {
	c, err := in.Accept(ctx)
	if err != nil {
		return // nobody waits any more
	}
	after(ctx, c, finds)
	_ = c.Press(ctx, "1") // a call that is over needs no key
	<-c.Done()
}

// absent reports whether the robot with this number is on the telephone when it
// is called: one of four is.
func absent(number string) bool { return strings.ContainsAny(number[len(number)-1:], "048") }

// customerRobot answers, takes the call by 1, speaks, and hangs up.
func customerRobot(ctx context.Context, in *phone.Incoming) {
	if absent(in.To()) {
		_ = in.Refuse(486, "Busy Here")
		return
	}
	_ = in.Ring()
	c, err := in.Accept(ctx)
	if err != nil {
		return
	}
	after(ctx, c, finds)
	_ = c.Press(ctx, "1")
	after(ctx, c, talks)
	_ = c.Hangup(ctx)
}

// TestPlannedLoad has eight robots keep the promises of a full slot over SIP: at
// least 95 of 100 people who answer speak with an agent within the minute that
// they were promised.
func TestPlannedLoad(t *testing.T) {
	t.Parallel()
	slots, each := 1, 16
	if thorough {
		slots, each = 10, 40
	}
	customers := robot(t, customerRobot)
	var agents, names strings.Builder
	for n := range robots {
		fmt.Fprintf(&agents, "  r%d: {name: Robot, phone: %q}\n", n, robot(t, agentRobot).URI())
		fmt.Fprintf(&names, "r%d, ", n)
	}
	s := serve(t, fmt.Sprintf(`sip:
  listen: [udp:SIP]
  trunks: {carrier: {host: %s, max_calls: 200, calls_per_second: 100}}
callbacks: {slot: 1m, lead: 0s, window: 1m, ring: 5s, permitted: "00:00-24:00", allow_regions: [FI]}
limits: {per_minute: 0, per_day: 0, per_caller_id: 0, per_prefix: 0, over: 0, abandoned: 0}
survey: {kind: "off"}
agents:
%squeues:
  billing: {agents: [%s], hours: {mon-sun: "00:00-24:00"}, dialing: adaptive, capacity: %d, wrap_up: 1s}
`, customers.Addr(), agents.String(), strings.TrimSuffix(names.String(), ", "), each))
	last := promiseAll(s, slots, each)
	settle(s, slots*each, last.Add(time.Minute+10*time.Second))
	kept, due := countKept(t, s)
	t.Logf("%d of %d promises were kept", kept, due)
	if due < slots*each/2 || float64(kept) < keptAtHigh*float64(due) {
		t.Errorf("%d of %d promises were kept, want %g", kept, due, keptAtHigh)
	}
}

// promiseAll books every place of some slots, and returns the last of them.
func promiseAll(s *service, slots, each int) time.Time {
	s.t.Helper()
	lead := max(30*time.Second, time.Duration(slots*each)*200*time.Millisecond) // to book them
	first := time.Now().Add(lead).Truncate(time.Minute).Add(time.Minute)
	for n := range slots * each {
		s.book("billing", fmt.Sprintf("+3584012%05d", n+10_000), first.Add(time.Duration(n/each)*time.Minute))
	}
	return first.Add(time.Duration(slots-1) * time.Minute)
}

// settle waits until everybody was called, or all promises are over.
func settle(s *service, n int, over time.Time) {
	s.t.Helper()
	for time.Now().Before(over) {
		<-time.After(2 * time.Second)
		var all []promise
		if err := s.ask(&all, "callbacks", "list"); err != nil {
			s.t.Fatal(err)
		}
		called := 0
		for _, p := range all {
			if p.State == "done" || p.State == "retry_wait" {
				called++
			}
		}
		if called == n {
			return
		}
	}
}

// countKept counts the promises to people who answer, and those of them who
// were called in time and spoke with an agent.
func countKept(t *testing.T, s *service) (kept, due int) {
	t.Helper()
	err := s.kept().View(t.Context(), func(tx callback.Tx) error {
		all, err := tx.FindCallbacks(callback.Filter{Queue: "billing"})
		if err != nil {
			return err
		}
		for _, c := range all {
			if absent(string(c.Phone)) {
				continue
			}
			due++
			calls, err := tx.AttemptsOf(c.ID)
			if err != nil {
				return err
			}
			for _, a := range calls {
				if a.Leg == callback.CustomerLeg && a.Outcome == "spoke" && !a.AnsweredAt.After(c.At.Add(time.Minute)) {
					kept++
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept, due
}
