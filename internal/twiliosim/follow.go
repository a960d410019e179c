package twiliosim

import (
	"context"
	"maps"
	"net/url"
	"strings"
)

// maxDocuments is how many documents a call may have before it counts as a
// loop.
const maxDocuments = 500

// step is what follows a verb.
type step struct {
	next   string     // the document to ask for
	form   url.Values // what is told with it
	end    bool       // nothing follows
	hungUp bool       // because the document said so
}

// follow carries out a document, and all that follow it.
func (c *call) follow(address, fallback string) {
	form := url.Values{}
	for range maxDocuments {
		ctx, done := c.newTurn()
		next := c.obey(ctx, address, fallback, form)
		done()
		if other := c.redirected(); other != "" {
			next = step{next: other}
		}
		if c.ctx.Err() != nil || next.next == "" {
			return
		}
		address, form = next.next, next.form
	}
	c.sim.problem("call %s: more than %d documents: a loop", c.SID, maxDocuments)
}

// newTurn begins a document, which a redirect can break off.
func (c *call) newTurn() (context.Context, context.CancelFunc) {
	ctx, done := context.WithCancel(c.ctx)
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.turn = done
	if c.redirect != "" { // it came between two documents
		done()
	}
	return ctx, done
}

// redirected takes the document that a REST request has asked for.
func (c *call) redirected() string {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	next := c.redirect
	c.redirect = ""
	return next
}

func (c *call) obey(ctx context.Context, address, fallback string, more url.Values) step {
	if ctx.Err() != nil {
		return step{end: true}
	}
	form := c.form()
	maps.Copy(form, more)
	p, err := c.sim.ask(ctx, "voice", address, fallback, form)
	c.pickUp()
	if err != nil {
		if ctx.Err() == nil {
			c.sim.problem("call %s: %v", c.SID, err)
			c.log("application error")
		}
		return step{end: true}
	}
	return c.carryOut(ctx, p)
}

// pickUp answers a call that has reached us, once we have said what to do.
func (c *call) pickUp() {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	if c.Status == "ringing" {
		c.Status, c.answered = "in-progress", c.sim.config.Now()
	}
}

// carryOut does what a document says, until something follows from it.
func (c *call) carryOut(ctx context.Context, p page) step {
	for _, v := range p.verbs {
		next, ok := c.do(ctx, p, v)
		if !ok {
			c.sim.problem("call %s: the simulator cannot carry out <%s>", c.SID, v.name())
		}
		if ctx.Err() != nil || next.end || next.next != "" {
			return next
		}
	}
	return step{end: true}
}

// do carries out one verb; false when the simulator cannot.
func (c *call) do(ctx context.Context, p page, v verb) (step, bool) {
	switch v.name() {
	case "Say", "Play", "Pause":
		c.prompt(ctx, p, v)
		return step{}, true
	case "Gather":
		return c.gather(ctx, p, v), true
	case "Record":
		return c.record(ctx, p, v), true
	case "Redirect":
		return step{next: p.resolve(v.Text)}, true
	case "Hangup", "Reject":
		c.log("hung up by us")
		return step{end: true, hungUp: true}, true
	case "Dial":
		return c.dial(ctx, p, v), true
	case "Enqueue":
		return c.enqueue(ctx, p, v), true
	case "Leave":
		return step{next: leaveQueue}, true
	}
	return step{}, false
}

// prompt says something, and goes on.
func (c *call) prompt(ctx context.Context, p page, v verb) {
	switch v.name() {
	case "Pause":
		c.sim.wait(ctx, v.seconds("length", 1))
	case "Say":
		c.hear(v.words())
	case "Play":
		if words := c.sim.clip(ctx, p.resolve(v.Text)); ctx.Err() == nil {
			c.hear(words)
		}
	}
	if v.attr("loop", "1") == "0" {
		<-ctx.Done()
	}
}

func (c *call) hear(words string) {
	c.log("hears %s", words)
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.said = append(c.said, words)
}

// heard takes all that was said since the last time.
func (c *call) heard() []string {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	said := c.said
	c.said = nil
	return said
}

// gather listens for keys while it speaks.
func (c *call) gather(ctx context.Context, p page, v verb) step {
	for _, inner := range v.Inner {
		c.prompt(ctx, p, inner)
	}
	keys := ""
	if ctx.Err() == nil && c.person.Press != nil {
		keys = c.person.Press(ctx, c.copy(), c.heard())
	}
	if keys == Hangup {
		c.log("hangs up")
		c.hangUp()
		return step{end: true}
	}
	digits, whole := entered(v, keys)
	if !whole { // it waits for more
		c.sim.wait(ctx, v.seconds("timeout", 5))
	}
	if ctx.Err() != nil {
		return step{end: true}
	}
	c.log("presses %q", keys)
	if digits == "" && !v.yes("actionOnEmptyResult", false) {
		return step{}
	}
	return step{next: p.resolve(v.attr("action", "")), form: url.Values{"Digits": {digits}, "msg": {"Gather End"}}}
}

// entered is what of the keys reaches us, and whether no more are waited for.
func entered(v verb, keys string) (digits string, whole bool) {
	if finish := v.attr("finishOnKey", "#"); finish != "" {
		if i := strings.IndexAny(keys, finish); i >= 0 {
			return keys[:i], true
		}
	}
	if n := v.count("numDigits", 0); n > 0 && len(keys) >= n {
		return keys[:n], true
	}
	return keys, false
}

// clip says what is heard when a sound is played.
func (s *Sim) clip(ctx context.Context, address string) string {
	if s.config.Clip == nil {
		return address
	}
	r, err := s.fetch(ctx, address)
	if ctx.Err() != nil {
		return ""
	}
	if err != nil || r.status != 200 || !strings.HasPrefix(r.kind, "audio/") {
		s.problem("sound %s: status %d, %q, %v", address, r.status, r.kind, err)
		return ""
	}
	return s.config.Clip(address, []byte(r.body))
}
