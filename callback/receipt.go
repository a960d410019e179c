package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Receipt is what a carrier tells of a text that left.
type Receipt struct {
	Message  string // its ID, where the carrier gives that back to us, or
	Ref      string // the carrier's own name of it
	State    ReceiptState
	Reason   string // why it did not arrive, in the carrier's words
	OptedOut bool   // the carrier sends this person nothing more of ours
}

// ReceiptState says how far a text has come, as the carrier tells it.
type ReceiptState string

// How far a text has come. A later state is never taken back by an earlier
// one, in whatever order they are told.
const (
	ReceiptTaken   ReceiptState = "taken"       // the carrier has it, under Ref if it tells one
	ReceiptLost    ReceiptState = "undelivered" // it did not arrive
	ReceiptArrived ReceiptState = "delivered"   // it is on the telephone
)

// after reports whether s is news for who knows of old. That a text arrived
// is proof, whatever was told before.
func (s ReceiptState) after(old ReceiptState) bool {
	order := map[ReceiptState]int{ReceiptTaken: 1, ReceiptLost: 2, ReceiptArrived: 3}
	return order[s] > order[old]
}

// reasonLength bounds what is kept of a carrier's words.
const reasonLength = 200

// Receipt takes what a carrier tells of a text. It is [ErrNotFound] when no
// text has that name, yet: the carrier may be quicker than our own note.
func (d *Desk) Receipt(ctx context.Context, r Receipt) error {
	err := d.update(ctx, func(tx Tx) error {
		m, err := r.message(tx)
		if err != nil {
			return err
		}
		if r.OptedOut {
			if err := d.optOut(tx, Phone(m.To), "carrier"); err != nil {
				return err
			}
		}
		return d.receive(tx, m, r)
	})
	if err != nil {
		return fmt.Errorf("receipt of text %s%s: %w", r.Message, r.Ref, err)
	}
	return nil
}

func (r Receipt) message(tx Tx) (Message, error) {
	if r.Message != "" {
		return tx.Message(r.Message)
	}
	if r.Ref == "" {
		return Message{}, ErrNotFound
	}
	return tx.MessageByRef(r.Ref)
}

// receive writes a receipt down, if it is news. What a carrier has is not sent
// again, though it did not say so when it was asked to take it.
func (d *Desk) receive(tx Tx, m Message, r Receipt) error {
	if m.Ref == "" {
		m.Ref = r.Ref
	}
	news := r.State.after(m.Receipt)
	if news {
		m.Receipt, m.ReceiptAt = r.State, d.Now()
		if m.Err = ""; r.State == ReceiptLost {
			m.Err = cut(r.Reason, reasonLength)
		}
	}
	err := tx.PutMessage(m)
	if err == nil && news && r.State != ReceiptLost { // what was lost, nobody has twice
		err = d.left(tx, m)
	}
	if err != nil || !news || r.State == ReceiptTaken {
		return err
	}
	if err := d.surveyArrived(tx, m); err != nil {
		return err
	}
	return tx.Record(Entry{
		At: d.Now(), Kind: "message." + string(r.State), Callback: m.Callback, Talk: m.Talk,
		Phone: Phone(m.To), Actor: "carrier", Name: m.name(), Value: m.Err,
	})
}

// surveyArrived notes that a survey is on the telephone.
func (d *Desk) surveyArrived(tx Tx, m Message) error {
	if !isSurvey(m) || m.Receipt != ReceiptArrived {
		return nil
	}
	a, err := tx.Asked(m.Talk)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	a.DeliveredAt = m.ReceiptAt
	return errors.Join(err, tx.PutAsked(a))
}

// name is what a message is about: the beginning of its key.
func (m Message) name() string {
	name, _, _ := strings.Cut(m.Key, ":")
	return name
}

// optOut keeps for good that a person wants no texts.
func (d *Desk) optOut(tx Tx, p Phone, how string) error {
	return errors.Join(tx.Block(p, NoTexts, time.Time{}),
		tx.Record(Entry{At: d.Now(), Kind: "text.stopped", Phone: p, Actor: "caller", Name: how}))
}

// cut shortens a text to n bytes, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// A Sent is a text of ours, and as how many messages it is billed.
type Sent struct {
	Message
	What     string // it is about: "text_booked"
	Segments int
}

func (d *Desk) sent(m Message) Sent {
	return Sent{Message: m, What: m.name(), Segments: d.writer().Cost(m.Body)}
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
