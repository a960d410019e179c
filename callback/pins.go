package callback

import (
	"errors"
	"strconv"
	"time"
)

// noPIN forbids a number to try any PIN; wrongPIN remembers that it has tried a
// wrong one, in this call or in another. From a number of goodPIN somebody has
// signed in.
const (
	noPIN    BlockKind = "pin"
	wrongPIN BlockKind = "wrong_pin"
	goodPIN  BlockKind = "good_pin"

	pinPause  = 15 * time.Minute // the first; each further one of a day is twice as long
	pinPauses = 7
	pinMemory = 90 * day1
)

// strangers stands for all numbers together from which nobody has signed in yet:
// who guesses may show another one in each call. So many wrong PINs in a quarter
// of an hour are nobody's slips. Agents who call from where they have called
// before have nothing to do with it.
const strangers Phone = "pins"

const wrongPINs = 20

// triers lists whose pauses hold for a number.
func (d *Desk) triers(tx Tx, p Phone) ([]Phone, error) {
	if d.agentAt(p) != "" {
		return []Phone{p}, nil
	}
	known, err := tx.Blocked(p, goodPIN, d.Now())
	if known {
		return []Phone{p}, err
	}
	return []Phone{p, strangers}, err
}

// mayTryPIN reports whether a number may key in a PIN now.
func (d *Desk) mayTryPIN(tx Tx, p Phone) (bool, error) {
	all, err := d.triers(tx, p)
	for _, one := range all {
		if err := tx.LockPhone(one); err != nil {
			return false, err
		}
		if blocked, err := tx.Blocked(one, noPIN, d.Now()); err != nil || blocked {
			return false, err
		}
	}
	return err == nil, err
}

// keyedPIN remembers where an agent calls from.
func (d *Desk) keyedPIN(tx Tx, p Phone) error {
	if p == Anonymous {
		return nil
	}
	return tx.Block(p, goodPIN, d.Now().Add(pinMemory))
}

// missedPIN counts a wrong PIN: the second of one number in a while is the last,
// and so is one of too many of all strangers.
func (d *Desk) missedPIN(tx Tx, p Phone) error {
	now := d.Now()
	all, err := d.triers(tx, p)
	if err != nil {
		return err
	}
	again, err := tx.Blocked(p, wrongPIN, now)
	if err != nil {
		return err
	}
	if again {
		err = d.pausePINs(tx, p)
	} else {
		err = tx.Block(p, wrongPIN, now.Add(pinPause))
	}
	if err != nil || len(all) == 1 {
		return err
	}
	for n := range wrongPINs {
		one := strangers + Phone(strconv.Itoa(n))
		if taken, err := tx.Blocked(one, wrongPIN, now); err != nil || !taken {
			return errors.Join(err, tx.Block(one, wrongPIN, now.Add(pinPause)))
		}
	}
	d.Log.Warn("too many wrong pins", "most", wrongPINs)
	return d.pausePINs(tx, strangers)
}

// pausePINs lets a number key in no PIN for a while, which is longer each time in
// a day.
func (d *Desk) pausePINs(tx Tx, p Phone) error {
	now, pause := d.Now(), pinPause
	for n := range pinPauses {
		kind := noPIN + BlockKind("_"+strconv.Itoa(n))
		taken, err := tx.Blocked(p, kind, now)
		if err != nil {
			return err
		}
		if !taken {
			return errors.Join(tx.Block(p, kind, now.Add(day1)), tx.Block(p, noPIN, now.Add(pause)))
		}
		pause *= 2
	}
	return tx.Block(p, noPIN, now.Add(pause))
}
