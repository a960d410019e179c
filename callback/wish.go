package callback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// A Wish is a call that somebody asks for on a page: to a number which he must
// show to be his own, before it is promised.
type Wish struct {
	Queue string
	Phone Phone
	Lang  string
	At    time.Time
}

// wishTimes is how many times a page offers to whoever asks for a call.
const wishTimes = 9

// WishTimes are the soonest free times of a queue, for nobody in particular.
func (d *Desk) WishTimes(ctx context.Context, queue string) ([]time.Time, error) {
	var free []time.Time
	q, err := d.queueOf(queue)
	if err != nil {
		return nil, err
	}
	err = d.Store.View(ctx, func(tx Tx) (err error) {
		free, err = d.free(tx, q, q.CallerID, d.Now().In(q.Zone))
		return err
	})
	for i := range free {
		free[i] = free[i].In(q.Zone)
	}
	return free[:min(len(free), wishTimes)], err
}

// WishNumber reads a number as somebody writes it who calls this queue. It is
// a [*number.RefusalError] when it may not be called.
func (d *Desk) WishNumber(queue, written string) (Phone, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return "", err
	}
	return d.Rules.Read(written, q.CallerID)
}

// codeKey begins the key of a text with a code. Whoever has a page before him
// can have codes texted to a stranger, so they have a bound of their own.
const (
	codeKey = "code:"
	codes   = 3 // a number gets in a day
)

func isCode(m Message) bool { return strings.HasPrefix(m.Key, codeKey) }

// Prove texts a code to the number of a wish, once until it is over. A number
// that would not be called gets none, nor does anybody in the quiet hours.
func (d *Desk) Prove(ctx context.Context, w Wish, code string, until time.Time) error {
	m := Message{
		Kind: TextKind, Key: fmt.Sprintf("%s%s:%d", codeKey, w.Phone, until.Unix()), To: string(w.Phone),
		Body: d.Text(w.Lang, ivr.Prompt{Name: "text_code", Text: code}), Until: until,
	}
	err := d.update(ctx, func(tx Tx) error {
		if err := d.mayWish(tx, w); err != nil {
			return err
		}
		sent, err := d.mayProve(tx, w, m.Key)
		if err != nil || sent {
			return err
		}
		m.DueAt = d.Now()
		return d.post(tx, m)
	})
	if err != nil {
		return fmt.Errorf("text a code: %w", err)
	}
	return nil
}

// mayProve reports, as a [*number.RefusalError], why no code can be texted to a number
// now, or that this one was.
func (d *Desk) mayProve(tx Tx, w Wish, key string) (sent bool, err error) {
	now := d.Now()
	all, err := tx.MessagesTo(string(w.Phone), widest)
	had := 0
	for _, m := range all {
		if m.Key == key {
			return true, err
		}
		if isCode(m) && m.DueAt.After(now.Add(-day1)) {
			had++
		}
	}
	switch {
	case err != nil:
		return false, err
	case had >= codes:
		return false, d.limit(tx, w.Phone, "codes")
	}
	if loud := d.loud(w.Queue, w.Phone, now); loud.After(now) {
		return false, &number.RefusalError{Phone: w.Phone, Reason: number.ReasonQuiet, From: loud.In(d.clockOf(w.Queue, w.Phone, loud))}
	}
	return false, nil
}

// mayWish holds a wish against the same rules as the wishes of callers.
func (d *Desk) mayWish(tx Tx, w Wish) error {
	if err := d.mayCall(tx, w.Phone); err != nil {
		return err
	}
	return d.mayPromise(tx, w.Phone, w.Phone)
}

// Grant promises a wish whose number is proven. When the number has an open
// callback, that is returned with [ErrBooked].
func (d *Desk) Grant(ctx context.Context, w Wish) (Callback, error) {
	q, err := d.queueOf(w.Queue)
	if err != nil {
		return Callback{}, err
	}
	var c Callback
	var other bool
	err = d.update(ctx, func(tx Tx) error {
		open, err := d.openOf(tx, w.Queue, w.Phone)
		if other = err == nil; other {
			c = open
			return nil
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := d.mayWish(tx, w); err != nil {
			return err
		}
		c, err = d.bookFor(tx, q, Request{Queue: w.Queue, Phone: w.Phone, Lang: w.Lang, At: w.At, Actor: "caller"})
		return err
	})
	if other {
		return c, ErrBooked
	}
	return c, err
}
