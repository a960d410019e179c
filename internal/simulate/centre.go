package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/callback/wait"
	"github.com/holdless/holdless/ivr"
)

// began is when the days of all simulations begin.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A mistake is planted in tests, to see that it is found.
type mistake int

const (
	none         mistake = iota
	oneMore              // one place more is sold than the team can keep
	doubleBooked         // an agent who is busy counts as free
	anyVoice             // who says nothing is put through
	alwaysKept           // an agent is kept for every call, however many are free
	forgotten            // calls without an agent are not counted, and callers take their agents
	alike                // any agent is taken to do for whom only some can serve, while he is called
)

// A person is somebody who waits, on the line or for his call.
type person struct {
	dispatch.Person
	live    bool
	special bool // needs what only some agents have
	tries   int
	bound   time.Duration // told on the line; 0 for nothing
	mean    time.Duration
	served  bool
	gone    bool
}

// A centre lives through days.
type centre struct {
	Scenario
	rand     *rand.Rand
	rule     dispatch.Rule
	plan     wait.Plan
	places   int
	planted  mistake
	customer *ivr.Menu // the talk with whom we call
	handling wait.Handling
	giving   wait.Giving

	now    time.Duration // since the day began
	events agenda
	free   []int           // agents
	busy   map[int]bool    // agents who talk, or are kept
	dials  map[bool]int    // calls without an agent, by whether only some agents can take them
	needed *dispatch.Match // of free and dials; nil while not known
	ready  []*called       // customers who have pressed a key and wait for an agent
	line   []*person       // on the line, by Since
	due    []*person       // promised, by By
	liveIn []dispatch.Person
	dueIn  []dispatch.Person

	tally tally
}

// called is a customer who is being called.
type called struct {
	*person
	agent   int  // kept for him; -1 for none
	machine bool // took the call
	began   time.Duration
	pressed time.Duration
}

func newCentre(s Scenario, planted mistake) (*centre, error) {
	customer, err := customerMenu(planted)
	if err != nil {
		return nil, err
	}
	rule := dispatch.Default()
	rule.Policy = s.Policy
	if s.Order == Adaptive {
		rule.Spare = dispatch.Adaptive
	}
	if planted == alwaysKept {
		rule.Spare = 0
	}
	c := &centre{
		Scenario: s, rand: rand.New(rand.NewPCG(s.Seed, 7)), rule: rule, plan: s.Plan(), planted: planted, //nolint:gosec // a simulation, the same for the same seed
		handling: wait.Handling{Mean: s.Handle}, giving: wait.GivingUp, customer: customer,
	}
	if c.places = s.Places; c.places < 0 {
		c.places = c.plan.Places()
	}
	if planted == oneMore {
		c.places++
	}
	if c.Places < 0 && c.places > 0 && c.plan.Load(c.places)*c.plan.Agents > c.plan.Carries()+1e-6 {
		c.tally.wrong("sold more than the team can keep")
	}
	return c, nil
}

// day lives through one day, and lets everybody be served who still waits.
func (c *centre) day() {
	c.now, c.dials, c.busy, c.needed = 0, map[bool]int{}, map[int]bool{}, nil
	c.free = c.free[:0]
	for a := range c.Agents {
		c.free = append(c.free, a)
	}
	c.comes()
	for at := c.Slot; at < workday-2*c.Slot; at += c.Slot {
		c.events.add(at, func() { c.slot(at) })
	}
	for {
		at, do := c.events.next()
		if do == nil {
			return
		}
		c.pass(at)
		do()
		c.serve()
		c.audit()
	}
}

// comes lets the next caller come.
func (c *centre) comes() {
	if c.plan.Live <= 0 {
		return
	}
	between := c.Handle.Seconds() / c.plan.Live
	at := c.now + seconds(c.rand.ExpFloat64()*between)
	if at > workday {
		return
	}
	c.events.add(at, func() {
		c.arrive()
		c.comes()
	})
}

// slot lets the promises of a slot fall due.
func (c *centre) slot(at time.Duration) {
	for range c.places {
		c.promise(&person{Person: dispatch.Person{Since: began.Add(at), By: began.Add(at + c.Slot)}, special: c.needs()})
	}
}

func (c *centre) promise(p *person) {
	at, _ := slices.BinarySearchFunc(c.due, p, func(a, b *person) int {
		return a.By.Compare(b.By) | 1 // behind who has the same end
	})
	c.due = slices.Insert(c.due, at, p)
}

// arrive lets a caller come who wants to speak with somebody.
func (c *centre) arrive() {
	p := &person{Person: dispatch.Person{Since: c.clock()}, live: true, special: c.needs()}
	c.tally.calls++
	ahead := c.waiting()
	if ahead == 0 && c.can(p) {
		c.line = append(c.line, p)
		return
	}
	e := c.estimate(p)
	p.mean, p.bound = e.Mean, e.Bound(wait.Nominal)
	if c.rand.Float64() < c.Keep {
		p.live, p.Kept, p.By = false, true, c.clock().Add(wait.Spoken(p.bound)+notice)
		c.promise(p)
		return
	}
	c.line = append(c.line, p)
	if c.Patience > 0 {
		c.events.add(c.now+seconds(c.rand.ExpFloat64()*c.Patience.Seconds()), func() { c.giveUp(p) })
	}
}

// waiting counts who is on the line, and forgets those who are gone.
func (c *centre) waiting() int {
	c.line = slices.DeleteFunc(c.line, func(p *person) bool { return p.gone })
	return len(c.line)
}

func (c *centre) giveUp(p *person) {
	if p.served || p.gone {
		return
	}
	p.gone = true
	c.tally.abandoned++
	waited := c.clock().Sub(p.Since)
	c.giving = c.giving.Add(waited, 1)
	if waited > p.bound { // how long it would have taken, nobody knows: longer than told
		c.tally.compared(waited, p)
	}
}

// serve lets the rule of the product choose whom the free agents serve.
func (c *centre) serve() {
	for i := 0; i < len(c.ready); {
		r := c.ready[i]
		if !c.can(r.person) {
			i++
			continue
		}
		c.ready = slices.Delete(c.ready, i, i+1)
		r.agent = c.take(r.person)
		c.join(r)
	}
	for {
		choice, ok := c.rule.Next(c.view())
		if !ok {
			return
		}
		if choice.Live {
			c.answer(c.first(&c.line))
			continue
		}
		p := c.first(&c.due)
		c.call(p, c.keeps(p))
	}
}

// first takes the first of a list whom somebody can serve who is free for him.
func (c *centre) first(list *[]*person) *person {
	i := slices.IndexFunc(*list, c.can)
	p := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return p
}

// view is what the rule looks at: of each list, it is the first who counts. Who
// needs a skill that nobody has who is free, and needed by no other, is passed over.
func (c *centre) view() dispatch.View {
	c.waiting()
	c.liveIn, c.dueIn = c.liveIn[:0], c.dueIn[:0]
	if i := slices.IndexFunc(c.line, c.can); i >= 0 {
		c.liveIn = append(c.liveIn, c.line[i].Person)
	}
	for _, p := range c.due {
		if c.can(p) {
			c.dueIn = append(c.dueIn, p.Person)
		}
	}
	idle := len(c.free)
	return dispatch.View{Now: c.clock(), Live: c.liveIn, Due: c.dueIn, Idle: idle, Dials: idle - c.match().Left(c.fit(false))}
}

// answer lets an agent take a caller on the line.
func (c *centre) answer(p *person) {
	p.served = true
	waited := c.clock().Sub(p.Since)
	c.giving = c.giving.Add(waited, 0)
	c.tally.waited(waited, p)
	c.talk(c.take(p))
}

// take makes the free agent busy who is chosen for somebody.
func (c *centre) take(p *person) int {
	i := c.choose(p)
	a := c.free[i]
	c.needed = nil
	if c.planted != doubleBooked || c.rand.IntN(50) > 0 {
		c.free = slices.Delete(c.free, i, i+1)
	}
	if c.busy[a] {
		c.tally.wrong("an agent has two calls")
	}
	c.busy[a] = true
	return a
}

func (c *centre) release(agent int) {
	delete(c.busy, agent)
	c.needed = nil
	c.free = append(c.free, agent)
}

// talk keeps an agent for as long as a call lasts.
func (c *centre) talk(agent int) {
	spread := math.Sqrt(math.Ln2) // as wide as its mean
	took := seconds(c.Handle.Seconds() * math.Exp(spread*c.rand.NormFloat64()-spread*spread/2))
	c.tally.busy += took
	c.events.add(c.now+took, func() {
		c.handling = c.handling.Add(took)
		c.release(agent)
	})
}

// pass lets time go by: who waits while an agent is left free for a call that
// is out is as good as an agent who is kept.
func (c *centre) pass(at time.Duration) {
	if c.waiting() > 0 || len(c.due) > 0 {
		c.tally.locked += time.Duration(min(c.out(), len(c.free))) * (at - c.now)
	}
	c.now = at
}

// audit finds what must never be.
func (c *centre) audit() {
	switch {
	case len(c.free)+len(c.busy) != c.Agents:
		c.tally.wrong("an agent is free and busy")
	case c.out() > len(c.free) || c.dials[true] > len(c.fit(true)):
		c.tally.wrong("more calls are out than agents are free who can take them")
	}
}

func (c *centre) clock() time.Time { return began.Add(c.now) }

// seconds is a number of them, up to a year.
func seconds(s float64) time.Duration {
	return time.Duration(min(s, 365*24*3600) * float64(time.Second))
}
