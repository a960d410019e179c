package callback

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The kinds of a [Message].
const (
	TextKind = "text" // to the telephone of a person
	MailKind = "mail" // to an agent; what it says is decided when it leaves
)

// What a letter is about: the Body of a [Message] of [MailKind].
const (
	ListLetter   = "list"   // the callbacks of the day
	InviteLetter = "invite" // a callback of his own, for his calendar
	RevokeLetter = "revoke" // one that is not his to make any more
)

// phone is the number that a message goes to; "" when it goes to no telephone.
func (m Message) phone() Phone {
	if m.Kind != TextKind {
		return ""
	}
	return Phone(m.To)
}

// Mail puts a letter to an agent into the outbox. The same key is sent once;
// after until it has lost its meaning.
func (d *Desk) Mail(ctx context.Context, agent, key, what string, until time.Time) error {
	err := d.update(ctx, func(tx Tx) error {
		err := d.mail(tx, Message{Key: key, To: agent, Body: what, Until: until})
		if errors.Is(err, ErrKnown) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("mail %s to %s: %w", what, agent, err)
	}
	return nil
}

func (d *Desk) mail(tx Tx, m Message) error {
	m.ID, m.Kind, m.DueAt = d.NewID(), MailKind, d.Now()
	return tx.AddMessage(m)
}
