package callback

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

// An Hour says what is promised in one hour of a queue.
type Hour struct {
	From     time.Time
	Promised int
	Capacity int // callbacks that can be promised in it; 0 while nobody is at work
}

// Hours tells what is promised in this hour of a queue and the next.
func (d *Desk) Hours(ctx context.Context, queue string, n int) ([]Hour, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return nil, err
	}
	now := d.Now().In(q.Zone)
	from := now.Truncate(time.Minute).Add(-time.Duration(now.Minute()) * time.Minute)
	all := make([]Hour, n)
	for i := range all {
		all[i].From = from.Add(time.Duration(i) * time.Hour)
	}
	err = d.Store.View(ctx, func(tx Tx) error {
		for i := range all {
			all[i].Capacity = 0
		}
		for _, at := range q.slots(opening.DayOf(now)) {
			if i := int(at.Sub(from) / time.Hour); !at.Before(from) && i < n {
				seats, err := d.seatsAt(tx, q, at)
				if err != nil {
					return err
				}
				all[i].Capacity += seats
			}
		}
		taken, err := tx.CountSlots(queue, from, from.Add(time.Duration(n)*time.Hour), d.Now().Add(-grace))
		for i := range all {
			all[i].Promised = 0
		}
		for ms, places := range taken {
			all[time.UnixMilli(ms).Sub(from)/time.Hour].Promised += places
		}
		return err
	})
	return all, err
}

// Unhappy is a customer who said that he was not satisfied, and to whom nobody
// has spoken since.
type Unhappy struct {
	Callback string // that he was asked about; "" for a call that was answered at once
	Phone    Phone
	Name     string
	Queue    string
	Owner    string // the agent who is to answer him
	Score    int
	Words    string
	At       time.Time
}

const (
	unhappyTask = "unhappy customer"
	unhappyPage = 500 // that are looked at at once
)

// Unanswered lists the unhappy customers since an instant whom nobody has
// answered, who waits longest first.
func (d *Desk) Unanswered(ctx context.Context, since time.Time) ([]Unhappy, error) {
	var all []Unhappy
	err := d.Store.View(ctx, func(tx Tx) error {
		all = nil
		for after := (EntryMark{At: since}); ; {
			asked, err := tx.Tasks(unhappyTask, after, unhappyPage)
			if err != nil || len(asked) == 0 {
				return err
			}
			if all, err = d.stillUnhappy(tx, all, asked); err != nil {
				return err
			}
			last := asked[len(asked)-1]
			after = EntryMark{last.At, last.Seq}
		}
	})
	return all, err
}

// stillUnhappy adds those who wait for an answer, each person once.
func (d *Desk) stillUnhappy(tx Tx, all []Unhappy, asked []Entry) ([]Unhappy, error) {
	seen, talks := map[Phone]bool{}, map[string]int{}
	for _, u := range all {
		seen[u.Phone] = true
	}
	var people []Phone
	for _, e := range asked {
		if seen[e.Phone] {
			continue
		}
		u, open, err := d.unanswered(tx, e)
		if err != nil {
			return all, err
		}
		if open {
			seen[u.Phone], talks[e.Talk] = true, len(all)
			all, people = append(all, u), append(people, u.Phone)
		}
	}
	return all, withWords(tx, all, people, talks)
}

// withWords adds what people said beside their answers; talks tells of whom each
// survey was.
func withWords(tx Tx, all []Unhappy, people []Phone, talks map[string]int) error {
	said, err := tx.Ratings(people)
	for _, r := range said {
		if i, ok := talks[r.Talk]; ok && r.Question == "csat" {
			all[i].Words = r.Words
		}
	}
	return err
}

// unanswered tells of one unhappy customer, and whether he still waits for an
// answer: a call, or what an agent wrote down about him.
func (d *Desk) unanswered(tx Tx, e Entry) (Unhappy, bool, error) {
	score, owner, _ := strings.Cut(e.Value, " agent:")
	u := Unhappy{Callback: e.Callback, Phone: e.Phone, Queue: e.Queue, Owner: owner, At: e.At}
	u.Score, _ = strconv.Atoi(score) // what was erased says nothing
	called, err := tx.FindCallbacks(Filter{Phone: e.Phone})
	if err != nil {
		return u, false, err
	}
	for _, c := range called {
		if c.Name != "" && (c.ID == e.Callback || u.Name == "") { // who was not called back may be known from before
			u.Name = c.Name
		}
		if c.ID != e.Callback && c.UpdatedAt.After(e.At) && slices.Contains([]State{Connected, Wrapup, Done}, c.State) {
			return u, false, nil
		}
	}
	after, err := tx.EntriesOf(e.Callback, storyEntries)
	return u, !wrote(after, e.At), err
}

// wrote reports whether somebody has written something since, and has not taken
// it back.
func wrote(all []Entry, since time.Time) bool {
	n := 0
	for _, e := range all {
		switch {
		case !e.At.After(since):
		case e.Kind == "desk.note" || e.Kind == "desk.outcome":
			n++
		case e.Kind == "desk.undo" && (e.Name == string(DoNote) || e.Name == string(DoOutcome)):
			n = max(n-1, 0)
		}
	}
	return n > 0
}
