package callback

import (
	"context"
	"time"
)

// recordsMost bounds how much is told of one number.
const recordsMost = 200

// Calls returns the talks with a number, the newest first.
func (d *Desk) Calls(ctx context.Context, p Phone) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.TalksWith(p, recordsMost)
		return err
	})
	return all, err
}

// RatingsOf returns what somebody answered to surveys, the newest first.
func (d *Desk) RatingsOf(ctx context.Context, p Phone) ([]Rating, error) {
	var all []Rating
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Ratings([]Phone{p})
		return err
	})
	return all, err
}

// LastRatings returns what people answered last to the question how it was.
func (d *Desk) LastRatings(ctx context.Context, people []Phone) (map[Phone]int, error) {
	last := map[Phone]int{}
	if len(people) == 0 {
		return last, nil
	}
	err := d.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Ratings(people)
		for _, r := range all {
			if _, known := last[r.Phone]; !known && r.Question == "csat" {
				last[r.Phone] = r.Value
			}
		}
		return err
	})
	return last, err
}

// Journal reads the journal on after an entry.
func (d *Desk) Journal(ctx context.Context, after int64, limit int) ([]Entry, error) {
	var all []Entry
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Entries(after, limit)
		return err
	})
	return all, err
}

// LastEntry returns the number of the newest entry of the journal.
func (d *Desk) LastEntry(ctx context.Context) (int64, error) {
	var seq int64
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		seq, err = tx.LastEntry()
		return err
	})
	return seq, err
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
