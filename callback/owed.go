package callback

import (
	"context"
	"errors"
	"slices"

	"github.com/holdless/holdless/ivr"
)

// mostOwed bounds how many events of one talk are kept for the store.
const mostOwed = 8

// An owed event is how a call ended, which the store could not be told.
type owed struct {
	turn  int
	event ivr.Event
}

// owe keeps an event that tells how a call ended, until the store answers. No
// line says it again, and without it an agent would stay busy, and a customer
// who was served would be called once more. What a person pressed is not
// kept: nobody would do what follows from it.
func (m *memory) owe(talk string, turn int, e ivr.Event) {
	if e.Kind != ivr.Spoke && e.Kind != ivr.NoAnswer && e.Kind != ivr.Gone {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owed == nil {
		m.owed = map[string][]owed{}
	}
	if len(m.owed[talk]) < mostOwed {
		m.owed[talk] = append(m.owed[talk], owed{turn, e})
	}
}

func (m *memory) owedTo(talk string) []owed {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owed[talk]
}

// debts lists the talks of which the store does not know everything.
func (m *memory) debts() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return sorted(m.owed)
}

// paid forgets what is not owed any more. Two may have told the store at once.
func (m *memory) paid(talk string, all []owed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(m.owed[talk]), func(o owed) bool { return slices.Contains(all, o) })
	delete(m.owed, talk)
	if len(left) > 0 {
		m.owed[talk] = left
	}
}

// catchUp takes what is owed to a talk, in the order in which it happened.
func (d *Desk) catchUp(tx Tx, t *Talk, all []owed) error {
	for _, o := range all {
		if err := d.hear(tx, t, o.turn, o.event); err != nil {
			return err
		}
	}
	return nil
}

// repay tells the store how calls ended while it did not answer.
func (d *Desk) repay(ctx context.Context) error {
	var failed []error
	for _, id := range d.live.debts() {
		all := d.live.owedTo(id)
		var t Talk
		err := d.update(ctx, func(tx Tx) (err error) {
			if t, err = d.load(tx, Talk{ID: id}); err != nil {
				return err
			}
			return d.catchUp(tx, &t, all)
		})
		switch {
		case err == nil:
			d.live.keep(t)
			d.live.paid(id, all)
		case errors.Is(err, ErrNotFound): // it began and ended without the store
			d.live.paid(id, all)
		default:
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
