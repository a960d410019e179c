package twiliosim

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// dial joins the call with others, and goes on when that is over.
func (c *call) dial(ctx context.Context, p page, v verb) step {
	outcome := url.Values{"DialCallStatus": {"failed"}}
	switch rooms := only(v, "Conference"); {
	case len(rooms) == 1:
		outcome = c.meet(ctx, p, rooms[0])
	case len(v.Inner) == 0 || len(only(v, "Number"))+len(only(v, "Sip"))+len(only(v, "Client")) == len(v.Inner):
		outcome = c.reach(ctx, p, v)
	default:
		c.sim.problem("call %s: the simulator cannot dial %s", c.SID, v.Source)
	}
	if ctx.Err() != nil {
		return step{end: true}
	}
	if action := v.attr("action", ""); action != "" {
		return step{next: p.resolve(action), form: outcome}
	}
	return step{}
}

func only(v verb, name string) []verb {
	return slices.DeleteFunc(slices.Clone(v.Inner), func(v verb) bool { return v.name() != name })
}

// reach rings whom a <Dial> names, all at once, and joins the call with the
// first who takes it.
func (c *call) reach(ctx context.Context, p page, v verb) url.Values {
	whom := v.Inner
	if len(whom) == 0 {
		whom = []verb{v}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	race := &race{won: make(chan *call, 1), over: make(chan struct{})}
	for _, w := range whom {
		race.wait.Go(func() { c.leg(ctx, p, v, w, race) })
	}
	go func() {
		race.wait.Wait()
		close(race.over)
	}()
	select {
	case other := <-race.won:
		c.join(ctx, other)
		stop()
		<-race.over
		return url.Values{"DialCallStatus": {"completed"}, "DialCallSid": {other.SID}, "DialBridged": {"true"}}
	case <-race.over:
	case <-ctx.Done():
		<-race.over
	}
	return url.Values{"DialCallStatus": {race.outcome}, "DialBridged": {"false"}}
}

// race is between those who are rung at once.
type race struct {
	wait sync.WaitGroup
	won  chan *call
	over chan struct{}

	mu      sync.Mutex
	outcome string
}

// win reports whether c is the first.
func (r *race) win(c *call) bool {
	select {
	case r.won <- c:
		return true
	default:
		return false
	}
}

func (r *race) lose(outcome string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcome = outcome
}

// leg rings one of those whom a <Dial> names.
func (c *call) leg(ctx context.Context, p page, dial, v verb, race *race) {
	s := c.sim
	to := strings.TrimSpace(v.Text)
	person := s.personAt(to)
	s.mu.Lock()
	other := s.newCall(dial.attr("callerId", c.From), to, "outbound-dial", person)
	other.Parent = c.SID
	if address := v.attr("statusCallback", ""); address != "" {
		other.statusURL = p.resolve(address)
		other.events = strings.Fields(v.attr("statusCallbackEvent", "completed"))
	}
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, other.hangUp)
	defer stop()
	other.place(dial.seconds("timeout", 30), func() {
		if whisper := v.attr("url", ""); whisper != "" && !other.whisper(p.resolve(whisper)) {
			return
		}
		if race.win(other) {
			<-other.ctx.Done()
		}
	})
	race.lose(other.copy().Status)
}

// whisper says something to one who has answered, before they are joined. They
// may hang up, or be hung up on.
func (c *call) whisper(address string) bool {
	form := url.Values{}
	for range maxDocuments {
		next := c.obey(c.ctx, address, "", form)
		if c.ctx.Err() != nil || next.hungUp {
			return false
		}
		if next.next == "" {
			return true
		}
		address, form = next.next, next.form
	}
	return false
}

// join lets two people talk until one of them hangs up, or ctx ends.
func (c *call) join(ctx context.Context, other *call) {
	c.log("talks to %s", other.To)
	other.log("talks to %s", c.From)
	var both sync.WaitGroup
	defer both.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	both.Go(func() { c.talk(ctx, other.SID) })
	both.Go(func() { other.talk(ctx, c.SID) })
	select {
	case <-other.ctx.Done():
	case <-ctx.Done():
		other.hangUp()
	}
}

// talk lasts until the person hangs up, or ctx ends.
func (c *call) talk(ctx context.Context, room string) {
	if c.person.Talk == nil {
		return
	}
	c.person.Talk(ctx, c.copy(), room)
	if ctx.Err() == nil {
		c.log("hangs up")
		c.hangUp()
	}
}
