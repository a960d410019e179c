package simulation

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// What a desk is held to when it chooses whom to serve. It is said here once
// more, in other words than the product's, and looked at in the transaction in
// which the desk has chosen, before it is committed.
const (
	near     = 8 * time.Minute  // a promise that ends so soon goes before callers in line
	window   = 15 * time.Minute // of a promise
	lastCall = 3 * time.Minute  // so long before its end, a callback is nobody's own any more
	tooLate  = 24 * time.Hour
)

// choices are what a transaction has decided about who is served.
type choices struct {
	rung  map[string]string            // agents who are rung, by the talk that they are rung for
	calls []callback.Attempt           // intents
	up    []string                     // talks of callers who were called up
	dials map[string]callback.Callback // taken up, by ID: what it was before
	moved map[string]callback.State    // and what it became
	agent map[string]string            // who is rung, or kept, for it
	ready map[string]bool              // who could be called up, when it was first looked at
	until map[string]time.Time         // true ends of promises that a planted bug hides
	owner map[string]string            // true owners, likewise
}

func newChoices() choices {
	return choices{
		rung: map[string]string{}, dials: map[string]callback.Callback{}, moved: map[string]callback.State{}, agent: map[string]string{},
		ready: map[string]bool{}, until: map[string]time.Time{}, owner: map[string]string{},
	}
}

// An order is a transaction that has served somebody, and is looked at.
type order struct {
	choices
	w    *world
	p    *process
	tx   callback.Tx // without the planted bugs
	now  time.Time
	team []callback.Status
}

// audit looks at what a transaction has chosen. Serving is whether it is one
// that serves those who wait, in turn.
func (s *spy) audit(p *process, serving bool) error {
	if len(s.calls) == 0 && len(s.dials) == 0 || s.queue || s.colleague { // whom an agent puts through, he chooses
		return nil
	}
	o := &order{choices: s.choices, w: s.w, p: p, tx: s.Tx, now: s.w.clock()}
	var err error
	if o.team, err = s.Tx.Statuses(); err != nil {
		return err
	}
	for _, look := range []func() error{o.stopped, o.languages, o.helpers} {
		err = errors.Join(err, look())
	}
	if serving {
		for _, look := range []func() error{o.deadlines, o.line, o.owners, o.unkept} {
			err = errors.Join(err, look())
		}
	}
	if s.dialIn {
		err = errors.Join(err, o.unkept(), o.owned())
	}
	return err
}

// who is what is true of an agent, whatever a desk was told.
func who(name string) (callback.Agent, callback.Order) {
	for queue, b := range bureaus {
		if n, ok := strings.CutPrefix(name, queue); ok && len(n) == 1 {
			return b.team[n[0]-'0'], b.order
		}
	}
	return callback.Agent{}, ""
}

// fits reports whether an agent speaks a language, and knows a matter.
func fits(name, lang, topic string) (speaks, knows bool) {
	a, _ := who(name)
	speaks = lang == "" || len(a.Languages) == 0 || slices.Contains(a.Languages, lang)
	knows = topic == "" || len(a.Skills) == 0 || slices.Contains(a.Skills, topic)
	return speaks, knows
}

func both(speaks, knows bool) bool { return speaks && knows }

// atWork reports whether somebody else of the queue is at work who is like that.
func (o *order) atWork(queue string, is func(agent string) bool) bool {
	for i := range bureaus[queue].team {
		name := queue + string(rune('0'+i))
		s := o.status(name)
		if is(name) && s.State != callback.OnBreak && s.State != callback.Offline {
			return true
		}
	}
	return false
}

func (o *order) status(agent string) callback.Status {
	for _, s := range o.team {
		if s.Agent == agent {
			return s
		}
	}
	return callback.Status{Agent: agent, State: callback.Available}
}

// helps reports whether an agent is one of another queue.
func helps(agent, queue string) bool { return agent != "" && !strings.HasPrefix(agent, queue) }

// helpers: nobody is rung who works for another queue, unless that one helps out,
// and the caller has waited for long.
func (o *order) helpers() error {
	for talk, agent := range o.rung {
		t, err := o.tx.Talk(talk)
		if err != nil {
			return err
		}
		if !helps(agent, t.Queue) {
			continue
		}
		w, err := o.tx.Waiter(talk)
		switch waited := o.now.Sub(w.Came); {
		case err != nil || !strings.HasPrefix(agent, bureaus[t.Queue].helpers) || bureaus[t.Queue].helpers == "":
			o.w.violated("I35", "%s is rung for a caller of %s: %v", agent, t.Queue, err)
		case waited < helpAfter:
			o.w.violated("I35", "%s is rung for a caller of %s who has waited for %s", agent, t.Queue, waited)
		default:
			o.w.saw("others helped out")
		}
	}
	return nil
}

// stopped: nobody is taken up while dialling is stopped.
func (o *order) stopped() error {
	now, err := o.tx.Dialing()
	if err != nil || !now.Stopped {
		return err
	}
	for _, c := range o.dials {
		o.w.violated("I25", "%s is taken up, and dialling was stopped at %s: %s", c.Phone, now.At.UTC().Format(time.DateTime), now.Why)
	}
	return nil
}

// due are the promises that could be kept now by an agent: due, and neither put
// off nor given up, and not somebody else's own.
func (o *order) due(queue, agent string) ([]callback.Callback, error) {
	stop, err := o.tx.Dialing()
	if err != nil || stop.Stopped {
		return nil, err
	}
	all, err := o.tx.DueCallbacks(o.now, 1000)
	return slices.DeleteFunc(all, func(c callback.Callback) bool {
		return c.Queue != queue || c.Owner != "" || !both(fits(agent, c.Lang, c.Topic)) || o.now.Sub(c.At) > tooLate
	}), err
}

// isCustomer reports whether a talk is with a customer whom we have called, and
// who waits for an agent: he goes before all others.
func (o *order) isCustomer(talk string) bool {
	t, err := o.tx.Talk(talk)
	if err != nil || t.Menu != "customer" {
		return false
	}
	o.w.saw("a customer waited for an agent")
	return true
}

// deadlines: no caller in line goes before a promise that would break, nor
// before whoever keeps a place ahead of his.
func (o *order) deadlines() error {
	for _, talk := range o.up {
		w, err := o.tx.Waiter(talk)
		if err != nil || o.isCustomer(talk) {
			continue
		}
		if helps(o.rung[talk], w.Queue) { // who keeps no promises of this queue
			continue
		}
		due, err := o.due(w.Queue, o.rung[talk])
		if err != nil || o.rung[talk] == "" {
			return err
		}
		for _, c := range due {
			ends := c.Until
			if !c.Place.IsZero() {
				ends = ends.Add(-window)
			}
			switch {
			case ends.Sub(o.now) < near:
				o.w.violated("I26", "%s was called up in %s, before the promise of %s that ends in %s", w.Phone, w.Queue, c.Phone, ends.Sub(o.now))
			case !c.Place.IsZero() && c.Place.Before(w.Place):
				o.w.violated("I27", "%s was called up in %s, before %s whose place in line was kept", w.Phone, w.Queue, c.Phone)
			}
		}
		o.w.saw("called up")
		if len(due) > 0 {
			o.w.saw("a promise let a caller pass")
		}
	}
	return nil
}

// line: who came first is called up first, as long as the same agent could
// serve him.
func (o *order) line() error {
	all, err := o.tx.Waiters("")
	for _, talk := range o.up {
		mine, err := o.tx.Waiter(talk)
		if err != nil || o.isCustomer(talk) {
			continue
		}
		for _, w := range all {
			if w.Talk == talk || w.Queue != mine.Queue || !o.ready[w.Talk] || !w.Ready || w.Boot != mine.Boot || !w.Place.Before(mine.Place) || o.w.unheard(w.Talk) {
				continue
			}
			if helps(o.rung[talk], w.Queue) && o.now.Sub(w.Came) < helpAfter {
				continue // he keeps an older place, and has not waited for long
			}
			if lang, topic, waits := o.wish(w.Talk); !waits || !both(fits(o.rung[talk], lang, topic)) {
				continue
			}
			o.w.violated("I27", "%s was called up in %s, before %s who stands in line for longer", mine.Phone, w.Queue, w.Phone)
		}
	}
	return err
}

// wish is what somebody in line speaks, and his matter, if he still waits: that of a
// customer is of his callback.
func (o *order) wish(talk string) (lang, topic string, waits bool) {
	t, err := o.tx.Talk(talk)
	if err != nil || t.Menu != "customer" {
		return t.State.Lang, t.State.Data["topic"], err == nil && !t.Closed
	}
	c, err := o.tx.Callback(t.Callback)
	return c.Lang, c.Topic, err == nil && !t.Closed
}

// languages: nobody is rung who does not speak a language, or know a matter,
// while somebody is at work who does.
func (o *order) languages() error {
	for talk, agent := range o.rung {
		t, err := o.tx.Talk(talk)
		if err != nil {
			return err
		}
		lang, topic, queue := t.State.Lang, t.State.Data["topic"], t.Queue
		switch {
		case t.Menu == "customer": // who was kept for him was chosen before
			continue
		case t.Callback != "" && t.Menu == "agent":
			c, err := o.tx.Callback(t.Callback)
			if err != nil || c.Owner == agent {
				continue
			}
			lang, topic = c.Lang, c.Topic
		}
		speaks, knows := fits(agent, lang, topic)
		speaker := func(a string) bool { speaks, _ := fits(a, lang, topic); return speaks }
		switch {
		case !speaks && o.atWork(queue, speaker):
			o.w.violated("I28", "%s is rung, does not speak %s, and somebody at work does", agent, lang)
		case speaks && !knows && o.atWork(queue, func(a string) bool { return both(fits(a, lang, topic)) }):
			o.w.violated("I28", "%s is rung, does not know about %s, and somebody at work does", agent, topic)
		case lang != "" && speaks:
			o.w.saw("spoke his language")
		}
	}
	return nil
}

// owners: a callback of somebody's own is his, until half of the promised
// window is over.
func (o *order) owners() error {
	for id, c := range o.dials {
		own := o.w.ownerOf(id)
		if s := o.status(own); own == "" || s.State == callback.OnBreak || s.State == callback.Offline {
			continue
		}
		told := c.Until.Add(-window)
		own2, ends := told.Add(window/2), c.Until
		if !c.Place.IsZero() { // told a time as the latest, and no window
			ends = told
		}
		if last := ends.Add(-lastCall); last.Before(own2) {
			own2 = last
		}
		switch agent := o.agent[id]; {
		case agent == own:
			o.w.saw("the owner was rung")
		case o.now.Before(own2):
			o.w.violated("I29", "the callback of %s is %s's own, who is at work, and %q is rung or kept", c.Phone, own, agent)
		}
	}
	return nil
}

// unkept: there are never more calls without an agent kept for them than agents
// who are free.
func (o *order) unkept() error {
	for _, queue := range slices.Sorted(func(yield func(string) bool) {
		for _, c := range o.dials {
			if !yield(c.Queue) {
				return
			}
		}
	}) {
		all, err := o.tx.FindCallbacks(callback.Filter{Queue: queue, States: []callback.State{callback.CustomerDialing}})
		if err != nil {
			return err
		}
		out, free := 0, 0
		for _, c := range all {
			if c.Agent == "" && !o.served(c) {
				out++
			}
		}
		for i := range bureaus[queue].team {
			if o.idle(o.status(queue + string(rune('0'+i)))) {
				free++
			}
		}
		if out > 0 {
			o.w.saw("dialled without an agent kept")
		}
		if out > free {
			o.w.violated("I30", "%d calls of %s are out, and %d agents are free", out, queue, free)
		}
	}
	return nil
}

// served reports whether an agent is rung by now for a customer who was rung without
// one, or speaks with him.
func (o *order) served(c callback.Callback) bool {
	return slices.ContainsFunc(o.team, func(s callback.Status) bool {
		if s.State != callback.OnRing && s.State != callback.OnCall {
			return false
		}
		t, err := o.tx.Talk(s.Ref)
		return err == nil && t.Menu == "customer" && t.Callback == c.ID
	})
}

// idle reports whether an agent can take a call.
func (o *order) idle(s callback.Status) bool {
	since := o.now.Sub(s.Since)
	return s.State == callback.Available && since >= 0 || s.State == callback.WrappingUp && since >= 30*time.Second
}
