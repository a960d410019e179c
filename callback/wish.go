package callback

import (
	"context"
	"errors"
	"fmt"
	"time"

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
// a [*RefusalError] when it may not be called.
func (d *Desk) WishNumber(queue, written string) (Phone, error) {
	q, err := d.queueOf(queue)
	if err != nil {
		return "", err
	}
	return d.Rules.Number(written, q.CallerID)
}

// Prove texts a code to the number of a wish, once until it is over. A number
// that would not be called gets none.
func (d *Desk) Prove(ctx context.Context, w Wish, code string, until time.Time) error {
	err := d.update(ctx, func(tx Tx) error {
		if err := d.mayWish(tx, w); err != nil {
			return err
		}
		err := d.post(tx, Message{
			Kind: TextKind, Key: fmt.Sprintf("code:%s:%d", w.Phone, until.Unix()), To: string(w.Phone),
			Body: d.Text(w.Lang, ivr.Prompt{Name: "text_code", Text: code}), DueAt: d.Now(), Until: until,
		})
		if errors.Is(err, ErrKnown) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("text a code: %w", err)
	}
	return nil
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
