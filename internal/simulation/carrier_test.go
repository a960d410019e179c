package simulation

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// errDead is what a process hears of the world after it died: nothing.
var errDead = errors.New("the process is dead")

// A call is one that left a process, as the carrier saw it.
type call struct {
	ref, addr string
	customer  bool
	at        time.Time // true time
	shown     time.Time // what the process took for the time
	before    time.Time // after which nothing may leave
	boot      int
	ended     time.Time
}

// A trunk is the way of one process to the carrier.
type trunk struct {
	w *world
	p *process
}

var _ liveline.Line = (*trunk)(nil)

// Ring implements [liveline.Line].
func (l *trunk) Ring(ctx context.Context, c liveline.Call) (liveline.Leg, error) {
	l.w.turns.wait(l.p.no, " ring ", c.Ref)
	if l.p.point("before dial", c.Addr) {
		return nil, errDead
	}
	ctx = named(ctx, "ring ", c.Ref)
	if l.w.moment("stall", c.Addr) < 0.03 && l.stall(ctx, c) {
		return nil, unsent("the process stood still")
	}
	if l.p.dead() {
		return nil, errDead
	}
	if l.w.chance("outage", c.Addr, l.p.no, time.Now().Hour()) < 0.01 {
		l.w.saw("nothing sent")
		return nil, unsent("no trunk is up")
	}
	if l.w.engaged(c) {
		return nil, &liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("in another call")}
	}
	k := l.w.begin(l.p, c)
	if c.Begun != nil {
		c.Begun()
	}
	if l.p.point("after dial", c.Addr) {
		l.w.over(k)
		return nil, errDead
	}
	leg, err := l.answer(ctx, c, k)
	if err != nil {
		l.w.over(k)
	}
	return leg, err
}

// stall lets the process stand still between the intent and the call, and
// reports whether it noticed.
func (l *trunk) stall(ctx context.Context, c liveline.Call) bool {
	l.w.saw("stood still before the dial")
	l.p.wait(ctx, 700*time.Millisecond)
	return !l.w.plan.bug.noFence && !c.Before.IsZero() && !l.w.clock().Before(c.Before)
}

// Refer implements [liveline.Line].
func (l *trunk) Refer(context.Context, liveline.Leg, string) error {
	return errors.New("transfers are refused")
}

func unsent(why string) error {
	return &liveline.NotTakenError{Outcome: ivr.Unsent, Err: errors.New(why)}
}

func isCustomer(addr string) bool { return strings.HasPrefix(addr, "+") }

// begin writes down a call that leaves, and looks at what must hold for it.
func (w *world) begin(p *process, c liveline.Call) *call {
	k := &call{ref: c.Ref, addr: c.Addr, customer: isCustomer(c.Addr), at: time.Now(), shown: w.clock(), before: c.Before, boot: p.no}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, k)
	w.live[c.Addr]++
	w.checkCall(p, k)
	return k
}

// over writes down that a call ended.
func (w *world) over(k *call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k.ended.IsZero() {
		k.ended = time.Now()
		w.live[k.addr]--
	}
}

// fates are what becomes of a call, and how often of a hundred.
type fate struct {
	of      float64
	outcome ivr.Outcome // "" when it is answered
	after   time.Duration
	machine bool
}

var (
	agentFates = []fate{
		{85, "", 3 * time.Second, false},
		{8, ivr.Unanswered, time.Hour, false},
		{4, ivr.Busy, time.Second, false},
		{3, ivr.Carrier, time.Second, false},
	}
	customerFates = []fate{
		{57, "", 7 * time.Second, false},
		{12, "", 15 * time.Second, true},
		{13, ivr.Unanswered, time.Hour, false},
		{10, ivr.Busy, time.Second, false},
		{4, ivr.Carrier, 2 * time.Second, false},
		{3, ivr.Rejected, 4 * time.Second, false},
		{1, ivr.BadNumber, time.Second, false},
	}
)

// answer is what the far end does.
func (l *trunk) answer(ctx context.Context, c liveline.Call, k *call) (liveline.Leg, error) {
	f := l.w.fate(c.Addr, k.customer)
	if f.outcome != "" {
		l.p.wait(ctx, min(f.after, c.Ring))
		l.w.saw("outcome " + string(f.outcome))
		return nil, &liveline.NotTakenError{Outcome: f.outcome, Err: errors.New("as the carrier says")}
	}
	if !l.p.wait(ctx, f.after) {
		return nil, &liveline.NotTakenError{Outcome: ivr.Unanswered, Err: context.Canceled}
	}
	var who person = &agent{w: l.w, addr: c.Addr}
	if k.customer {
		who = &customer{w: l.w, phone: c.Addr, machine: f.machine}
	}
	if f.machine {
		l.w.saw("machine")
	}
	return l.p.leg(who, k, c.Ref), nil
}

func (w *world) fate(addr string, customer bool) fate {
	list := agentFates
	if customer {
		list = customerFates
	}
	if customer && w.deaf() {
		return fate{outcome: ivr.Unanswered, after: time.Hour}
	}
	x := w.moment("fate", addr) * 100
	for _, f := range list {
		if x -= f.of; x < 0 {
			return f
		}
	}
	return list[0]
}

// A leg is a person at the other end of a live call.
type leg struct {
	w    *world
	p    *process
	who  person
	name string
	call *call // nil for a call that came in
	said []ivr.Prompt
	gone chan struct{}
	once sync.Once

	joined atomic.Bool // speaks with somebody

	asked bool                 // to be put through: the two have not spoken to the end
	sent  bool                 // was put through once
	move  atomic.Pointer[move] // how, while he waits for the other
}

var _ liveline.Leg = (*leg)(nil)

// end is the end of the call, whoever ends it.
func (l *leg) end() {
	l.once.Do(func() {
		close(l.gone)
		if l.call != nil {
			l.w.over(l.call)
		}
		l.p.forget(l)
		l.parts()
	})
}

// rest lets time pass in a call.
func (l *leg) rest(ctx context.Context, d time.Duration) error {
	select {
	case <-l.gone:
	case <-l.p.dying:
	case <-ctx.Done():
	case <-time.After(d):
	}
	return l.over(ctx)
}

// over says why this leg can do no more, in an order of its own: all of it may
// have come to pass at the same instant.
func (l *leg) over(ctx context.Context) error {
	switch {
	case closed(l.gone):
		return io.EOF
	case l.p.dead():
		return errDead
	}
	return ctx.Err()
}

// Play implements [liveline.Leg].
func (l *leg) Play(ctx context.Context, _ string, say []ivr.Prompt) error {
	l.said = say
	if err := l.rest(ctx, time.Duration(len(say))*1500*time.Millisecond); err != nil {
		return err
	}
	l.w.turns.wait(l.p.no, " plays ", l.name)
	l.hearsOn(say)
	l.who.hear(say)
	return nil
}

// Keys implements [liveline.Leg].
func (l *leg) Keys(ctx context.Context, listen ivr.Listen) (string, error) {
	if l.p.point("in call", l.who) {
		return "", errDead
	}
	keys, hangup := l.who.press(l.said)
	after := l.w.between(500*time.Millisecond, 4*time.Second, "press", l.who)
	switch {
	case hangup && listen.Hold: // the music was too long
		after = l.w.between(time.Second, listen.Wait, "gives up", l.who)
	case keys == "":
		after = listen.Wait
	}
	if err := l.rest(ctx, after); err != nil {
		return "", err
	}
	l.w.turns.wait(l.p.no, " presses ", l.name)
	if err := l.over(ctx); err != nil {
		return "", err
	}
	if hangup {
		l.w.saw("hung up in mid-menu")
		l.end()
		return "", io.EOF
	}
	return keys, nil
}

// Wait implements [liveline.Leg].
// Record takes nothing down: nobody here speaks into a telephone.
func (l *leg) Record(context.Context, ivr.Record) (string, error) { return "", nil }

func (l *leg) Wait(bool) {}

// Bridge implements [liveline.Leg].
func (l *leg) Bridge(ctx context.Context, far liveline.Leg) error {
	talk := l.w.between(20*time.Second, 6*time.Minute, "talk", l.who)
	other, ok := far.(*leg)
	if !ok {
		return errors.New("not one of ours")
	}
	defer l.w.join(l, other)()
	wish := l.w.wishes(l, other)
	if wish != nil {
		talk /= 4
	}
	select {
	case <-other.gone:
		return nil
	case <-l.rested(ctx, talk):
	}
	l.w.turns.wait(l.p.no, " talked ", l.name)
	if closed(other.gone) {
		return nil
	}
	if l.p.point("talking", l.who) {
		return errDead
	}
	if wish != nil && ctx.Err() == nil {
		l.asked, other.asked = true, true
		return wish
	}
	if l.w.moment("who hangs up", l.who) < 0.7 {
		other.end()
	} else {
		l.end()
	}
	return nil
}

// rested is closed when the talk is over, or the process.
func (l *leg) rested(ctx context.Context, d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	l.w.people.Go(func() {
		defer close(done)
		_ = l.rest(ctx, d)
	})
	return done
}

// Confirm implements [liveline.Leg].
func (l *leg) Confirm(context.Context) error { return nil }

// Gone implements [liveline.Leg].
func (l *leg) Gone() <-chan struct{} { return l.gone }

// Hangup implements [liveline.Leg].
func (l *leg) Hangup(context.Context) error {
	if !l.w.plan.bug.neverHangsUp {
		l.end()
	}
	return nil
}
