package callback

import (
	"cmp"
	"errors"
	"strings"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// writer writes texts in the words of the desk.
func (d *Desk) writer() texts.Writer { return texts.Writer{Text: d.Text, Messages: d.Messages} }

// compose writes a text about a callback: what it says, how to answer, where to
// see and change it, and the number that calls, if there is room.
func (d *Desk) compose(c Callback, q *Queue, name string, at ivr.Prompt) string {
	link := ""
	if d.Link != nil && (!c.State.Over() || c.State.again()) {
		link = d.Link(c)
	}
	w := d.writer()
	body := w.Wording(c.Lang, at, link)
	if q.CallerID == "" || name != "text_booked" && name != "text_moved" {
		return body
	}
	longer := body + " " + d.Text(c.Lang, ivr.Prompt{Name: "text_from", Digits: string(q.CallerID)})
	if w.Cost(longer) <= w.Cost(body) {
		return longer
	}
	return body
}

// What a survey, and a text that follows it, is about is a callback; of a call
// that was answered at once there is none, and what would be one is made of the
// talk.

// matter is what a call was about that was answered at once.
func (t *Talk) matter() Callback {
	return Callback{
		Queue: t.Queue, Phone: t.Phone, Topic: t.State.Data["topic"], Lang: t.State.Lang, Agent: t.Agent, Talk: t.ID, State: Done,
	}
}

// matterOf returns what a talk by text is about.
func matterOf(tx Tx, t Talk) (Callback, error) {
	if t.Callback != "" {
		return tx.Callback(t.Callback)
	}
	c := t.matter()
	a, err := tx.Asked(cmp.Or(t.State.Data["survey"], t.ID))
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	c.Topic = cmp.Or(c.Topic, a.Topic)
	return c, err
}

// matterFor returns what a message is about that nobody waits for.
func matterFor(tx Tx, m Message) (Callback, error) {
	if m.Callback != "" {
		return tx.Callback(m.Callback)
	}
	t, err := tx.Talk(strings.TrimPrefix(m.Key, surveyKey))
	return t.matter(), err
}
