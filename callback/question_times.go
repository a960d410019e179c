package callback

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

const (
	timesOffered = 3
	timesApart   = time.Hour // so that there is something to choose from
)

// offerTimes writes which times are free, and asks for one of them. What is
// said before is put in front.
func (d *Desk) offerTimes(tx Tx, c Callback, before []string) error {
	offered, err := d.nextTimes(tx, c, timesOffered)
	if err != nil {
		return err
	}
	if len(offered) == 0 {
		return d.sendWords(tx, c, "", append(before, d.Text(c.Lang, ivr.Prompt{Name: "text_no_times"}))...)
	}
	t, err := d.pose(tx, c, texts.AskTimes, offered)
	if err != nil {
		return err
	}
	which := d.Text(c.Lang, ivr.Prompt{Name: "text_which"}) + " " + d.slots(c, offered)
	return d.sendWords(tx, c, t.ID, d.writer().WithRoom(strings.Join(before, " "), which))
}

// slots lists times, each with its digit.
func (d *Desk) slots(c Callback, offered []time.Time) string {
	words := make([]string, len(offered))
	for i, at := range offered {
		p := d.timed(c, "text_slot", at)
		p.Key = strconv.Itoa(i + 1)
		words[i] = d.Text(c.Lang, p)
	}
	return strings.Join(words, " ")
}

// nextTimes returns the soonest free times that are well apart.
func (d *Desk) nextTimes(tx Tx, c Callback, most int) ([]time.Time, error) {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return nil, err
	}
	free, err := d.free(tx, q, c.Phone, d.Now().In(q.Zone))
	var all []time.Time
	for _, at := range free {
		theirs := !c.State.Over() && at.Equal(c.At)
		if len(all) < most && !theirs && (len(all) == 0 || at.Sub(all[len(all)-1]) >= timesApart) {
			all = append(all, at)
		}
	}
	return all, err
}

// choose promises a time that was offered: to the callback that is open, or
// to a new one about the same matter.
func (d *Desk) choose(tx Tx, t Talk, c Callback, at time.Time, in InText) (bool, error) {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return false, err
	}
	open, err := d.openOf(tx, c.Queue, c.Phone)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	isOpen := err == nil
	if isOpen {
		if _, ok := open.State.After(Reschedule); !ok {
			return false, d.unexpected(tx, in)
		}
		if open.Moves >= d.Policy.Moves { // a person sees to it
			return true, errors.Join(d.unexpected(tx, in), d.sendWords(tx, c, t.ID, d.Text(c.Lang, d.timed(open, "text_kept", d.told(open)))))
		}
	}
	if ok, err := d.seat(tx, q, c.Phone, at, t.BeganAt); err != nil || !ok {
		return true, errors.Join(err, d.offerTimes(tx, c, []string{d.Text(c.Lang, ivr.Prompt{Name: "taken"})}))
	}
	if isOpen {
		return true, d.reschedule(tx, &open, at, "caller")
	}
	return true, d.bookAgain(tx, c, t, at)
}

// bookAgain promises another call about the matter of one that is over.
func (d *Desk) bookAgain(tx Tx, c Callback, t Talk, at time.Time) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	err = d.mayCall(tx, c.Phone)
	if err == nil {
		err = d.mayPromise(tx, c.Phone, "")
	}
	if err != nil {
		e, err := refused(err)
		if err != nil {
			return err
		}
		return errors.Join(d.task(tx, c, "number refused: "+e.Text),
			d.sendWords(tx, c, "", d.Text(c.Lang, ivr.Prompt{Name: "text_no_times"})))
	}
	now := d.Now()
	again := Callback{
		ID: d.NewID(), Queue: c.Queue, Phone: c.Phone, Name: c.Name, Topic: c.Topic, Lang: c.Lang, Note: c.Note, Talk: t.ID,
		State: BookedState, CreatedAt: now, UpdatedAt: now,
	}
	d.promise(&again, q, at)
	if err := tx.AddCallback(again); err != nil {
		return err
	}
	return errors.Join(d.toldAgain(tx, again), d.record(tx, again, "callback.booked", "text", t.speaker()), d.tell(tx, again, "text_booked"))
}
