package simulation

import (
	"context"
	"fmt"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// How often an agent in a call puts the other through, and has hung up before
// somebody has taken it.
const (
	putsThrough  = 0.2
	leavesAtOnce = 0.5
)

// wishes is the agent of two who are joined putting the other through, if he wants
// to. Nobody is put through twice.
func (w *world) wishes(near, far *leg) *liveline.TransferError {
	by, stays := near, far
	if _, is := near.who.(*agent); !is {
		by, stays = far, near
	}
	who, is := by.who.(*agent)
	if !is || stays.sent || w.moment("puts through", who) >= putsThrough {
		return nil
	}
	return &liveline.TransferError{
		By: by, To: "sip:" + w.whom(who) + "@example.com",
		Answer: func(no error) { w.sends(by, stays, no) },
		News: func(code int) {
			if code >= 300 && w.plan.bug.dropsInVain {
				stays.end()
			}
		},
	}
}

// whom chooses to whom an agent puts people through: a queue, or a colleague.
func (w *world) whom(who *agent) string {
	name := nameAt(who.addr)
	queue := name[:len(name)-1]
	if b := bureaus[queue]; b.order != callback.Adaptive && w.moment("colleague", who) < 0.5 {
		return fmt.Sprint(queue, w.pick(len(b.team), "which colleague", who))
	}
	return []string{"billing", "jersey", "london"}[w.pick(len(bureaus), "which queue", who)]
}

// nameAt is whose telephone it is.
func nameAt(addr string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(addr, "sip:"), "@")
	return name
}

// A move is somebody being put through.
type move struct {
	by       string // the telephone of the agent
	callback string // by which we have called; "" for who called us
}

// sends has somebody wait for the other to whom he is put through.
func (w *world) sends(by, stays *leg, no error) {
	if no != nil {
		w.saw("put through to nobody")
		return
	}
	m := &move{by: fmt.Sprint(by.who)}
	if _, called := stays.who.(*customer); called {
		_, c, err := stays.p.intent(stays.name)
		if err != nil {
			w.violated("store", "callback of %s: %v", stays.name, err)
		}
		m.callback = c.ID
	}
	stays.sent = true
	stays.move.Store(m)
	if w.moment("leaves at once", by.who) < leavesAtOnce {
		by.end()
	}
}

// meets is somebody who may have been put through, and speaks with another.
func (l *leg) meets(other *leg) {
	switch m := l.move.Swap(nil); {
	case m == nil:
	case m.by == fmt.Sprint(other.who):
		l.w.saw("put through in vain")
	default:
		l.w.saw("put through")
	}
}

// hearsOn is somebody in the menu who was put through, and whom nobody took: who
// called us chooses what to do then. Who only hears an apology does not.
func (l *leg) hearsOn(say []ivr.Prompt) {
	if _, in := l.who.(*caller); in && (!said(say, "sorry") || !said(say, "goodbye")) && l.move.Swap(nil) != nil {
		l.w.saw("put through in vain, and in the menu again")
	}
}

// parts is the end of the call of somebody who may be waiting for the other to whom
// he is put through.
func (l *leg) parts() {
	m := l.move.Swap(nil)
	switch {
	case m == nil:
	case !l.p.dead():
		l.w.people.Go(func() { l.isPromised(m) })
	case m.callback != "":
		l.w.saw("put through in a crash")
		l.w.mu.Lock()
		defer l.w.mu.Unlock()
		l.w.cut = append(l.w.cut, m.callback)
	}
}

// isPromised: who was put through, and for whom nobody was there, is called again.
func (l *leg) isPromised(m *move) {
	if !l.p.wait(named(l.p.ctx, "put through ", l.name), served) || l.w.unheard(l.name) {
		return
	}
	if m.callback == "" {
		l.w.violated("I37", "%s was put through, and his call ended with nobody", l.who)
		return
	}
	var c callback.Callback
	err := l.p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		if c, err = tx.Callback(m.callback); err == nil && c.State.Over() {
			_, err = tx.OpenCallback(c.Queue, c.Phone)
		}
		return err
	})
	if err != nil {
		l.w.violated("I37", "%s was put through, nobody was there, his callback is %s, and he has no other: %v", l.who, c.State, err)
		return
	}
	l.w.saw("put through in vain, and promised another call")
}

// auditMoves: nobody takes for served whom a crash has cut off while he was put
// through.
func (w *world) auditMoves() {
	for _, id := range w.cut {
		if !w.books.cut[id] {
			w.violated("I37", "the customer of callback %s was cut off while he was put through, and nobody knows", id)
		}
	}
}

// What the transactions are named by in which people are put through.
const (
	toQueue     = "puts through to a queue "
	toColleague = "puts through to a colleague "
)

// A board is the desk as a line has it, by which agents put people through.
type board struct{ p *process }

var _ liveline.Switchboard = board{}

// Transfer implements [liveline.Switchboard]. Who wants a colleague sees at his desk
// who is in a call.
func (b board) Transfer(ctx context.Context, talk, to string) (callback.Handover, error) {
	if _, queue := bureaus[nameAt(to)]; !queue {
		return b.TransferIdle(ctx, talk, to)
	}
	h, err := b.p.desk.Transfer(named(ctx, toQueue, talk), talk, to)
	return b.remember(h, err)
}

// TransferIdle implements [liveline.Switchboard].
func (b board) TransferIdle(ctx context.Context, talk, to string) (callback.Handover, error) {
	h, err := b.p.desk.TransferIdle(named(ctx, toColleague, talk), talk, to)
	return b.remember(h, err)
}

// remember writes down who is rung for whom.
func (b board) remember(h callback.Handover, err error) (callback.Handover, error) {
	if err != nil {
		return h, err
	}
	w := b.p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moves[h.To.Ref], w.moves[h.Back.Ref] = true, false // who asked is rung again without a line in the ledger
	w.takers[h.With] = nameAt(h.To.Addr)
	return h, nil
}

// Transferred implements [liveline.Switchboard].
func (b board) Transferred(ctx context.Context, talk string, h callback.Handover, outcome ivr.Outcome) error {
	return b.p.desk.Transferred(named(ctx, "has put through ", talk), talk, h, outcome)
}

// Parted implements [liveline.Switchboard].
func (b board) Parted(ctx context.Context, h callback.Handover) error {
	b.p.stir()
	return b.p.desk.Parted(named(ctx, "parted ", h.To.Ref), h)
}

// Deserted implements [liveline.Switchboard].
func (b board) Deserted(ctx context.Context, talk string) error {
	return b.p.desk.Deserted(named(ctx, "deserted ", talk), talk)
}

// engaged reports whether the telephone of somebody is busy to whom a person is put
// through: what he does is known, and not that he still hears goodbye.
func (w *world) engaged(c liveline.Call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, moves := w.moves[c.Ref]
	return moves && w.live[c.Addr] > 0
}

// moveKnown reports whether a call for somebody who is put through is in the ledger.
func (p *process) moveKnown(ref string) bool {
	return p.store.View(context.Background(), func(tx callback.Tx) error {
		_, err := tx.Attempt(ref)
		return err
	}) == nil
}

// taker reports whether somebody takes over the person of a talk.
func (w *world) taker(s callback.Status) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.takers[s.Ref] == s.Agent && (s.State == callback.OnRing || s.State == callback.OnCall)
}
