package callback

import (
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/wait"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// Told is what one person was told about how long he waits, and how long it
// was in truth: a caller on the line by his talk, a promise by its callback.
type Told struct {
	ID      string
	Queue   string
	At      time.Time
	Ahead   int
	Mean    time.Duration // of the estimate
	Bound   time.Duration // at most so long; 0 when nothing could be told
	Until   time.Time     // the end of the promised window; zero on the line
	EndedAt time.Time     // when it was known how long
	How     string        // how it ended, by the names of package figures
}

// wantsAgent reports whether a caller waits for an agent from this turn on.
func wantsAgent(t ivr.Turn) bool {
	return toAgent(t.Connect) || t.Listen != nil && t.Listen.Hold
}

// beginWait keeps what a caller is told who asks for a person.
func (d *Desk) beginWait(tx Tx, t *Talk) error {
	if t.keeps() || !wantsAgent(t.Last) {
		return nil
	}
	if _, err := tx.Told(t.ID); !errors.Is(err, ErrNotFound) {
		return err
	}
	var err error
	told := Told{ID: t.ID, Queue: t.Queue, At: d.Now()}
	if t.holds() { // nobody is free
		err = d.toldInLine(tx, t, &told)
	}
	return errors.Join(err, tx.PutTold(told), d.measure(tx, t.scope(), figures.Offered, 0))
}

// toldInLine fills in what a caller hears who joins the line.
func (d *Desk) toldInLine(tx Tx, t *Talk, told *Told) error {
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return err
	}
	f := ivr.Facts{Open: q.Open(d.Now())}
	if err := d.lineFacts(tx, t, q, &f); err != nil {
		return err
	}
	o, err := d.outlookBehind(tx, q, f.Ahead, d.wishOf(tx, t))
	told.Ahead, told.Mean, told.Bound = f.Ahead, o.Mean, o.Bound
	return err
}

// servedBy ends the wait of a caller whom an agent is joined with now.
func (d *Desk) servedBy(tx Tx, was, is Status) error {
	switch {
	case is.State == OnCall && was.State != OnCall:
		return d.answeredBy(tx, is.Ref, is.Agent, d.Now())
	case is.State == WrappingUp && was.State == OnRing:
		return d.answeredBy(tx, was.Ref, was.Agent, was.Since)
	}
	return nil
}

// answeredBy ends the wait of a caller whose call an agent took.
func (d *Desk) answeredBy(tx Tx, talk, agent string, at time.Time) error {
	t, err := tx.Talk(talk)
	if err != nil {
		return missing(err)
	}
	about := t.scope()
	about.Agent = agent
	return d.endWait(tx, t.ID, about, waitEnd{figures.Answered, at})
}

// A waitEnd says how a wait on the line ended, and when.
type waitEnd struct {
	how string
	at  time.Time
}

// shortWait is within how long who hangs up was never really there.
const shortWait = 5 * time.Second

// endWait takes down how a wait on the line ended, and compares it with what
// was told. A wait that is over stays as it is.
func (d *Desk) endWait(tx Tx, talk string, about figures.Scope, e waitEnd) error {
	t, err := tx.Told(talk)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || !t.EndedAt.IsZero() || !t.Until.IsZero() {
		return err
	}
	t.EndedAt, t.How, about.Queue = e.at, e.how, t.Queue
	waited := e.at.Sub(t.At)
	all := []error{tx.PutTold(t), d.measure(tx, about, e.how, waited)}
	switch e.how {
	case figures.Answered:
		all = append(all, d.measure(tx, about, figures.AnsweredWithin(waited), waited), d.compare(tx, t, waited))
	case figures.Abandoned:
		all = append(all, d.measure(tx, about, figures.AbandonedWithin(waited), waited))
		if t.Bound > 0 && t.Bound != wait.Never && waited > t.Bound { // how long it would have taken, nobody knows: longer than told
			all = append(all, d.measure(tx, figures.Scope{Queue: t.Queue}, figures.Told, t.Bound))
		}
		if waited < shortWait {
			all = append(all, d.measure(tx, about, figures.Short, waited))
		}
	}
	return errors.Join(all...)
}

// compare counts how far what was told was from the truth.
func (d *Desk) compare(tx Tx, t Told, waited time.Duration) error {
	if t.Bound == 0 || t.Bound == wait.Never {
		return nil
	}
	far, off := figures.Over, t.Mean-waited
	if off < 0 {
		far, off = figures.Less, -off
	}
	about := figures.Scope{Queue: t.Queue}
	err := errors.Join(d.measure(tx, about, figures.Told, t.Bound), d.measure(tx, about, far, off))
	if err == nil && waited <= t.Bound {
		err = d.measure(tx, about, figures.Held, t.Bound)
	}
	return err
}

// measureTalk counts a talk that is over, and ends the wait of who had one.
func (d *Desk) measureTalk(tx Tx, t *Talk, e ivr.Event) error {
	if t.keeps() || t.Line == textLine || t.Queue == "" || len(t.Walk) == 0 {
		return nil
	}
	how, end := figures.Unserved, walk.EndOf(t.Walk)
	switch {
	case end == walk.EndPerson:
		how = figures.Answered
	case end == walk.EndBooked:
		how = figures.Deferred
	case e.Kind == ivr.Gone:
		how = figures.Abandoned
	}
	if err := d.endWait(tx, t.ID, t.scope(), waitEnd{how, d.Now()}); err != nil {
		return err
	}
	menu, keys, err := d.effort(tx, t)
	if err != nil {
		return err
	}
	all := []error{d.measure(tx, t.scope(), figures.Calls, menu)}
	for range keys {
		all = append(all, d.measure(tx, t.scope(), figures.Keys, 0))
	}
	offered, err := d.wasOffered(tx, t)
	if offered {
		all = append(all, d.measure(tx, t.scope(), figures.FunnelOffered, 0))
	}
	return errors.Join(append(all, err)...)
}

// wasOffered reports whether a caller heard that he may be called back: with times
// to choose from, or while he stood in line.
func (d *Desk) wasOffered(tx Tx, t *Talk) (bool, error) {
	if len(t.State.Offered) > 0 {
		return true, nil
	}
	m, err := d.menuOf(tx, t)
	if err != nil || m == nil {
		return false, err
	}
	return slices.ContainsFunc(t.Walk, func(s walk.Step) bool { return slices.ContainsFunc(s.To, m.OffersInLine) }), nil
}

// effort is how long a caller heard the menu until he waited or was through
// with it, and how often he pressed keys.
func (d *Desk) effort(tx Tx, t *Talk) (menu time.Duration, keys int, err error) {
	for _, s := range t.Walk {
		if s.Kind == ivr.Heard {
			keys++
		}
	}
	told, err := tx.Told(t.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return t.EndedAt.Sub(t.BeganAt), keys, nil
	case err != nil:
		return 0, 0, err
	}
	return told.At.Sub(t.BeganAt), keys, nil
}
