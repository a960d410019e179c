package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
)

// limits that the configuration of the service sets, and that the planted bugs
// do not know of.
const (
	fromHour, toHour = 8, 21 // when customers may be called
	mostAttempts     = 3
	perSlot          = 2
	longestCall      = 3 * time.Hour
)

// checkCall looks at a call at the moment at which it leaves. The world is
// locked.
func (w *world) checkCall(p *process, k *call) {
	if w.refs[k.ref]++; w.refs[k.ref] > 1 {
		w.report("I3", "%s was dialled twice for attempt %s", k.addr, k.ref)
	}
	if !k.before.IsZero() && !k.shown.Before(k.before) {
		w.report("I3", "%s was dialled %s after its time", k.addr, k.shown.Sub(k.before))
	}
	if w.live[k.addr] > 1 {
		id := "I13"
		if k.customer {
			id = "I4"
		}
		w.report(id, "%s is called while another call to it lives, %s", k.addr, w.lives(k))
	}
	a, c, err := p.intent(k.ref)
	switch {
	case w.moves[k.ref] && !p.moveKnown(k.ref):
		w.report("I3", "%s was dialled for somebody who is put through, without a line in the ledger", k.addr)
	case errors.Is(err, callback.ErrNotFound) && (k.customer || w.ordered[k.ref]):
		w.report("I3", "%s was dialled without a line in the ledger", k.addr)
	case err == nil && k.customer:
		w.checkCustomer(p, k, a, c)
	}
}

// lives describes the other call to the same address.
func (w *world) lives(k *call) string {
	for _, o := range w.calls {
		if o != k && o.addr == k.addr && o.ended.IsZero() {
			return fmt.Sprintf("since %s, of processes %d and %d, ordered %t", k.at.Sub(o.at), o.boot, k.boot, w.ordered[o.ref])
		}
	}
	return "and has ended now"
}

// intent finds what the store says about a call.
func (p *process) intent(ref string) (a callback.Attempt, c callback.Callback, err error) {
	err = p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		if a, err = tx.Attempt(ref); err != nil {
			return err
		}
		c, err = tx.Callback(a.Callback)
		return err
	})
	return a, c, err
}

func (w *world) checkCustomer(p *process, k *call, a callback.Attempt, c callback.Callback) {
	if h := k.shown.In(zoneOf(k.addr)).Hour(); h < fromHour || h >= toHour {
		w.report("I5", "%s is called at %s", k.addr, k.shown.In(zoneOf(k.addr)).Format("Mon 15:04 -0700"))
	}
	if bureaus[c.Queue].order == callback.AgentFirst && w.live["sip:"+c.Agent+"@example.com"] < 1 {
		w.report("I12", "%s is called and no agent is on the line", k.addr)
	}
	if at, ok := w.quit[k.addr]; ok && c.CreatedAt.Before(at) {
		w.report("I9", "%s is called, and was told at %s that he is not", k.addr, at.UTC().Format(time.DateTime))
	}
	if c.State != callback.CustomerDialing {
		w.report("I3", "%s is called while its callback is %s", k.addr, c.State)
	}
	w.checkRedial(p, a, c)
}

// checkRedial makes sure that nobody is called again by the machine alone who
// may have been reached before a crash.
func (w *world) checkRedial(p *process, a callback.Attempt, c callback.Callback) {
	err := p.store.View(context.Background(), func(tx callback.Tx) error {
		all, err := tx.AttemptsOf(c.ID)
		var last callback.Attempt
		for _, one := range all {
			if one.Leg == callback.CustomerLeg && one.No < a.No {
				last = one
			}
		}
		lost := last.Outcome == "interrupted" && w.refs[last.Ref] > 0
		if lost && c.Attempts > 0 && w.requeued[c.ID].Before(last.IntentAt) {
			w.report("I3", "%s is called again after a crash, and no person decided so", c.Phone)
		}
		return err
	})
	if err != nil {
		w.report("store", "attempts of %s: %v", c.ID, err)
	}
}

// checkSurvey looks at a survey that arrived. The world is locked.
func (w *world) checkSurvey(p *process, m callback.Message) {
	if w.texts[m.Key] > 1 {
		w.report("I8", "%s was asked %d times after one call", m.To, w.texts[m.Key])
	}
	var c callback.Callback
	err := p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		c, err = tx.Callback(m.Callback)
		return err
	})
	if err == nil && c.State != callback.Done && c.State != callback.Wrapup {
		w.report("I8", "%s was asked how the call was, and it was %s", m.To, c.State)
	}
}

// checkReminder looks at a reminder that arrived: one for each time that was
// promised, and before it. The world is locked.
func (w *world) checkReminder(m callback.Message) {
	if w.texts[m.Key] > 1 {
		w.report("I8", "%s was reminded %d times of one call", m.To, w.texts[m.Key])
	}
	if now := time.Now().Add(w.off); !m.Until.IsZero() && now.After(m.Until.Add(time.Minute)) {
		w.report("I8", "%s was reminded at %s of a call at %s", m.To, now.UTC().Format(time.DateTime), m.Until.UTC().Format(time.DateTime))
	}
}

// did counts the runs of a daily job. It is done again only by another process,
// when nobody has written down that it was done: the first one died over it, or
// could not tell the store.
func (w *world) did(job string, p *process) {
	day := w.clock().In(zoneOf(places[0].prefix + "0000")).Format(time.DateOnly)
	w.mu.Lock()
	defer w.mu.Unlock()
	key := job + " " + day
	w.seen["job "+job]++
	switch by := w.days[key]; {
	case w.ended[key], by == p.no:
		w.report("cron", "%s was done twice on %s, by processes %d and %d", job, day, by, p.no)
	case by != 0:
		w.seen["job done again"]++
	}
	w.days[key] = p.no
}

// FinishRun implements [callback.Nodes].
func (s *spy) FinishRun(job, key string, at time.Time) error {
	s.ends = job + " " + key[:len(time.DateOnly)]
	return s.Tx.FinishRun(job, key, at)
}

func (w *world) jobEnds(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[key] = true
}
