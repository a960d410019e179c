package callback

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Story is all that is known of a callback and of the person whom it was
// promised to, as an agent reads it before he speaks with him.
type Story struct {
	Callback
	Now      time.Time
	Place    *time.Location // whose clock the person lives by, as far as it is known
	Talk     Talk           // in which it was asked for; the zero value when none is kept
	Calls    []Attempt
	Entries  []Entry    // of the journal, oldest first
	Earlier  []Callback // of the same person, newest first
	Talks    []Talk     // of the same person, newest first
	Ratings  []Rating   // newest first
	Sent     []Sent     // newest first
	Received []Text     // newest first
	Consent  *Consent   // nil when nobody asked
	NoTexts  bool
	Free     []time.Time // times that can be promised instead
	Undo     Undo
}

// A Rating is what a person answered to a survey.
type Rating struct {
	Phone Phone
	Score
}

// A Text is what somebody wrote to us.
type Text struct {
	Body string
	At   time.Time
}

// How much of the past is told.
const (
	storyEntries = 200
	storyPast    = 20
	storyTimes   = 3
)

// Histories tells what happened to callbacks and people.
type Histories interface {
	EntriesOf(callback string, max int) ([]Entry, error)          // oldest first
	TalksWith(p Phone, max int) ([]Talk, error)                   // newest first
	Ratings(people []Phone) ([]Rating, error)                     // newest first
	TextsFrom(p Phone, max int) ([]Text, error)                   // newest first
	Tasks(name string, after EntryMark, max int) ([]Entry, error) // what people are asked to look at, oldest first
	Missed(MissedFilter) ([]Entry, error)                         // promises that were not kept, newest first
	Changes(ChangeFilter) ([]Entry, error)                        // what people changed, newest first
	LastEntry() (int64, error)                                    // the number of the newest; 0 when there is none
	Undo(callback string) (Undo, error)
	PutUndo(Undo) error // adds, or replaces that of the callback
}

// Story tells all about a callback.
func (d *Desk) Story(ctx context.Context, id string) (Story, error) {
	var s Story
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		s, err = d.story(tx, id)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("story of callback %s: %w", id, err)
	}
	return s, nil
}

func (d *Desk) story(tx Tx, id string) (s Story, err error) {
	if s.Callback, err = tx.Callback(id); err != nil {
		return s, err
	}
	if s.Callback.Talk != "" {
		if s.Talk, err = tx.Talk(s.Callback.Talk); missing(err) != nil {
			return s, err
		}
	}
	if s.Undo, err = tx.Undo(id); missing(err) != nil {
		return s, err
	}
	var errs [7]error
	s.Calls, errs[0] = tx.AttemptsOf(id)
	s.Entries, errs[1] = tx.EntriesOf(id, storyEntries)
	s.Now = d.Now()
	if q := d.Queues[s.Queue]; q != nil {
		s.Now, s.Place = s.Now.In(q.Zone), d.place(q, s.Phone, s.Now)
		if !s.State.InFlight() {
			s.Free, errs[2] = d.nextTimes(tx, s.Callback, storyTimes)
		}
	}
	return s, errors.Join(append(errs[:], d.past(tx, &s))...)
}

// past tells what there was between a person and us before.
func (d *Desk) past(tx Tx, s *Story) error {
	if s.Phone == Anonymous { // others who withheld their number are others
		return nil
	}
	var errs [6]error
	var all []Callback
	all, errs[0] = tx.FindCallbacks(Filter{Phone: s.Phone})
	for i := len(all) - 1; i >= 0 && len(s.Earlier) < storyPast; i-- {
		if all[i].ID != s.ID && all[i].State != HeldState {
			s.Earlier = append(s.Earlier, all[i])
		}
	}
	s.Talks, errs[1] = tx.TalksWith(s.Phone, storyPast)
	s.Ratings, errs[2] = tx.Ratings([]Phone{s.Phone})
	var sent []Message
	sent, errs[3] = tx.MessagesTo(string(s.Phone), storyPast)
	for _, m := range sent {
		s.Sent = append(s.Sent, d.sent(m))
	}
	s.Received, errs[4] = tx.TextsFrom(s.Phone, storyPast)
	s.NoTexts, errs[5] = tx.Blocked(s.Phone, NoTexts, d.Now())
	said, err := tx.Consent(s.Phone)
	if err == nil {
		s.Consent = &said
	}
	return errors.Join(append(errs[:], missing(err))...)
}

// missing takes what is not there for no error.
func missing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Clock returns where the clock of a person is, as far as it is known.
func (d *Desk) Clock(queue string, p Phone) *time.Location {
	q := d.Queues[queue]
	if q == nil {
		return d.zone
	}
	return d.place(q, p, d.Now())
}
