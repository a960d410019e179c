package simulation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
)

// The books are what the store said has happened, kept beside it because it
// forgets what is old.
type books struct {
	seq    int64             // of the last line of the journal that was read
	booked map[string]bool   // by phone and time
	last   map[string]string // state in the journal, by callback
	all    map[string]callback.Callback
	feats  map[string]int  // deeds at the desk, by callback and kind
	cut    map[string]bool // callbacks of which it is known that a crash has interrupted them
	diary  []string        // what was read, when the plan asks for it
	keep   bool
}

func newBooks() books {
	return books{booked: map[string]bool{}, last: map[string]string{}, all: map[string]callback.Callback{}, cut: map[string]bool{}, feats: map[string]int{}}
}

// read adds what is new in the store. It leaves the books as they were when it
// fails.
func (b *books) read(s *store.Store) error {
	var lines []callback.Entry
	var all []callback.Callback
	err := s.View(context.Background(), func(tx callback.Tx) (err error) {
		if lines, err = linesAfter(tx, b.seq); err != nil {
			return err
		}
		all, err = everything(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range lines {
		b.enter(e)
	}
	for _, c := range all {
		b.all[c.ID] = c
	}
	return nil
}

func (b *books) enter(e callback.Entry) {
	b.seq = e.Seq
	if b.keep {
		b.diary = append(b.diary, fmt.Sprint(e.At.UTC().Format(time.RFC3339Nano), e.Kind, " ", e.Callback, " ", e.Talk, " ", string(e.Phone), " ", e.Actor, " ", e.Name, " ", e.Value))
	}
	if e.Kind == "callback.booked" {
		b.booked[string(e.Phone)+" "+e.Value] = true
	}
	if state, ok := strings.CutPrefix(e.Kind, "callback."); ok {
		b.last[e.Callback] = state
		b.cut[e.Callback] = b.cut[e.Callback] || state == string(callback.Interrupted)
	}
	if do, ok := strings.CutPrefix(e.Kind, "desk."); ok {
		b.feats[e.Callback+" "+do]++
	}
}

func linesAfter(tx callback.Tx, seq int64) ([]callback.Entry, error) {
	var all []callback.Entry
	for {
		page, err := tx.Entries(seq, 1000)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		seq = page[len(page)-1].Seq
	}
}

func everything(tx callback.Tx) ([]callback.Callback, error) {
	var all []callback.Callback
	for after := (callback.Mark{}); ; {
		page, err := tx.FindCallbacks(callback.Filter{After: after, Max: 1000})
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		after = callback.Mark{At: page[len(page)-1].DueAt, ID: page[len(page)-1].ID}
	}
}

// audit holds the books against what was seen, when all is over.
func (w *world) audit() {
	s, err := store.Open(context.Background(), store.Config{Dir: w.dir})
	if err != nil {
		w.violated("store", "open: %v", err)
		return
	}
	defer s.Close()
	if err := w.books.read(s); err != nil {
		w.violated("store", "audit: %v", err)
	}
	w.auditPromises()
	w.auditCallbacks()
	w.auditCalls()
	w.auditMoves()
	w.auditFeats()
}

// auditPromises: whoever was told a time has it in the books.
func (w *world) auditPromises() {
	for _, p := range w.heard {
		if !w.books.booked[p.phone+" "+p.at.UTC().Format(time.RFC3339)] {
			w.violated("I1", "%s heard on %s that he is called at %s, and it is not in the books", p.phone, p.when.UTC().Format(time.DateTime), p.at)
		}
	}
	for _, p := range w.bodies {
		if !w.books.booked[p.phone+" "+p.at.UTC().Format(time.RFC3339)] {
			w.violated("I10", "%s read that he is called at %s, and it is not in the books", p.phone, p.at)
		}
	}
}

func (w *world) auditCallbacks() {
	slots := map[string]int{}
	for _, c := range w.books.all {
		w.saw("ended " + string(c.State))
		if !c.State.Over() {
			w.violated("I2", "callback of %s for %s is still %s since %s, process %s", c.Phone, c.At, c.State, c.UpdatedAt.UTC().Format(time.DateTime), c.Boot)
		}
		if c.Attempts > mostAttempts+w.decided[c.ID]+w.later[string(c.Phone)] {
			w.violated("I7", "%s was tried %d times", c.Phone, c.Attempts)
		}
		if last := w.books.last[c.ID]; last != string(c.State) {
			w.violated("I20", "callback of %s is %s, and the journal ends with %q", c.Phone, c.State, last)
		}
		if c.State == callback.CancelledState || c.State == callback.Expired || !c.Place.IsZero() {
			continue
		}
		b := bureaus[c.Queue]
		if b.hours != "" {
			w.auditRoster(c, b)
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

// auditRoster: nobody is promised a time at which nobody is at work, though the
// queue is open.
func (w *world) auditRoster(c callback.Callback, b bureau) {
	zone, err := time.LoadLocation(b.zone)
	if err != nil {
		w.violated("store", "zone of %s: %v", c.Queue, err)
		return
	}
	w.saw("promised by roster")
	if at := c.At.In(zone); at.Weekday() == time.Saturday {
		w.violated("I36", "%s was promised %s, when nobody of %s is at work", c.Phone, at.Format("Mon 15:04"), c.Queue)
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
