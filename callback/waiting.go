package callback

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Waiter is a caller who stands in line for an agent. His row outlives the
// process that has his call, and nobody else is told his place.
type Waiter struct {
	Talk   string
	Queue  string
	Phone  Phone
	Place  time.Time // what the line is ordered by: when he first came, or earlier for whom the queue prefers
	Came   time.Time // when he joined the line in this call
	Seen   time.Time // when his call last told us anything
	Ready  bool      // he hears music, and can be put through
	Called bool      // we have called him: he goes before all who called us
	Boot   string    // the process that has his call
}

// holds reports whether the person of a talk waits to be called up.
func (t *Talk) holds() bool { return !t.Closed && t.Last.Listen != nil && t.Last.Listen.Hold }

// hasLine reports whether somebody may stand in line in a talk.
func (d *Desk) hasLine(t *Talk) bool {
	q := d.Queues[t.Queue]
	return q != nil && q.Waiting > 0 && t.Line != textLine && !t.keeps() && t.Menu != deskMenu
}

// lineFacts tells a caller where in line he stands, or would.
func (d *Desk) lineFacts(tx Tx, t *Talk, q *Queue, f *ivr.Facts) error {
	f.Notice = q.notice()
	if !d.hasLine(t) {
		return nil
	}
	all, err := tx.Waiters(q.Name)
	if err != nil {
		return err
	}
	place, stands, err := d.standing(tx, t, q, all)
	if err != nil {
		return err
	}
	before, ready := goBefore(all, t.ID, place)
	f.Idle = max(0, f.Idle-ready) // they go first
	kept, err := tx.Placed(q.Name, place, d.Now().Add(inLine))
	f.Ahead += before + kept
	switch {
	case err != nil:
		return err
	case stands:
		f.MayWait = f.Open || q.AtClosing == ServeLine
	case f.Open && len(all) < q.Waiting:
		f.MayWait, err = d.attended(tx, q)
	}
	if err != nil || !f.MayWait || f.Idle > 0 {
		return err
	}
	o, err := d.outlookBehind(tx, q, f.Ahead, d.wishOf(tx, t))
	f.Bound = o.Bound
	latest := d.turnBy(q, *f)
	f.NoPlace = !d.permits(q, t.calls(), latest).Equal(latest)
	return err
}

// standing is the place of a caller, and whether he stands in line by now.
func (d *Desk) standing(tx Tx, t *Talk, q *Queue, line []Waiter) (place time.Time, stands bool, err error) {
	if at := slices.IndexFunc(line, func(w Waiter) bool { return w.Talk == t.ID }); at >= 0 {
		return line[at].Place, true, nil
	}
	place, err = d.firstCame(tx, t, q)
	return place, false, err
}

// goBefore counts who goes before a talk of that place, and who of them can be put
// through.
func goBefore(line []Waiter, talk string, place time.Time) (before, ready int) {
	for _, w := range line {
		if w.Talk == talk || !w.Called && !w.Place.Before(place) {
			continue
		}
		before++
		if w.Ready {
			ready++
		}
	}
	return before, ready
}

// ahead counts who is served before a callback that has its place since then:
// who came before on the line, who keeps an earlier place, and the promises
// that are due and end sooner.
func (d *Desk) ahead(tx Tx, q *Queue, c Callback, since time.Time) (int, error) {
	line, err := tx.Waiters(q.Name)
	if err != nil {
		return 0, err
	}
	n, now := 0, d.Now()
	for _, w := range line {
		if w.Place.Before(since) {
			n++
		}
	}
	kept, err := tx.Placed(q.Name, since, now.Add(inLine))
	if err != nil {
		return 0, err
	}
	due, err := tx.FindCallbacks(Filter{Queue: q.Name, States: []State{BookedState, RetryWait}, To: now.Add(inLine), Max: widest})
	for _, other := range due {
		if other.ID != c.ID && other.Place.IsZero() && !other.DueAt.After(now) && other.Until.Before(c.Until) {
			n++
		}
	}
	return n + kept, err
}

// attended reports whether anybody is at work who could take a call now or
// later: nobody waits for an empty room.
func (d *Desk) attended(tx Tx, q *Queue) (bool, error) {
	all, err := tx.Statuses()
	return slices.ContainsFunc(d.poolOf(q, true), func(a string) bool { return d.find(all, a).onDuty() }), err
}

// onDuty reports whether an agent takes calls, now or when he has ended what he
// does.
func (s Status) onDuty() bool { return s.State != OnBreak && s.State != Offline }

// firstCame returns the place of somebody who joins the line: he first asked for
// a person in this call, though the agent who was rung did not answer, or had a
// place kept when he was to be called back.
func (d *Desk) firstCame(tx Tx, t *Talk, q *Queue) (time.Time, error) {
	place := d.Now()
	told, err := tx.Told(t.ID)
	if err == nil {
		place = told.At
	}
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil || t.Phone == "" {
		return place, err
	}
	if slices.Contains(d.VIPs, t.Phone) {
		place = place.Add(-q.VIPsAhead)
	}
	open, err := tx.OpenCallback(q.Name, t.Phone)
	if err == nil && !open.Place.IsZero() && open.Place.Before(place) {
		place = open.Place
	}
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return place, err
}

// stand keeps the book of who stands in line, after each turn of a talk.
func (d *Desk) stand(tx Tx, t *Talk, e ivr.Event) error {
	if !d.hasLine(t) {
		return nil
	}
	w, err := tx.Waiter(t.ID)
	holds := t.holds()
	switch {
	case errors.Is(err, ErrNotFound) && !holds:
		return nil
	case errors.Is(err, ErrNotFound):
		if w, err = d.join(tx, t); err != nil {
			return err
		}
	case err != nil:
		return err
	case t.Closed:
		return d.leaveLine(tx, t, "line.left")
	case e.Kind == ivr.Spoke: // a line that knows no whisper
		return d.leaveLine(tx, t, "line.served")
	}
	w.Ready, w.Seen, w.Boot = holds, d.Now(), d.Boot
	return tx.PutWaiter(w)
}

func (d *Desk) join(tx Tx, t *Talk) (Waiter, error) {
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return Waiter{}, err
	}
	place, err := d.firstCame(tx, t, q)
	w := Waiter{Talk: t.ID, Queue: q.Name, Phone: t.Phone, Place: place, Came: d.Now()}
	return w, errors.Join(err, d.journal(tx, t, "line.joined", "place", place.UTC().Format(time.RFC3339)))
}

// leaveLine takes somebody out of the line, who was served, or would rather be
// called back, or has hung up. What is written down is for how many seconds he
// has stood in it.
func (d *Desk) leaveLine(tx Tx, t *Talk, how string) error {
	w, err := tx.Waiter(t.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	seconds := strconv.Itoa(int(d.Now().Sub(w.Came).Seconds()))
	return errors.Join(tx.DropWaiter(t.ID), d.journal(tx, t, how, "seconds", seconds))
}
