package callback

import (
	"errors"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

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
