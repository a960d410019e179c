package callback

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Dialing says whether customers are dialled. It is kept in the store: what
// was stopped stays so after a restart, and in every process.
type Dialing struct {
	Stopped bool
	Why     string // in words, of who or what stopped it
	Actor   string // "operator", or "desk" when it stopped by itself
	At      time.Time
	Until   time.Time // when it goes on by itself; zero for not before somebody says so
	Waits   string    // the limit that is reached just now, when it is not stopped; not stored
	Warns   string    // what may stop it soon; not stored
}

// Ledger adds up what was dialled, and keeps whether anything may be.
type Ledger interface {
	// Dialled counts the calls to customers, without those that never reached
	// a telephone.
	Dialled(DialFilter) (int, error)
	// Ended lists the calls to customers that are over, newest first, without
	// those that never reached a telephone, or ended with the process.
	Ended(since time.Time, max int) ([]Attempt, error)
	// Forsaken counts the calls of the kind that Ended lists which a person has
	// answered, and those of them that found no agent.
	Forsaken(since time.Time) (left, answered int, err error)
	// Dialing is the zero value while nobody has said anything.
	Dialing() (Dialing, error)
	PutDialing(Dialing) error
}

// DialFilter chooses calls to customers. Empty fields choose all.
type DialFilter struct {
	Since  time.Time // inclusive
	Until  time.Time // exclusive
	Prefix Phone     // how the number begins
	Shown  string    // Attempt.Shown
}

// Dialing returns whether customers are dialled, and else why not.
func (d *Desk) Dialing(ctx context.Context) (Dialing, error) {
	var now Dialing
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		if now, err = tx.Dialing(); err != nil || now.Stopped {
			return err
		}
		if now.Warns, err = d.warns(tx, now); err != nil {
			return err
		}
		now.Waits, err = d.reached(tx, slices.Collect(maps.Values(d.Queues))...)
		return err
	})
	return now, err
}

// StopDialing lets no more customers be dialled, in any process, until
// [Desk.StartDialing]. Calls that were begun go on. Promises are kept when
// dialling starts again, and customers are told that we are late.
func (d *Desk) StopDialing(ctx context.Context, actor, why string) error {
	return d.setDialing(ctx, Dialing{Stopped: true, Why: why, Actor: actor})
}

// StartDialing ends what [Desk.StopDialing] began, or what stopped by itself;
// what was dialled before counts against it no more. Promises that have passed
// since are kept alive first, whether or not a service ran to do so.
func (d *Desk) StartDialing(ctx context.Context, actor string) error {
	if err := d.overdue(ctx); err != nil {
		return fmt.Errorf("dialing: %w", err)
	}
	return d.setDialing(ctx, Dialing{Actor: actor})
}

func (d *Desk) setDialing(ctx context.Context, to Dialing) error {
	to.At = d.Now()
	err := d.update(ctx, func(tx Tx) error { return d.putDialing(tx, to) })
	if err != nil {
		return fmt.Errorf("dialing: %w", err)
	}
	d.nudge()
	return nil
}

func (d *Desk) putDialing(tx Tx, to Dialing) error {
	kind := "dialing.started"
	if to.Stopped {
		kind = "dialing.stopped"
	}
	if err := tx.PutDialing(to); err != nil {
		return err
	}
	return tx.Record(Entry{At: to.At, Kind: kind, Actor: to.Actor, Value: to.Why})
}

// shown is the number that calls of a queue show, or else the line that
// chooses it.
func (q *Queue) shown() string {
	if q.CallerID == "" {
		return q.Line
	}
	return string(q.CallerID)
}

// underWay are the callbacks whose customer is about to be dialled.
var underWay = []State{Claimed, AgentRinging, AgentReady}

// room returns how many of limit callbacks may be taken in hand now.
func (d *Desk) room(tx Tx, limit int) (int, error) {
	if err := tx.LockPhone(anyDial); err != nil {
		return 0, err
	}
	now, err := tx.Dialing()
	if err != nil || now.Stopped {
		return 0, err
	}
	begun, err := tx.FindCallbacks(Filter{States: underWay})
	if err != nil {
		return 0, err
	}
	for _, l := range d.overall() {
		if l.most == 0 {
			continue
		}
		n, err := tx.Dialled(l.around(d.Now()))
		if err != nil {
			return 0, err
		}
		limit = min(limit, max(0, l.most-n-len(begun)))
	}
	return limit, nil
}

// overall is a limit to all calls together.
type overall struct {
	name string
	most int
	span time.Duration
}

// around are the calls that count: not those of a clock that was set back since, which
// would count for as long as it was.
func (l overall) around(now time.Time) DialFilter {
	return DialFilter{Since: now.Add(-l.span), Until: now.Add(l.span)}
}

func (d *Desk) overall() []overall {
	return []overall{{"per_minute", d.Limits.PerMinute, time.Minute}, {"per_day", d.Limits.PerDay, day1}}
}

// fullFor reports whether the number that a queue shows was shown often enough.
func (d *Desk) fullFor(tx Tx, q *Queue) (bool, error) {
	return d.full(tx, d.Limits.PerCallerID, DialFilter{Shown: q.shown(), Since: d.Now().Add(-day1)})
}

// reached names the limit that is reached now, overall or for one of the
// queues; "" for none.
func (d *Desk) reached(tx Tx, queues ...*Queue) (string, error) {
	for _, l := range d.overall() {
		full, err := d.full(tx, l.most, l.around(d.Now()))
		if err != nil || full {
			return "limits." + l.name, err
		}
	}
	for _, q := range queues {
		full, err := d.fullFor(tx, q)
		if err != nil || full {
			return "limits.per_caller_id", err
		}
	}
	return "", nil
}

// limitPause is how long a callback waits whose customer was not dialled
// because of a limit.
const limitPause = 30 * time.Second

// anyDial is what those lock who are about to dial anybody, before they lock the
// number: so that a limit to all calls holds exactly.
const anyDial Phone = "any"

// paused is the last look before a customer is dialled: whether that must wait.
func (d *Desk) paused(tx Tx, q *Queue) (bool, error) {
	state, err := tx.Dialing()
	if err != nil || state.Stopped {
		return true, err
	}
	limit, err := d.reached(tx, q)
	return limit != "", err
}

// halts reports whether nobody of a queue is dialled, and nobody knows until when.
func (d *Desk) halts(tx Tx, q *Queue) (bool, error) {
	state, err := tx.Dialing()
	if err != nil || state.Stopped {
		return true, err
	}
	limit, err := d.reached(tx, q)
	return limit != "" && limit != "limits.per_minute", err
}

// halted keeps a promise alive whose time passes while dialling is stopped. The
// customer is told once, and no new time, for nobody knows it.
func (d *Desk) halted(tx Tx, c Callback, at time.Time) error {
	if at.IsZero() {
		at = d.Now().Add(day1)
	}
	expects, err := d.expects(tx, c)
	if err != nil {
		return err
	}
	first := expects && (d.told(c).Equal(c.At) || d.told(c).Equal(c.DueAt))
	c.Until = at.Add(d.Policy.Window.Duration())
	if err := d.move(tx, &c, WindowPassed, "desk"); err != nil || !first {
		return err
	}
	state, err := tx.Dialing()
	why := limitReached
	if state.Stopped {
		why = dialingStopped
	}
	return errors.Join(err, d.record(tx, c, brokenKind, why, "desk"), d.tell(tx, c, "text_halted"))
}
