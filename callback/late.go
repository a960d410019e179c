package callback

import (
	"errors"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

const (
	slip      = 15 * time.Minute // how much later we say that we will call, at the first slip
	lateTexts = 3                // after so many that say we are late, the next is the call itself
	textLate  = "text_late"
)

// late tells a customer whose promised window is over when we will call
// instead, and gives up when it is too late for that.
func (d *Desk) late(tx Tx, c Callback) error {
	breaks, err := d.breaksAt(tx, c)
	if err != nil || d.Now().Before(breaks) {
		return err
	}
	ok, err := d.slips(tx, &c)
	if err != nil || ok {
		return err
	}
	if err := d.move(tx, &c, GivenUp, "desk"); err != nil {
		return err
	}
	if err := d.task(tx, c, "given up"); err != nil {
		return err
	}
	return d.tell(tx, c, "text_unreached")
}

// lateAgain does the same for who was called already, and is told only when he
// was promised when we call again. The others do not know of it.
func (d *Desk) lateAgain(tx Tx, c Callback) error {
	breaks, err := d.breaksAt(tx, c)
	if err != nil || d.Now().Before(breaks) {
		return err
	}
	ok, err := d.slips(tx, &c)
	if err != nil || ok {
		return err
	}
	return d.exhausted(tx, c)
}

// slips puts off what is told about a callback, each time for twice as long. It
// reports false when that makes no sense any more.
func (d *Desk) slips(tx Tx, c *Callback) (bool, error) {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return false, err
	}
	told, err := d.toldLate(tx, *c)
	if err != nil {
		return false, err
	}
	at := d.permits(q, c.Phone, d.Now().Add(slip<<told))
	if halt, err := d.halts(tx, q); err != nil || halt {
		return true, errors.Join(err, d.halted(tx, *c, at))
	}
	if d.tooLate(*c) || at.IsZero() {
		return false, nil
	}
	expects, err := d.expects(tx, *c)
	if err != nil {
		return false, err
	}
	c.Until = at.Add(d.Policy.Window.Duration())
	if err := d.move(tx, c, WindowPassed, "desk"); err != nil || !expects {
		return true, err
	}
	if err := d.record(tx, *c, brokenKind, nobodyFree, "desk"); err != nil || told == lateTexts {
		return true, err
	}
	return true, d.tell(tx, *c, textLate)
}

// toldLate counts the texts that said that we are late about a callback.
func (d *Desk) toldLate(tx Tx, c Callback) (int, error) {
	since, err := sinceWhen(tx, c)
	if err != nil {
		return 0, err
	}
	all, err := tx.MessagesTo(string(c.Phone), d.Policy.Texts)
	n := 0
	for _, m := range all {
		if strings.HasPrefix(m.Key, textLate+":"+c.ID+":") && m.DueAt.After(since) {
			n++
		}
	}
	return min(n, lateTexts), err
}

// sinceWhen is the instant from which texts about a callback are about what is
// promised now. Whose place is kept may hear of another time before the latest
// one that he was told.
func sinceWhen(tx Tx, c Callback) (time.Time, error) {
	if c.Place.IsZero() {
		return c.At, nil
	}
	told, err := tx.Told(c.ID)
	if errors.Is(err, ErrNotFound) {
		return c.At, nil
	}
	return told.At, err
}

// expects reports whether a customer was told when we call: at the booking, when
// he was not called since, or when he was and asked for it in fifteen minutes.
func (d *Desk) expects(tx Tx, c Callback) (bool, error) {
	if c.State != RetryWait {
		return true, nil
	}
	all, err := tx.AttemptsOf(c.ID)
	said := ""
	for _, a := range all {
		if a.Leg == CustomerLeg {
			said = a.Outcome
		}
	}
	if err != nil || said == string(ivr.Later) {
		return err == nil, err
	}
	rang, err := rang(tx, c, all)
	return !rang, err
}
