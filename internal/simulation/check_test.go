package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
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
	for _, other := range w.calls[:len(w.calls)-1] {
		if other.ref == k.ref {
			w.report("I3", "%s was dialled twice for attempt %s", k.addr, k.ref)
		}
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
	if w.live["sip:"+c.Agent+"@example.com"] < 1 {
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
		lost := last.Outcome == "interrupted" && w.left(last.Ref)
		if lost && c.Attempts > 0 && w.requeued[c.ID].Before(last.IntentAt) {
			w.report("I3", "%s is called again after a crash, and no person decided so", c.Phone)
		}
		return err
	})
	if err != nil {
		w.report("store", "attempts of %s: %v", c.ID, err)
	}
}

// left reports whether a call really left.
func (w *world) left(ref string) bool {
	return slices.ContainsFunc(w.calls, func(k *call) bool { return k.ref == ref })
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

// spoke looks at two people who were joined.
func (w *world) spoke(_, _ *leg) { w.saw("spoke") }

// did counts the runs of a daily job.
func (w *world) did(job string, p *process) {
	day := w.clock().In(zoneOf(places[0].prefix + "0000")).Format(time.DateOnly)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.days[job+" "+day]++
	w.seen["job "+job]++
	if w.days[job+" "+day] > 1 {
		w.report("cron", "%s was done twice on %s, at last by process %d", job, day, p.no)
	}
}

// A journal is what the store says has happened.
type journal struct {
	booked map[string]bool   // by phone and time
	last   map[string]string // state, by callback
}

// audit holds the store against what was seen, when all is over.
func (w *world) audit() {
	s, err := store.Open(context.Background(), store.Config{Dir: w.dir})
	if err != nil {
		w.violated("store", "open: %v", err)
		return
	}
	defer s.Close()
	err = s.View(context.Background(), func(tx callback.Tx) error {
		j, err := readJournal(tx)
		if err != nil {
			return err
		}
		all, err := everything(tx)
		if err != nil {
			return err
		}
		w.auditPromises(j)
		w.auditCallbacks(all, j)
		return nil
	})
	if err != nil {
		w.violated("store", "audit: %v", err)
	}
	w.auditCalls()
}

func readJournal(tx callback.Tx) (journal, error) {
	j := journal{booked: map[string]bool{}, last: map[string]string{}}
	for after := int64(0); ; {
		page, err := tx.Entries(after, 1000)
		if err != nil || len(page) == 0 {
			return j, err
		}
		for _, e := range page {
			after = e.Seq
			if e.Kind == "callback.booked" {
				j.booked[string(e.Phone)+" "+e.Value] = true
			}
			if len(e.Kind) > 9 && e.Kind[:9] == "callback." {
				j.last[e.Callback] = e.Kind[9:]
			}
		}
	}
}

func everything(tx callback.Tx) ([]callback.Callback, error) {
	var all []callback.Callback
	for after := ""; ; {
		page, err := tx.FindCallbacks(callback.Filter{After: after, Max: 1000})
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		after = page[len(page)-1].ID
	}
}

// auditPromises: whoever was told a time has it in the books.
func (w *world) auditPromises(j journal) {
	for _, p := range w.heard {
		if !j.booked[p.phone+" "+p.at.UTC().Format(time.RFC3339)] {
			w.violated("I1", "%s heard on %s that he is called at %s, and it is not in the books", p.phone, p.when.UTC().Format(time.DateTime), p.at)
		}
	}
	for _, p := range w.bodies {
		if !j.booked[p.phone+" "+p.at.UTC().Format(time.RFC3339)] {
			w.violated("I10", "%s read that he is called at %s, and it is not in the books", p.phone, p.at)
		}
	}
}

func (w *world) auditCallbacks(all []callback.Callback, j journal) {
	slots := map[string]int{}
	for _, c := range all {
		w.saw("ended " + string(c.State))
		if !c.State.Over() {
			w.violated("I2", "callback of %s for %s is still %s since %s, process %s", c.Phone, c.At, c.State, c.UpdatedAt.UTC().Format(time.DateTime), c.Boot)
		}
		if c.Attempts > mostAttempts+w.decided[c.ID]+w.later[string(c.Phone)] {
			w.violated("I7", "%s was tried %d times", c.Phone, c.Attempts)
		}
		if j.last[c.ID] != string(c.State) {
			w.violated("I20", "callback of %s is %s, and the journal ends with %q", c.Phone, c.State, j.last[c.ID])
		}
		if c.State == callback.CancelledState || c.State == callback.Expired {
			continue
		}
		key := fmt.Sprint(c.Queue, " ", c.At.UTC())
		if slots[key]++; slots[key] > perSlot {
			w.violated("I6", "%d callbacks were promised for %s", slots[key], key)
		}
		if slots[key] == perSlot {
			w.saw("slot was full")
		}
	}
}

// auditCalls: every call has ended, and none was left open.
func (w *world) auditCalls() {
	for _, k := range w.calls {
		switch {
		case k.ended.IsZero():
			w.violated("I14", "call to %s of %s never ended", k.addr, k.at)
		case k.ended.Sub(k.at) > longestCall:
			w.violated("I14", "call to %s lasted %s", k.addr, k.ended.Sub(k.at))
		}
	}
}
