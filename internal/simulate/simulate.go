// Package simulate lives through days of a call centre in virtual time, with
// the forecast, the capacity and the dispatch of the product itself, and tells
// which promises are kept.
package simulate

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/callback/wait"
)

// Order says when an agent is kept for a customer who is called.
type Order string

// The orders of dialling, as queues have them.
const (
	AgentFirst    Order = "agent_first"    // the agent is on the line before the customer is called
	CustomerFirst Order = "customer_first" // an agent is kept free, and joins when the customer has pressed a key
	Adaptive      Order = "adaptive"       // likewise, but one is kept only while few are free
)

// A Scenario is a team, what people do, and how the team works.
type Scenario struct {
	Agents   int
	Load     float64       // of callers on the line, for each agent; -1 for what a quarter of promises leaves
	Handle   time.Duration // how long a call keeps an agent on average, writing included
	Patience time.Duration // how long people on the line wait until they give up, on average; 0 for ever
	Keep     float64       // of those who would have to wait, how many have their place kept instead
	Answer   float64       // customers who take a call, from 0 to 1
	Machine  float64       // calls that a machine takes
	Slot     time.Duration
	Beta     float64 // how careful slots are sold
	Places   int     // promises in a slot; -1 for what the team can keep
	Special  float64 // of all people, how many need a language or a skill that not every agent has
	Able     int     // agents who have it; they serve the others, too
	Policy   dispatch.Policy
	Order    Order
	Days     int
	Seed     uint64
}

// Usual is the scenario of one who says nothing: eight agents as busy as is
// planned.
func Usual() Scenario {
	return Scenario{
		Agents: 8, Load: -1, Handle: 5 * time.Minute, Patience: 10 * time.Minute, Answer: 0.75, Machine: 0.1,
		Slot: 15 * time.Minute, Beta: wait.Careful, Places: -1, Policy: dispatch.Deadline, Order: Adaptive, Days: 300, Seed: 1,
	}
}

// How long things take that are no talk.
const (
	workday  = 8 * time.Hour
	pickup   = 4 * time.Second  // until an agent who is rung is on the line
	rings    = 12 * time.Second // until a customer answers, 6 more or less
	unheard  = 28 * time.Second // until nobody answers
	presses  = 6 * time.Second  // until a customer who answered has pressed a key
	machined = 12 * time.Second // until it is clear that nobody will press one
	retry    = 10 * time.Minute // until a customer who was not there is called again
	tries    = 3
	notice   = 2 * time.Minute // more than the bound is promised to who has his place kept
	longest  = 2 * time.Hour   // slot: the last one of a day begins two before its end
)

// planned is the load, or are the places, that a plan comes to.
const planned = -1

// answered and missed are how long an agent is kept by a call on average.
func (s Scenario) dial() time.Duration {
	first := time.Duration(0)
	if s.Order == AgentFirst {
		first = pickup
	}
	missed := s.Machine*(rings+machined).Seconds() + (1-s.Answer-s.Machine)*unheard.Seconds()
	return first + time.Duration((s.Answer*(rings+presses).Seconds()+missed)*float64(time.Second))
}

// Plan is what the slots of a scenario are sold by.
func (s Scenario) Plan() wait.Plan {
	p := wait.Plan{
		Agents: float64(s.Agents), Live: s.Load * float64(s.Agents), Handle: s.Handle, Slot: s.Slot,
		Answered: s.Answer, Tries: tries, Dial: s.dial(), Beta: s.Beta,
	}
	if s.Load < 0 {
		p.Live = 0
		quarter := wait.Plan{Agents: p.Agents / 4, Handle: p.Handle, Slot: p.Slot, Answered: p.Answered, Tries: tries, Dial: p.Dial}
		p.Live = max(0, p.Carries()-float64(max(1, quarter.Places()))*p.Work().Seconds()/p.Slot.Seconds())
	}
	return p
}

// within reports whether a number is one, and from 0 to most, but for what sums
// of fractions are off by.
func within(n, most float64) bool { return n >= 0 && n <= most+1e-9 }

// Check reports what is wrong with a scenario.
func (s Scenario) Check() error {
	var all []error
	for _, rule := range []struct {
		broken bool
		say    string
	}{
		{s.Agents < 1 || s.Agents > 1000, "agents must be 1 to 1000"},
		{s.Load != planned && !within(s.Load, 2), "load must be 0 to 2 for each agent, or -1 for what promises leave"},
		{s.Handle < time.Second || s.Handle > workday, "aht must be a second to eight hours"},
		{s.Patience < 0, "patience must not be negative"},
		{s.Slot < time.Minute || s.Slot > longest, "slot must be a minute to two hours"},
		{s.Places != planned && (s.Places < 0 || s.Places > 10000), "places must be 0 to 10000, or -1 for what the team can keep"},
		{!within(s.Answer, 1) || s.Answer == 0 || !within(s.Machine, 1-s.Answer), "answer must be more than 0, and with machine at most 1"},
		{!within(s.Special, 1), "special must be 0 to 1"},
		{s.Special > 0 && (s.Able < 1 || s.Able > s.Agents), "able must be 1 to all agents"},
		{!within(s.Keep, 1), "keep must be 0 to 1"},
		{!within(s.Beta, 3), "beta must be 0 to 3"},
		{s.Policy != dispatch.Deadline && s.Policy != dispatch.FIFO, "policy is deadline or fifo"},
		{s.Order != AgentFirst && s.Order != CustomerFirst && s.Order != Adaptive, "order is agent_first, customer_first or adaptive"},
		{s.Days < 1 || s.Days > 10000, "days must be 1 to 10000"},
	} {
		if rule.broken {
			all = append(all, errors.New(rule.say))
		}
	}
	return errors.Join(all...)
}

// Run lives through the days of a scenario.
func Run(s Scenario) (Result, error) {
	if err := s.Check(); err != nil {
		return Result{}, fmt.Errorf("simulate: %w", err)
	}
	c, err := newCentre(s, none)
	if err != nil {
		return Result{}, fmt.Errorf("simulate: %w", err)
	}
	for range s.Days {
		c.day()
	}
	return c.result(), nil
}
