package simulation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// roster lets agents come and go. Who is on a call stays there.
func (w *world) roster(ctx context.Context, p *process) {
	for _, name := range slices.Sorted(maps.Keys(p.desk.Agents)) {
		if w.moment("goes", name) > 0.3 {
			continue
		}
		duty := callback.Duty{Agent: name, To: callback.Available}
		switch x := w.moment("break", name); {
		case x < 0.15:
			duty.To, duty.Reason = callback.OnBreak, "lunch"
			w.saw("a break with a reason")
		case x < 0.2:
			duty.To = callback.Offline
		}
		switch x := w.moment("by telephone", name); {
		case x < w.plan.dialIns:
			w.people.Go(func() { w.dialsIn(name) })
			continue
		case x < w.plan.dialIns+0.2:
			w.people.Go(func() { w.dialsCode(p, duty) })
			continue
		}
		_ = p.desk.SetDuty(ctx, duty)
	}
}

// dialsCode has an agent say by star code what he does now.
func (w *world) dialsCode(p *process, d callback.Duty) {
	code := map[callback.AgentState]callback.Phone{callback.Available: "*1", callback.OnBreak: "*2", callback.Offline: "*4"}[d.To]
	talk := w.newID("code", d.Agent)
	w.turns.wait(p.no, " code ", talk)
	if p.dead() {
		return
	}
	who := &deskCaller{}
	l := p.leg(who, nil, talk)
	defer l.end()
	p.holds(l, callback.Inbound{Talk: talk, Line: "simulated", From: callback.Phone(d.Agent), To: code})
	w.turns.wait(p.no, " coded ", talk)
	if who.told == "" || p.dead() {
		return
	}
	w.saw("star code")
	if d.To != callback.Available {
		w.isAway(p, d)
	}
}

// isAway: whoever has heard that he is on a break, or off, is not at work any more
// once the call is over in which he may be. Nobody else sends him back.
func (w *world) isAway(p *process, d callback.Duty) {
	var s callback.Status
	err := p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		s, err = tx.Status(d.Agent)
		return err
	})
	if err != nil || s.State != d.To && s.Next != d.To {
		w.violated("I34", "%s was told that he is at %s, and is %s, %v", d.Agent, d.To, s.State, err)
	}
}

// A deskCaller is an agent who calls us, and says nothing.
type deskCaller struct{ told string }

func (*deskCaller) String() string { return "agent" }

func (c *deskCaller) hear(say []ivr.Prompt) {
	for _, p := range say {
		if strings.HasPrefix(p.Name, "you_") {
			c.told = p.Name
		}
	}
}

func (*deskCaller) press([]ivr.Prompt) (string, bool) { return "", true }

// promises has somebody called back by an agent of whom he asked for.
func (w *world) promises(ctx context.Context, p *process) {
	if w.moment("books") > 0.25 || time.Now().After(w.plan.end()) {
		return
	}
	from := places[w.pick(len(places), "books for")]
	owner := fmt.Sprintf("%s%d", from.queue, w.pick(3, "owner"))
	c, err := p.desk.Book(ctx, callback.Request{
		Queue: from.queue, Phone: callback.Phone(phone(from, w.pick(customers, "books for"))), Lang: bureaus[from.queue].lang,
		Owner: owner, Key: w.newID("request"), Actor: "operator",
	})
	if err == nil && c.Owner == owner {
		w.mu.Lock()
		w.owners[c.ID] = owner
		w.mu.Unlock()
	}
}

// dialling is stopped at times, and started again, whoever has stopped it.
func (w *world) dialling(ctx context.Context, p *process) {
	now, err := p.desk.Dialing(ctx)
	switch x := w.moment("dialling"); {
	case err != nil:
	case now.Stopped && now.Actor == "desk":
		w.saw("dialling stopped by itself")
		_ = p.desk.StartDialing(ctx, "operator")
	case now.Stopped && x < 0.7:
		_ = p.desk.StartDialing(ctx, "operator")
	case !now.Stopped && x < 0.02:
		w.saw("dialling was stopped")
		_ = p.desk.StopDialing(ctx, "operator", "a drill")
	}
}

// deaf reports whether nobody takes a call today: dialling then stops by itself.
func (w *world) deaf() bool {
	return w.chance("deaf", w.clock().UTC().YearDay()) < 0.12
}
