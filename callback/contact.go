package callback

import (
	"context"
	"errors"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// A Contact is one time that somebody got in touch with us.
type Contact struct {
	ID      string // of the talk or the text
	Phone   Phone
	Queue   string // "" where it is not known
	Topic   string // likewise
	At      time.Time
	Agent   string    // who answered at once; "" for nobody of ours
	SpokeAt time.Time // when the two had spoken; zero when nobody answered
}

// inTouch notes that somebody called us: whoever does so soon after a call was
// not helped by it.
func (d *Desk) inTouch(tx Tx, t *Talk) error {
	if t.keeps() || t.Menu == deskMenu || t.Attempt != "" || t.Line == textLine || t.Phone == "" {
		return nil
	}
	c := Contact{ID: t.ID, Phone: t.Phone, Queue: t.Queue, Topic: t.State.Data["topic"], At: t.BeganAt}
	if walk.EndOf(t.Walk) == walk.EndPerson {
		c.Agent, c.SpokeAt = t.Agent, t.EndedAt
	}
	return tx.AddContact(c)
}

// wrote notes that somebody wrote to us of his own accord. A number alone is a
// late answer.
func (d *Desk) wrote(tx Tx, in InText) error {
	if _, ok := ivr.ReadNumber(in.Body, d.langOf(tx, in.From), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}); ok {
		return nil
	}
	id := in.ID
	if id == "" {
		id = d.NewID()
	}
	err := tx.AddContact(Contact{ID: in.Line + ":" + id, Phone: in.From, At: d.Now()})
	if errors.Is(err, ErrKnown) {
		return nil
	}
	return err
}

// A Contented is somebody whom we spoke with a week ago, and whether he has
// come back about the same matter since.
type Contented struct {
	ID       string // of the callback, or of the contact
	Callback bool
	Queue    string
	Topic    string
	Lang     string
	Agent    string
	At       time.Time
	Again    bool
}

// rested is how long a matter must rest to count as solved.
const rested = 7 * day1

// settleBatch bounds a transaction, so that callers do not wait for it.
const settleBatch = 200

// Settle counts the matters that have rested long enough, each one once: what
// was counted stays when callbacks and contacts are deleted. It is done every
// hour, and before anything is deleted.
func (d *Desk) Settle(ctx context.Context) error {
	for done := false; !done; {
		err := d.Store.Update(ctx, func(tx Tx) error {
			all, err := tx.Unsettled(d.Now().Add(-rested), settleBatch)
			done = len(all) == 0
			if err != nil {
				return err
			}
			return errors.Join(tx.Settle(all), d.settleAll(tx, all))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) settleAll(tx Tx, all []Contented) error {
	var errs []error
	for _, c := range all {
		about := figures.Scope{Queue: c.Queue, Topic: c.Topic, Lang: c.Lang, Agent: c.Agent}
		errs = append(errs, tx.Measure(d.counted(about, c.At, figures.Count{Name: figures.Resolved, N: 1})))
		if c.Again {
			errs = append(errs, tx.Measure(d.counted(about, c.At, figures.Count{Name: figures.Repeated, N: 1})))
		}
	}
	return errors.Join(errs...)
}
