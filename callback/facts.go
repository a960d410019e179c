package callback

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// facts gathers what may be told to a person at this moment, free times aside.
func (d *Desk) facts(tx Tx, t *Talk) (ivr.Facts, error) {
	q, err := d.queueOf(t.Queue)
	if err != nil {
		return ivr.Facts{}, err
	}
	if t.Menu == deskMenu {
		return d.deskFacts(tx, t, q)
	}
	now := d.Now().In(q.Zone)
	f := ivr.Facts{Now: now, Open: q.Open(now)}
	if !f.Open {
		f.Opens = q.Opens(now)
	}
	if f.Idle, err = d.idle(tx, t, q); err != nil {
		return f, err
	}
	if f.MaySurvey, err = d.maySurvey(tx, t); err != nil {
		return f, err
	}
	if t.keeps() {
		if f.Brief, err = d.brief(tx, t); err == nil && t.Menu == customerMenu {
			err = d.holdFacts(tx, t, q, &f)
		}
		return f, err
	}
	if f.Caller, f.Booking, err = d.caller(tx, t); err != nil {
		return f, err
	}
	f.Message = d.mayLeave(t, q)
	if f.MayAsk, err = d.mayAsk(tx, t); err != nil {
		return f, err
	}
	return f, d.lineFacts(tx, t, q, &f)
}

// keeps reports whether the talk is about one callback, or one caller, that
// somebody has to be told of.
func (t *Talk) keeps() bool {
	return t.Menu == agentMenu || t.Menu == whisperMenu || t.Menu == customerMenu
}

// calls returns the number that would be called: the one that was keyed in, or
// the person's own.
func (t *Talk) calls() Phone {
	if t.State.Phone != "" {
		return Phone(t.State.Phone)
	}
	return t.Phone
}

// idle counts the agents of a queue who could answer a person at once.
func (d *Desk) idle(tx Tx, t *Talk, q *Queue) (int, error) {
	_, most, err := d.freeOnLine(tx, t, q)
	return most, err
}

// free returns the times of a queue that are free, soonest first. When the
// clock of the person is elsewhere, times at which he may not be called are
// left out.
func (d *Desk) free(tx Tx, q *Queue, p Phone, now time.Time) ([]time.Time, error) {
	all := q.Times(now)
	if len(all) == 0 {
		return nil, nil
	}
	last := all[len(all)-1]
	taken, err := tx.CountSlots(q.Name, all[0], last.Add(time.Millisecond), now.Add(-grace))
	if err != nil {
		return nil, err
	}
	place := d.place(q, p, now)
	free := make([]time.Time, 0, len(all))
	for _, at := range all {
		seats, err := d.seatsAt(tx, q, at)
		if err != nil {
			return nil, err
		}
		if taken[at.UnixMilli()] < seats && d.permitted.Next(at, place).Equal(at) {
			free = append(free, at)
		}
	}
	return free, nil
}

// heldToo adds the time that the talk itself holds: who goes back to choose
// once more finds it among the others.
func (d *Desk) heldToo(tx Tx, t *Talk, q *Queue, f ivr.Facts) ([]time.Time, error) {
	held, err := d.heldBy(tx, t)
	if err != nil {
		return nil, err
	}
	for _, c := range held {
		i, there := slices.BinarySearchFunc(f.Slots, c.At, time.Time.Compare)
		if !there && hadTime(q, d.lately(), f.Now, c.At) {
			f.Slots = slices.Insert(f.Slots, i, c.At)
		}
	}
	return f.Slots, nil
}

// caller tells what is known of the person who calls, and the time of his
// open callback.
func (d *Desk) caller(tx Tx, t *Talk) (ivr.Caller, time.Time, error) {
	who := ivr.Caller{Phone: string(t.Phone), VIP: t.Phone != "" && slices.Contains(d.VIPs, t.Phone)}
	if t.Phone == "" {
		return who, time.Time{}, nil
	}
	var err error
	if who.Lang, err = tx.Language(t.Phone); err != nil && !errors.Is(err, ErrNotFound) {
		return who, time.Time{}, err
	}
	err = d.mayCall(tx, t.Phone)
	if _, no := errors.AsType[*number.RefusalError](err); err != nil && !no {
		return who, time.Time{}, err
	}
	who.Callable = err == nil
	known, err := tx.FindCallbacks(Filter{Phone: t.Phone, States: served, Max: 20})
	if err != nil {
		return who, time.Time{}, err
	}
	open, err := tx.FindCallbacks(Filter{Queue: t.Queue, Phone: t.Phone, States: promised, Max: 1})
	if err != nil {
		return who, time.Time{}, err
	}
	for _, c := range append(known, open...) {
		who.Known, who.Name = true, cmp.Or(c.Name, who.Name)
	}
	if len(open) == 0 {
		return who, time.Time{}, nil
	}
	return who, d.told(open[0]), nil
}

// brief tells an agent, or a customer, what the call is about.
func (d *Desk) brief(tx Tx, t *Talk) (*ivr.Brief, error) {
	if t.Menu == whisperMenu {
		return &ivr.Brief{Name: t.State.Data["name"], Phone: string(t.Phone), Topic: d.topic(t.State.Data["topic"], t.State.Lang)}, nil
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return nil, err
	}
	return &ivr.Brief{Name: c.Name, Phone: string(c.Phone), Topic: d.topic(c.Topic, t.State.Lang), Attempt: c.Attempts + 1, At: c.At}, nil
}

// topic is what a matter is called in a language, as the menus name it; else
// the matter as it was noted.
func (d *Desk) topic(noted, lang string) string {
	menus := d.Live().Menus
	for _, name := range sorted(menus) {
		if label := menus[name].Label(noted, lang); label != "" {
			return label
		}
	}
	return noted
}
