package twiliosim

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// leaveQueue is where <Leave> goes to. It is no address.
const leaveQueue = "leave:"

// enqueue lets the call wait in a queue, where it hears the document of
// waitUrl over and over, until that says <Leave>, or a REST request takes the
// call elsewhere.
func (c *call) enqueue(ctx context.Context, p page, v verb) step {
	name, since := strings.TrimSpace(v.Text), c.sim.config.Now()
	c.log("waits in %s", name)
	c.inQueue(name)
	defer c.inQueue("")
	wait := v.attr("waitUrl", "")
	if wait == "" {
		<-ctx.Done()
		return c.taken(p, v, since)
	}
	next, form := p.resolve(wait), url.Values{}
	for range maxDocuments {
		form.Set("QueuePosition", "1")
		form.Set("QueueTime", c.since(since))
		form.Set("CurrentQueueSize", "1")
		got := c.obey(ctx, next, "", form)
		if ctx.Err() != nil {
			return c.taken(p, v, since)
		}
		if got.next == leaveQueue {
			return c.left(p, v, since)
		}
		if next, form = got.next, got.form; next == "" {
			next = p.resolve(wait)
			c.sim.wait(ctx, time.Second)
		}
		if form == nil {
			form = url.Values{}
		}
	}
	c.sim.problem("call %s: more than %d documents in a queue", c.SID, maxDocuments)
	return step{end: true}
}

// inQueue notes in which queue the call waits; "" for none any more.
func (c *call) inQueue(name string) {
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "" && s.queues[name] == "" {
		s.queues[name] = s.newSID("QU")
	}
	c.waitsIn = s.queues[name]
}

func (c *call) left(p page, v verb, since time.Time) step {
	c.log("leaves %s", strings.TrimSpace(v.Text))
	if action := v.attr("action", ""); action != "" {
		return step{next: p.resolve(action), form: url.Values{"QueueResult": {"leave"}, "QueueTime": {c.since(since)}}}
	}
	return step{}
}

// taken tells the action that the call has left the queue by no wish of the
// document: somebody has hung up, or given the call another one. The answer
// changes nothing.
func (c *call) taken(p page, v verb, since time.Time) step {
	form := c.form()
	form.Set("QueueResult", "redirected")
	if c.ctx.Err() != nil {
		form.Set("QueueResult", "hangup")
		form.Set("CallStatus", "completed")
	}
	form.Set("QueueTime", c.since(since))
	if action := v.attr("action", ""); action != "" && c.sim.life.Err() == nil {
		if _, err := c.sim.askOnce(context.WithoutCancel(c.ctx), "voice", p.resolve(action), form); err != nil {
			c.sim.problem("call %s: %v", c.SID, err)
		}
	}
	return step{end: true}
}

func (c *call) since(t time.Time) string { return seconds(c.sim.config.Now().Sub(t)) }
