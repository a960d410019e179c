package interop

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/wait"
	"github.com/holdless/holdless/internal/phone"
)

const (
	robots = 8
	finds  = 500 * time.Millisecond // an agent, the key
)

// A pace is how quickly robots do what people take minutes for.
type pace struct {
	slots, each   int           // slots, and promises in each of them
	slot          time.Duration // how long one is
	rings, varies time.Duration // until a customer answers
	presses       time.Duration // until he has pressed the key
	talks         time.Duration
	absent        time.Duration // until it is known that nobody answers; 0 for engaged at once
}

// brief is a pace at which nothing can be measured but what must never be.
var brief = pace{slots: 1, each: 16, slot: time.Minute, presses: finds, talks: 3 * time.Second}

// hour is an hour at a fifth of its time, with as many promises as a team of
// this size plans. Only what keeps an agent while a customer is called takes as
// long as it does in truth, and the talks are a fifth.
func hour() pace {
	p := pace{
		slots: 4, slot: 3 * time.Minute, rings: 6 * time.Second, varies: 12 * time.Second,
		presses: 6 * time.Second, talks: time.Minute, absent: 28 * time.Second,
	}
	p.each = wait.Plan{
		Agents: robots, Handle: p.talks, Slot: p.slot, Answered: 0.7, Tries: 1, Dial: 20 * time.Second, Beta: wait.Careful,
	}.Places()
	return p
}

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
func after(ctx context.Context, over <-chan struct{}, d time.Duration) {
	select {
	case <-time.After(d):
	case <-over:
	case <-ctx.Done():
	}
}

// agentRobot takes every call by 1, and stays until the customer hangs up.
func agentRobot(ctx context.Context, in *phone.Incoming) {
	c, err := in.Accept(ctx)
	if err != nil {
		return // nobody waits any more
	}
	after(ctx, c.Done(), finds)
	_ = c.Press(ctx, "1") // a call that is over needs no key
	<-c.Done()
}

// Of ten customers two do not answer, and the machine of one does.
func absent(number string) bool  { return strings.ContainsAny(number[len(number)-1:], "04") }
func machine(number string) bool { return strings.HasSuffix(number, "8") }

// customer answers as a person does, who takes the call by 1, speaks, and hangs
// up; or as a machine, which says nothing for as long as somebody listens.
func (p pace) customer(ctx context.Context, in *phone.Incoming) {
	_ = in.Ring()
	if absent(in.To()) {
		after(ctx, in.Gone(), p.absent)
		_ = in.Refuse(486, "Busy Here") // who has given up is told nothing
		return
	}
	digit := time.Duration(in.To()[len(in.To())-2] - '0') // of all rings the same
	after(ctx, in.Gone(), p.rings+p.varies*digit/9)
	c, err := in.Accept(ctx)
	if err != nil {
		return
	}
	if machine(in.To()) {
		<-c.Done()
		return
	}
	after(ctx, c.Done(), p.presses)
	_ = c.Press(ctx, "1")
	after(ctx, c.Done(), p.talks)
	_ = c.Hangup(ctx)
}

// TestPlannedLoad has eight robots keep the promises of full slots over SIP, by
// the adaptive order: at least 95 of 100 people who answer speak with an agent
// within the time that they were promised, at most 1 of 100 waits for longer
// than 10 seconds after his key, no machine gets an agent, and no agent is kept
// for longer than 26 seconds for each customer whom somebody speaks with.
func TestPlannedLoad(t *testing.T) {
	t.Parallel()
	p := brief
	if thorough {
		p = hour()
	}
	customers := robot(t, p.customer)
	var agents, names strings.Builder
	for n := range robots {
		fmt.Fprintf(&agents, "  r%d: {name: Robot, phone: %q}\n", n, robot(t, agentRobot).URI())
		fmt.Fprintf(&names, "r%d, ", n)
	}
	s := serve(t, fmt.Sprintf(`sip:
  listen: [udp:SIP]
  trunks: {carrier: {host: %s, max_calls: 200, calls_per_second: 100}}
callbacks: {slot: %s, lead: 0s, window: %[2]s, ring: 5s, permitted: "00:00-24:00", allow_regions: [FI]}
limits: {per_minute: 0, per_day: 0, per_caller_id: 0, per_prefix: 0, over: 0, abandoned: 0}
survey: {kind: "off"}
agents:
%squeues:
  billing: {agents: [%s], hours: {mon-sun: "00:00-24:00"}, dialing: adaptive, capacity: %d, wrap_up: 1s}
`, customers.Addr(), p.slot, agents.String(), strings.TrimSuffix(names.String(), ", "), p.each))
	last := p.promiseAll(s)
	settle(s, p.slots*p.each, last.Add(p.slot+p.talks+10*time.Second)) // who is joined in the last moment speaks to his end
	c := p.count(t, s)
	t.Logf("%d of %d promises were kept; after the key %d of %d waited for more than 10 s; machines that got an agent: %d; locked for each who spoke: %s",
		c.kept, c.due, c.waited, c.pressed, c.machines, c.perTalk())
	c.judge(t, p)
}

// promiseAll books every place of the slots, and returns when the last begins.
func (p pace) promiseAll(s *service) time.Time {
	s.t.Helper()
	n := p.slots * p.each
	lead := max(45*time.Second, time.Duration(n)*200*time.Millisecond) // to book them
	first := time.Now().Add(lead).Truncate(p.slot).Add(p.slot)
	for i := range n {
		s.book("billing", fmt.Sprintf("+3584012%05d", i+10_000), first.Add(time.Duration(i/p.each)*p.slot))
	}
	return first.Add(time.Duration(p.slots-1) * p.slot)
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
