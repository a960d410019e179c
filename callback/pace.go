package callback

import "time"

// Paces keeps until when what all processes do together is used up.
type Paces interface {
	// Pace returns an instant that is over, or zero, for what may be done now.
	// Others who ask for it wait until the transaction ends.
	Pace(name string) (until time.Time, err error)
	PutPace(name string, until time.Time) error
}

// ahead is how long before they leave texts are claimed.
const ahead = 2 * time.Second

// A turnstile lets texts leave one after the other, whichever process sends
// them. Who stands at it claims texts alone until the transaction ends: so the
// texts of one person are counted by one process at a time, too.
type turnstile struct {
	every      time.Duration // 0 for no bound
	now, until time.Time     // until when it is used up
	passed     bool
}

const textPace = "texts"

func (d *Desk) turnstile(tx Tx) (turnstile, error) {
	t := turnstile{now: d.Now()}
	if d.TextsPerSecond > 0 {
		t.every = time.Duration(float64(time.Second) / d.TextsPerSecond)
	}
	until, err := tx.Pace(textPace)
	t.until = later(until, t.now)
	return t, err
}

// closed reports whether a text would have to wait too long.
func (t *turnstile) closed() bool { return t.every > 0 && t.until.After(t.now.Add(ahead)) }

// pass returns when the next text leaves.
func (t *turnstile) pass() time.Time {
	at := t.until
	if t.every == 0 {
		at = t.now
	}
	t.until, t.passed = at.Add(t.every), true
	return at
}

func (t *turnstile) keep(tx Tx) error {
	if !t.passed || t.every == 0 {
		return nil
	}
	return tx.PutPace(textPace, t.until)
}
