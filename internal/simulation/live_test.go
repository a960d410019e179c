package simulation

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // clocks of seven places, on any machine

	"github.com/holdless/holdless/callback"
)

// live runs a plan in a bubble of its own and returns what it came to.
func live(t *testing.T, p plan) *world {
	t.Helper()
	w := newWorld(t, p)
	synctest.Test(t, func(*testing.T) {
		w.enough = make(chan struct{}) // of the bubble: a wait for it lets time pass
		w.turns.begin()
		<-time.After(time.Until(p.from))
		quit, over := make(chan struct{}), make(chan struct{})
		var conductor sync.WaitGroup
		conductor.Go(func() { w.turns.conduct(over) })
		w.boot()
		w.people.Go(func() { w.supervise(quit) })
		w.people.Go(func() { w.operate(quit) })
		w.people.Go(func() { w.turnClocks(quit) })
		for no := range w.plan.clerks {
			w.people.Go(func() { w.works(no) })
		}
		w.call()
		w.comeToAnEnd()
		close(quit)
		w.people.Wait()
		close(over)
		conductor.Wait()
		w.audit()
	})
	return w
}

// comeToAnEnd waits for what is under way: a callback is promised for a week,
// moved for another, and tried for two days.
func (w *world) comeToAnEnd() {
	const day = 24 * time.Hour
	w.pass(time.Duration(w.plan.after) * day / 3)
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	w.pass(time.Duration(w.plan.after) * day * 2 / 3)
}

// pass lets time pass; false when enough was seen.
func (w *world) pass(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-w.enough:
		return false
	}
}

// supervise starts the service again when it has crashed, and every few days
// for no reason but an upgrade.
func (w *world) supervise(quit <-chan struct{}) {
	upgrade := time.NewTicker(77 * time.Hour)
	defer upgrade.Stop()
	for {
		p := w.current()
		select {
		case <-p.dying:
			w.turns.wait("supervisor")
			p.bury()
			<-time.After(w.between(time.Second, 90*time.Second, "down"))
		case <-upgrade.C:
			w.turns.wait("supervisor")
			p.retire()
		case <-quit:
			p.bury()
			return
		}
		w.boot()
	}
}

func (w *world) current() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) quiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calm
}

// call lets people call us, until the plan is over.
func (w *world) call() {
	end := w.plan.end()
	mean := 24 * time.Hour / time.Duration(w.plan.perDay)
	for time.Now().Before(end) && w.pass(w.between(0, 2*mean, "next caller")) {
		people, same := 1, false
		switch x := w.moment("burst"); {
		case x < 0.02:
			people = 6
		case x < 0.02+w.plan.rushes: // to one number, for a person
			people, same = w.plan.crowd, true
		}
		for i := range people {
			w.people.Go(func() { w.callsUs(i, same) })
		}
	}
}

// callsUs is a call that comes in: one of several at this instant, and then of a
// rush if they all want the same.
func (w *world) callsUs(i int, rush bool) {
	wanted := i
	if rush {
		wanted = 0
	}
	from := places[w.pick(len(places), "place", wanted)]
	c := &caller{w: w, phone: phone(from, w.pick(customers, "who", i)), hides: w.moment("hides", i) < 0.05}
	c.wants = w.moment("wants", i) < 0.1 || rush && w.moment("wants", i) < 0.9
	w.turns.wait("calls ", i, " ", time.Now().UnixNano())
	p := w.current()
	if p.dead() {
		w.saw("called while we were down")
		return
	}
	p.takes(c, from.number)
}

// operate is what supervisors do: agents come and go, and those who were cut
// off by a crash are called again, or not.
func (w *world) operate(quit <-chan struct{}) {
	for {
		w.turns.wait("operator")
		w.decide(w.current())
		select {
		case <-quit:
			return
		case <-time.After(2 * time.Hour):
		}
	}
}

func (w *world) decide(p *process) {
	ctx := named(p.ctx, "operator")
	w.roster(ctx, p)
	w.promises(ctx, p)
	w.dialling(ctx, p)
	lost, err := p.desk.List(ctx, callback.Filter{States: []callback.State{callback.Interrupted}})
	if err != nil {
		return
	}
	for _, c := range lost {
		w.saw("interrupted")
		w.settle(ctx, p, c)
	}
}

func (w *world) settle(ctx context.Context, p *process, c callback.Callback) {
	switch x := w.moment("settle", c.Phone); {
	case x < 0.4:
		w.again(c)
		_ = p.desk.Requeue(ctx, c.ID, "operator")
	case x < 0.7:
		_ = p.desk.Close(ctx, c.ID, "operator", "reached by hand")
	}
}

// again writes down that a person has somebody called who may have been reached.
func (w *world) again(c callback.Callback) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requeued[c.ID] = time.Now()
	w.decided[c.ID]++
}

// turnClocks sets the clock of the machine wrong at times, and right again.
func (w *world) turnClocks(quit <-chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-time.After(20 * time.Hour):
		}
		if !w.plan.jumps || w.quiet() {
			continue
		}
		steps := []time.Duration{2 * time.Hour, -2 * time.Hour, -24 * time.Hour, 24 * time.Hour}
		w.setClock(steps[w.pick(len(steps), "clock")])
		<-time.After(40 * time.Minute)
		w.setClock(0)
	}
}

func (w *world) setClock(off time.Duration) {
	w.saw("clock was set")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = off
}
