package callback

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// answered is in State.Data of a question to which a digit has come. It still
// takes others: who keeps a promise may call it off later.
const answered = "answered"

// noQuestions is what asks for no more questions, whatever was asked.
const noQuestions = "0"

// pose opens a question to the customer of a callback, and closes the one that
// was open: a 1 must never mean two things.
func (d *Desk) pose(tx Tx, c Callback, node string, offered []time.Time) (Talk, error) {
	if err := d.hush(tx, c.Phone); err != nil {
		return Talk{}, err
	}
	t := Talk{
		ID: d.NewID(), Line: textLine, Phone: c.Phone, Queue: c.Queue, Callback: c.ID, Agent: c.Agent, BeganAt: d.Now(),
		State: ivr.State{Turn: 1, Node: node, Lang: c.Lang, Offered: offered},
	}
	if q := d.Queues[c.Queue]; q != nil {
		t.Dialled = q.CallerID
	}
	return t, tx.PutTalk(t)
}

// hush closes the question that a person has open.
func (d *Desk) hush(tx Tx, p Phone) error {
	return d.hushIf(tx, p, func(Talk) bool { return true })
}

// settled closes the question about a callback, if it is the one that is open.
func (d *Desk) settled(tx Tx, c Callback) error {
	return d.hushIf(tx, c.Phone, func(t Talk) bool { return t.Callback == c.ID && t.Menu == "" })
}

func (d *Desk) hushIf(tx Tx, p Phone, idle func(Talk) bool) error {
	t, err := tx.OpenTalk(textLine, p)
	if errors.Is(err, ErrNotFound) || err == nil && !idle(t) {
		return nil
	}
	t.Closed, t.EndedAt = true, d.Now()
	return errors.Join(err, tx.PutTalk(t), tx.Count(t.tallies()))
}

// questioned reports whether a question about a callback is open to a person:
// one that was neither answered nor has lapsed.
func (d *Desk) questioned(tx Tx, p Phone) (bool, error) {
	t, err := tx.OpenTalk(textLine, p)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return t.Menu == "" && t.State.Data[answered] == "" && !d.lapsed(t), err
}

// lapsed reports whether an answer comes too late.
func (d *Desk) lapsed(t Talk) bool { return d.Now().Sub(t.BeganAt) > d.Survey.Within.Duration() }

// digit takes the answer to a question.
func (d *Desk) digit(tx Tx, t Talk, in InText) (bool, error) {
	c, err := matterOf(tx, t)
	if err != nil {
		return false, err
	}
	n, ok := ivr.ReadNumber(in.Body, t.State.Lang, texts.Digits(t.State.Node, len(t.State.Offered)))
	switch {
	case !ok:
		return d.misread(tx, t, c, in)
	case t.State.Node == texts.AskCutOff:
		return d.callAgain(tx, t, c, in)
	case t.State.Node == texts.AskTimes:
		return d.choose(tx, t, c, t.State.Offered[n-1], in)
	case t.State.Node == texts.AskAgain || n == texts.MoveDigit:
		return true, d.offerTimes(tx, c, nil)
	case c.State.Over():
		return false, d.unexpected(tx, in)
	case n == texts.CallOffDigit:
		return d.callOffByText(tx, c, in)
	}
	return true, errors.Join(d.confirmed(tx, t, c, "text"), d.sendWords(tx, c, t.ID, d.Text(c.Lang, d.timed(c, "text_kept", d.told(c)))))
}

// confirmed records that a customer keeps what was asked about, and how he said
// so. Said again, it is nothing new.
func (d *Desk) confirmed(tx Tx, t Talk, c Callback, how string) error {
	if t.State.Data[answered] != "" {
		return nil
	}
	t.State.Data = map[string]string{answered: strconv.Itoa(texts.KeepDigit)}
	return errors.Join(tx.PutTalk(t), d.record(tx, c, "promise.confirmed", how, "caller"))
}

// timed is a prompt with a time in it, as people at the queue's place say it.
func (d *Desk) timed(c Callback, name string, at time.Time) ivr.Prompt {
	zone := at.Location()
	if q := d.Queues[c.Queue]; q != nil {
		zone = q.Zone
	}
	return ivr.Prompt{Name: name, At: at.In(zone), Now: d.Now().In(zone)}
}

// misread asks once more. What is no digit at all may be said to a person.
func (d *Desk) misread(tx Tx, t Talk, c Callback, in InText) (bool, error) {
	if survey := t.State.Data["survey"]; survey != "" {
		return true, d.comment(tx, survey, in, "")
	}
	if t.State.Wrong > 0 {
		return false, d.unexpected(tx, in)
	}
	t.State.Wrong++
	t.State.Turn++
	again := d.slots(c, t.State.Offered)
	if t.State.Node != texts.AskTimes {
		again = d.Text(c.Lang, ivr.Prompt{Name: cmp.Or(texts.Answers(t.State.Node), "text_again")})
	}
	words := d.writer().WithRoom(d.Text(c.Lang, ivr.Prompt{Name: "unclear"}), again)
	return true, errors.Join(tx.PutTalk(t), d.unexpected(tx, in), d.sendWords(tx, c, t.ID, words))
}

// callOffByText takes a promise back.
func (d *Desk) callOffByText(tx Tx, c Callback, in InText) (bool, error) {
	if _, ok := c.State.After(CallerCancel); !ok || c.State == CustomerDialing {
		return false, d.unexpected(tx, in) // the telephone rings by now
	}
	if err := d.move(tx, &c, CallerCancel, "caller"); err != nil {
		return false, err
	}
	return true, d.tell(tx, c, "text_cancelled")
}

// sendWords sends words about a callback at once, and once.
func (d *Desk) sendWords(tx Tx, c Callback, talk string, words ...string) error {
	now := d.Now()
	return d.post(tx, Message{
		Kind: TextKind, Key: "reply:" + d.NewID(), To: string(c.Phone), Body: strings.Join(words, " "),
		Talk: talk, Callback: c.ID, DueAt: now, Until: now.Add(time.Hour), Once: true,
	})
}
