package callback

import (
	"context"
	"errors"
	"time"
)

// Missed is one promise that we did not keep.
type Missed struct {
	Callback           // the zero value, but for its ID, when it was deleted
	Promised time.Time // the end of the promised window
	Late     time.Duration
	How      string // figures.Late or figures.Broken
	Why      string // in one sentence
	Mark     EntryMark
}

// MissedFilter chooses promises that were not kept.
type MissedFilter struct {
	From, To time.Time // when it was known; inclusive, exclusive
	Queue    string    // "" for all
	After    EntryMark // of the last one of the page before; the zero one for the first page
	Max      int
}

// Missed lists the promises that we did not keep, the newest first, with why.
func (d *Desk) Missed(ctx context.Context, f MissedFilter) ([]Missed, error) {
	var all []Missed
	err := d.Store.View(ctx, func(tx Tx) error {
		found, err := tx.Missed(f)
		all = make([]Missed, 0, len(found))
		for _, e := range found {
			m, err := missedIn(tx, e)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return err
	})
	return all, err
}

// missedIn tells of one of them.
func missedIn(tx Tx, e Entry) (Missed, error) {
	m := Missed{How: e.Name, Why: e.Value, Mark: EntryMark{e.At, e.Seq}}
	c, err := tx.Callback(e.Callback)
	t, err2 := tx.Told(e.Callback)
	if m.Callback = c; err != nil {
		m.Callback = Callback{ID: e.Callback, Queue: e.Queue}
	}
	if m.Promised = t.Until; err2 == nil {
		m.Late = max(0, t.EndedAt.Sub(t.Until))
	}
	return m, errors.Join(missing(err), missing(err2))
}

// Change is what somebody did to the service, or to what it keeps.
type Change struct {
	Seq      int64
	At       time.Time
	Who      string // Entry.Actor: user:sam, agent:anna, api:crm, operator
	What     string // Entry.Kind: menu.live, user.added, desk.cancel
	On       string // whom or what: a name, a queue, or the ID of a callback
	Callback string
	Words    string
}

// ChangeFilter chooses changes. Empty fields choose all.
type ChangeFilter struct {
	From, To time.Time // inclusive, exclusive
	Who      string    // exactly
	What     string    // the first word of the kind: menu, user, key
	Before   int64     // the number of the journal, for the next page
	Max      int
}

// Changes lists what people changed, the newest first.
func (d *Desk) Changes(ctx context.Context, f ChangeFilter) ([]Change, error) {
	var all []Change
	err := d.Store.View(ctx, func(tx Tx) error {
		found, err := tx.Changes(f)
		all = make([]Change, 0, len(found))
		for _, e := range found {
			all = append(all, changeOf(e))
		}
		return err
	})
	return all, err
}

// changeOf reads a line of the journal.
func changeOf(e Entry) Change {
	c := Change{Seq: e.Seq, At: e.At, Who: e.Actor, What: e.Kind, On: e.Name, Callback: e.Callback, Words: e.Value}
	if e.Callback != "" { // the name is why, or how
		c.On, c.Words = e.Callback, joinWords(e.Name, e.Value)
	}
	return c
}

func joinWords(name, value string) string {
	if name == "" || value == "" {
		return name + value
	}
	return name + ": " + value
}
