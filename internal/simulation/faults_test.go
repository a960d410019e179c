package simulation

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
)

// faulty is the store as a process sees it: cut off when the process is dead,
// and the place where it likes to die.
type faulty struct {
	callback.Store
	p *process
}

// Update implements [callback.Store].
func (f *faulty) Update(ctx context.Context, fn func(callback.Tx) error) error {
	f.p.w.turns.wait(f.p.no, " ", nameOf(ctx))
	if f.p.point("before commit") {
		return errDead
	}
	w := f.p.w
	if !w.quiet() && w.moment("database", f.p.no) < w.plan.crash/2 {
		w.saw("database refused")
		w.miss(nameOf(ctx))
		return errors.New("database is away")
	}
	forget := errors.New("planted: not committed")
	ends := ""
	err := f.Store.Update(ctx, func(tx callback.Tx) error {
		spy := &spy{Tx: tx, w: w, choices: newChoices(), queue: strings.HasPrefix(nameOf(ctx), toQueue), colleague: strings.HasPrefix(nameOf(ctx), toColleague), dialIn: isDialIn(nameOf(ctx))}
		defer func() { ends = spy.ends }()
		if err := fn(spy); err != nil {
			return err
		}
		if err := spy.audit(f.p, strings.HasSuffix(nameOf(ctx), claims)); err != nil {
			return err
		}
		if f.p.dead() {
			return errDead
		}
		if spy.loses() {
			return forget
		}
		return nil
	})
	if err == nil && ends != "" {
		w.jobEnds(ends)
	}
	if errors.Is(err, forget) {
		err = nil
	}
	if f.p.point("after commit") {
		return errDead
	}
	return err
}

// View implements [callback.Store].
func (f *faulty) View(ctx context.Context, fn func(callback.Tx) error) error {
	f.p.w.turns.wait(f.p.no, " ", nameOf(ctx))
	if f.p.dead() {
		return errDead
	}
	return f.Store.View(ctx, func(tx callback.Tx) error { return fn(&spy{Tx: tx, w: f.p.w, choices: newChoices()}) })
}

// twice delivers some events to the desk twice, as carriers do.
type twice struct{ p *process }

// Next implements [liveline.Desk].
func (t twice) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	first, err := t.p.next(ctx, talk, turn, e)
	w := t.p.w
	if err != nil || w.moment("twice", e.Kind, e.Text) > 0.15 {
		return first, err
	}
	if w.plan.bug.forgetsTurns {
		turn = first.No
	}
	second, err := t.p.next(ctx, talk, turn, e)
	if err != nil {
		return first, nil //nolint:nilerr // it died between the two
	}
	w.saw("event came twice")
	if first.Listen != nil && first.Listen.Hold && second.No > first.No {
		w.saw("called up before the event came twice")
		return first, nil
	}
	if !same(first, second) {
		w.violated("I17", "talk %s turn %d %s: first %+v, then %+v", talk, turn, e.Kind, first, second)
	}
	return first, nil
}

// Moved implements [liveline.Mover].
func (t twice) Moved(talk string, turn int) (<-chan struct{}, func()) {
	return t.p.desk.Moved(talk, turn)
}

// same compares turns by what a line does with them: times that were read
// back from the store are in another zone and have no microseconds.
func same(a, b ivr.Turn) bool {
	if a.No != b.No || a.End != b.End || len(a.Say) != len(b.Say) {
		return false
	}
	if (a.Connect == nil) != (b.Connect == nil) || a.Connect != nil && a.Connect.Ref != b.Connect.Ref {
		return false
	}
	return reflect.DeepEqual(a.Listen, b.Listen)
}

// A gateway sends texts.
type gateway struct {
	w *world
	p *process
}

var _ scheduler.Texter = (*gateway)(nil)

// Text implements [scheduler.Texter].
func (g *gateway) Text(ctx context.Context, m callback.Message) error {
	g.w.turns.wait(g.p.no, " text ", m.ID)
	if g.p.point("before text", m.To) {
		return errDead
	}
	x := g.w.moment("text", m.To)
	switch {
	case x < 0.08:
		g.w.saw("text refused for now")
		return errors.New("429 too many requests")
	case x < 0.10:
		g.w.saw("text refused for good")
		return fmt.Errorf("not a mobile: %w", scheduler.ErrPermanent)
	}
	if !g.p.wait(named(ctx, "text ", m.ID), 300*time.Millisecond) {
		return scheduler.ErrUnknown
	}
	g.w.arrives(g.p, m)
	if g.p.point("after text", m.To) {
		return scheduler.ErrUnknown
	}
	if x < 0.14 {
		g.w.saw("text arrived and nobody knows")
		return fmt.Errorf("timeout: %w", scheduler.ErrUnknown)
	}
	return nil
}

// arrives is a text on somebody's telephone.
func (w *world) arrives(p *process, m callback.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.texts[m.Key]++; w.texts[m.Key] > 3 {
		w.report("I8", "%s had the same text %d times", m.To, w.texts[m.Key])
	}
	if w.undone[m.ID] && !strings.HasPrefix(m.Key, "text_reminder") { // of the same time, should it be promised again
		w.report("I41", "%s has read of what was undone: %s", m.To, m.Body)
	}
	name, rest, _ := strings.Cut(m.Body, " ")
	w.seen[name]++
	at, _, _ := strings.Cut(rest, " ")
	if t, err := time.Parse(time.RFC3339, at); err == nil && (name == "text_booked" || name == "text_moved") {
		w.bodies = append(w.bodies, promise{m.To, t, time.Now()})
	}
	if strings.HasPrefix(m.Key, "survey") {
		w.checkSurvey(p, m)
	}
	if name == "text_reminder" {
		w.checkReminder(m)
	}
	w.people.Go(func() { w.writesBack(p, m) })
	w.people.Go(func() { w.opensPage(m) })
}

// writesBack is what some people answer to a text.
func (w *world) writesBack(p *process, m callback.Message) {
	ctx := named(p.ctx, "answers ", m.ID)
	body := map[string]string{"csat": "5", "text_cut_off": "1"}[strings.SplitN(m.Body, " ", 2)[0]]
	if body == "" || w.moment("writes back", m.To) > 0.4 || !p.wait(ctx, time.Minute) {
		return
	}
	in := callback.InText{Line: "text", ID: m.ID, From: callback.Phone(m.To), Body: body}
	for range 1 + w.pick(2, "twice", m.To) {
		if answered, err := p.desk.Reply(ctx, in); err == nil && answered {
			w.saw("answered " + body)
		}
	}
}

// spy is a transaction with the planted bugs in it.
type spy struct {
	callback.Tx
	choices
	w       *world
	claimed bool
	booked  bool
	deed    bool   // somebody at the desk has done something
	ends    string // the job that is written down as done, and its day

	queue, colleague bool // somebody is put through there

	dialIn bool   // an agent has called us
	first  string // the callback that is the first to be read out to him
}

func (s *spy) loses() bool {
	b := s.w.plan.bug
	return (b.losesClaims && s.claimed || b.losesBookings && s.booked || b.losesDeeds && s.deed) && s.w.moment("lose", s.w.tries.Add(1)) < 0.3
}

func (s *spy) AddAttempt(a callback.Attempt) error {
	s.claimed = s.claimed || a.Leg == callback.AgentLeg && a.Callback != ""
	s.calls = append(s.calls, a)
	return s.Tx.AddAttempt(a)
}

func (s *spy) CountSlots(queue string, from, to, now time.Time) (map[int64]int, error) {
	if s.w.plan.bug.sellsTwice {
		return map[int64]int{}, nil
	}
	all, err := s.Tx.CountSlots(queue, from, to, now)
	for at := range all {
		if s.w.plan.bug.sellsOneMore {
			all[at]--
		}
	}
	return all, err
}

func (s *spy) Statuses() ([]callback.Status, error) {
	all, err := s.Tx.Statuses()
	for i := range all {
		all[i] = s.shared(all[i])
	}
	return all, err
}

func (s *spy) Status(agent string) (callback.Status, error) {
	one, err := s.Tx.Status(agent)
	return s.shared(one), err
}

func (s *spy) shared(one callback.Status) callback.Status {
	b := s.w.plan.bug
	if b.sharesAgents && one.State == callback.OnCall || b.ringsAtBreak && one.State == callback.OnBreak {
		one.State = callback.Available
	}
	return one
}

func (s *spy) PutMessage(m callback.Message) error {
	if s.w.plan.bug.tellsUndone && m.Err == "undone" {
		return nil
	}
	if s.w.plan.bug.forgetsTexts && strings.HasPrefix(m.Key, "survey") && !m.DoneAt.IsZero() {
		m.DoneAt, m.Lease, m.Boot, m.DueAt = time.Time{}, time.Time{}, "", m.DoneAt.Add(time.Minute)
	}
	return s.Tx.PutMessage(m)
}

func (s *spy) Record(e callback.Entry) error {
	s.deed = s.deed || strings.HasPrefix(e.Kind, "desk.")
	if s.w.plan.bug.forgetsJournal && e.Kind == "callback.done" {
		return nil
	}
	return s.Tx.Record(e)
}

func (s *spy) MoveCallback(c callback.Callback, from callback.State) error {
	b := s.w.plan.bug
	s.take(&c, from)
	s.booked = s.booked || from == callback.HeldState && c.State == callback.BookedState
	if b.forgetsCancel && c.State == callback.CancelledState {
		c.State = callback.BookedState
	}
	if b.redials && c.State == callback.Interrupted {
		c.State, c.Boot = callback.BookedState, ""
	}
	return s.Tx.MoveCallback(c, from)
}
