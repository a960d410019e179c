package callback

import (
	"context"
	"fmt"
	"slices"
)

// A Sent is a text of ours, and as how many messages it is billed.
type Sent struct {
	Message
	What     string // it is about: "text_booked"
	Segments int
}

func (d *Desk) sent(m Message) Sent {
	return Sent{Message: m, What: m.name(), Segments: d.cost(m.Body)}
}

// mostSent bounds how many texts of a person are looked through.
const mostSent = 200

// Texts returns the texts about a callback that have left, or were to, oldest
// first. What is still to be written has no words yet, and is left out.
func (d *Desk) Texts(ctx context.Context, callback string) ([]Sent, error) {
	var all []Sent
	err := d.Store.View(ctx, func(tx Tx) error {
		c, err := tx.Callback(callback)
		if err != nil {
			return err
		}
		found, err := tx.MessagesTo(string(c.Phone), mostSent)
		for _, m := range slices.Backward(found) {
			if m.Callback == c.ID && m.Kind == TextKind && m.Body != "" {
				all = append(all, d.sent(m))
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("texts about callback %s: %w", callback, err)
	}
	return all, nil
}
