package callback

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/ivr"
)

// A round serves those who wait, on the line and for their promised call, as
// long as agents are free for them.
type round struct {
	desk   *Desk
	tx     Tx
	limit  int // of calls that may be placed
	line   []Waiter
	rings  []Ring
	talks  []Talk // that were moved on
	queues []*Queue
	live   map[string][]dispatch.Person // by queue
	due    map[string][]dispatch.Person
	found  map[string]Callback // by ID, of due
	boots  map[string]string   // of the calls on the line
	vain   int                 // how many due callbacks were looked at since the last that was taken up
	left   map[string]bool     // queues whose next agent is for another process to take, or for the next round
}

// round looks who waits, among all in line. It is nil while none of them can be
// called up.
func (d *Desk) round(tx Tx, all []Waiter, limit int) (*round, error) {
	if !slices.ContainsFunc(all, func(w Waiter) bool { return w.Ready }) {
		return nil, nil
	}
	r := &round{
		desk: d, tx: tx, limit: limit, line: all, found: map[string]Callback{}, boots: map[string]string{}, left: map[string]bool{},
		live: map[string][]dispatch.Person{}, due: map[string][]dispatch.Person{},
	}
	for _, w := range all {
		if w.Ready && d.Queues[w.Queue] != nil {
			r.live[w.Queue] = append(r.live[w.Queue], dispatch.Person{ID: w.Talk, Since: w.Place, Called: w.Called})
			r.boots[w.Talk] = w.Boot
		}
	}
	for _, line := range r.live {
		slices.SortStableFunc(line, dispatch.CalledFirst)
	}
	for _, name := range sorted(d.Queues) {
		r.queues = append(r.queues, d.Queues[name])
	}
	return r, r.promises()
}

// promises gathers the callbacks that are due, by when their promise ends.
func (r *round) promises() error {
	if r.limit == 0 {
		return nil
	}
	due, err := r.desk.dueFirst(r.tx, r.limit+widest)
	if err != nil {
		return err
	}
	for _, c := range due {
		p := dispatch.Person{ID: c.ID, Since: r.desk.told(c), By: r.desk.ends(c)}
		if !c.Place.IsZero() {
			p.Since, p.Kept = c.Place, true
		}
		r.due[c.Queue], r.found[c.ID] = append(r.due[c.Queue], p), c
	}
	return nil
}

// ends is when the promise of a callback would break: whose place in line was
// kept is to be called by the time that he was told.
func (d *Desk) ends(c Callback) time.Time {
	if !c.Place.IsZero() {
		return d.told(c)
	}
	return c.Until
}

// serve serves everybody for whom an agent is free.
func (r *round) serve() error {
	for {
		served, err := r.next()
		if err != nil || !served {
			return err
		}
	}
}

// next serves one person, or finds that he cannot be served now. It reports
// false when there is nobody to serve.
func (r *round) next() (bool, error) {
	all, n, err := r.desk.atHand(r.tx)
	if err != nil {
		return false, err
	}
	views := make([]dispatch.View, len(r.queues))
	for i, q := range r.queues {
		views[i] = dispatch.View{Now: r.desk.Now(), Live: r.live[q.Name], Due: r.due[q.Name]}
		if !r.left[q.Name] {
			free := r.desk.freeOf(r.desk.poolOf(q, len(r.live[q.Name]) > 0), all)
			views[i].Idle, views[i].Dials = len(free), len(free)-n.Left(free)
		}
	}
	c, i := r.choose(views, all, n)
	if i < 0 {
		return false, nil
	}
	q := r.queues[i].Name
	if !c.Live {
		r.due[q] = r.due[q][1:]
		return true, r.dial(r.found[c.Person.ID])
	}
	r.live[q] = r.live[q][1:]
	if r.boots[c.Person.ID] != r.desk.Boot {
		r.left[q] = true // who has the call takes the agent
		return true, nil
	}
	return true, r.callUp(c.Person.ID)
}

// choose is [dispatch.Rule.Among], without promises for which no agent can be had: there
// may be thousands.
func (r *round) choose(views []dispatch.View, team []Status, n dispatch.Needs) (dispatch.Choice, int) {
	for {
		c, i := dispatch.Default().Among(views)
		if i < 0 || c.Live || r.desk.someoneFor(team, r.found[c.Person.ID], n) {
			return c, i
		}
		views[i].Due = views[i].Due[1:]
		r.due[r.queues[i].Name] = views[i].Due
	}
}

// dial takes up a promise. What is more than the limit, or comes after many in vain, the
// next round takes up: nobody behind it has its agent.
func (r *round) dial(c Callback) error {
	if len(r.rings) >= r.limit || len(r.rings) > 0 && r.vain == inVain {
		r.left[c.Queue] = true
		return nil
	}
	rings, err := r.desk.takeUp(r.tx, r.line, c)
	if r.vain++; len(rings) > 0 {
		r.vain, r.rings = 0, append(r.rings, rings...)
	}
	return err
}

// callUp tells the menu of a caller that somebody is free for him, if that is
// so: the free agents may not speak his language.
func (r *round) callUp(talk string) error {
	d, tx := r.desk, r.tx
	if _, ahead := d.live.ahead(talk); ahead {
		return nil // the store does not know what he did meanwhile
	}
	t, err := tx.Talk(talk)
	if errors.Is(err, ErrNotFound) || err == nil && !t.holds() {
		return tx.DropWaiter(talk)
	}
	if err != nil {
		return err
	}
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return err
	}
	free, _, err := d.freeOnLine(tx, &t, q)
	if err != nil || len(free) == 0 {
		return err
	}
	if ok, err := d.reaches(tx, t, free); err != nil || !ok {
		return err
	}
	node := t.State.Node
	err = d.goOn(tx, &t, ivr.Event{Kind: ivr.Free})
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, errCircle):
		return &stuckError{talk, err}
	case err != nil:
		return err
	case t.holds() && t.State.Node == node:
		return &stuckError{talk, errInVain}
	}
	r.talks = append(r.talks, t)
	return nil
}

// reaches reports whether a caller who is called up now comes to one of those
// who are free, as far as his menu names whom he waits for. Called up in vain
// he would be back in line at once, and be called up again.
func (d *Desk) reaches(tx Tx, t Talk, free []string) (bool, error) {
	menu, err := d.menuOf(tx, &t)
	if err != nil || menu == nil {
		return true, err // step says what is wrong
	}
	f, err := d.facts(tx, &t)
	if err != nil {
		return false, err
	}
	_, turn := menu.Step(t.State, ivr.Event{Kind: ivr.Free}, f)
	if turn.Connect == nil {
		return true, nil
	}
	agent, named := strings.CutPrefix(turn.Connect.To, "agent:")
	return !named || slices.Contains(free, agent), nil
}

// goOn takes an event of the desk's own in a talk.
func (d *Desk) goOn(tx Tx, t *Talk, e ivr.Event) error {
	if err := d.step(tx, t, e); err != nil {
		return err
	}
	return d.settleTalk(tx, t, e)
}

// Moved returns a channel that is closed when the desk has moved a talk on
// beyond a turn, of its own accord: for an [ivr.Free], Next then returns what
// comes next. The line calls stop when it waits no longer.
func (d *Desk) Moved(talk string, turn int) (moved <-chan struct{}, stop func()) {
	return d.live.await(talk, turn)
}
