package callback

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// textLine is the line on which people are written to.
const textLine = "text"

// surveyKey begins the key of a message that asks a survey.
const surveyKey = "survey:"

func isSurvey(m Message) bool { return strings.HasPrefix(m.Key, surveyKey) }

// survey writes down that a customer is to be asked how it was, once, unless
// he does not want to be asked or was asked lately.
func (d *Desk) survey(tx Tx, t *Talk, c Callback) error {
	now := d.Now()
	if d.Survey.Kind == "off" || d.Menus[d.Survey.Menu] == nil {
		return nil
	}
	for _, kind := range []BlockKind{NoSurveys, NoTexts} {
		if no, err := tx.Blocked(c.Phone, kind, now); err != nil || no {
			return err
		}
	}
	if ok, err := d.consents(tx, c); err != nil || !ok {
		return err
	}
	talk := Talk{
		ID: newID(), Line: textLine, Phone: c.Phone, Dialled: t.Dialled, Menu: d.Survey.Menu, Queue: c.Queue,
		Callback: c.ID, Agent: t.Agent, BeganAt: now, State: ivr.State{Lang: c.Lang},
	}
	due := d.loud(c.Phone, now.Add(d.Survey.Delay.Duration()))
	return errors.Join(
		tx.PutTalk(talk),
		tx.Block(c.Phone, NoSurveys, now.Add(max(d.Survey.Pause.Duration(), time.Second))),
		d.post(tx, Message{
			Kind: "text", Key: surveyKey + c.ID, To: string(c.Phone), Talk: talk.ID, Callback: c.ID,
			DueAt: due, Until: due.Add(day1), Once: true,
		}))
}

// consents reports whether the customer lets himself be asked: by saying yes in
// the menu that he booked in, where that is wanted.
func (d *Desk) consents(tx Tx, c Callback) (bool, error) {
	if d.Survey.Consent != "given" {
		return true, nil
	}
	t, err := tx.Talk(c.Talk)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return t.State.Data["consent"] == "yes", err
}

// loud returns the first instant not before t at which a person may be texted
// unasked: outside the quiet hours where the person is.
func (d *Desk) loud(p Phone, t time.Time) time.Time {
	place := d.places.place(p, t)
	if place == nil {
		place = t.Location()
	}
	return d.quiet.over(t, place)
}

// ask begins the talk of a survey when its text is about to leave, and not
// before: else a reply to another text would be taken for an answer.
func (d *Desk) ask(tx Tx, m *Message) error {
	t, err := tx.Talk(m.Talk)
	if err != nil || t.State.Turn > 0 {
		return err
	}
	t.BeganAt = d.Now()
	if err := d.step(tx, &t, ivr.Event{Kind: ivr.Begin}); err != nil {
		return err
	}
	m.Body = d.words(t.Last)
	return tx.PutTalk(t)
}

// words writes out a turn.
func (d *Desk) words(t ivr.Turn) string {
	all := make([]string, 0, len(t.Say))
	for _, p := range t.Say {
		all = append(all, d.Text(t.Lang, p))
	}
	return strings.Join(all, " ")
}

// surveyed takes down an answer to a survey.
func (d *Desk) surveyed(tx Tx, t *Talk, n ivr.Note) error {
	if n.Name == "stop" {
		return tx.Block(t.Phone, NoSurveys, time.Time{})
	}
	score, err := strconv.Atoi(n.Value)
	if err != nil {
		return d.journal(tx, t, "survey.comment", n.Name, n.Value)
	}
	if err := d.journal(tx, t, "survey.score", n.Name, n.Value); err != nil {
		return err
	}
	if n.Name != "csat" || score > 2 {
		return nil
	}
	return d.journal(tx, t, "task", "unhappy customer", n.Value)
}

// stopWords are what people write who want no more texts, in any language
// that is served. Carriers act on the English ones too.
var stopWords = map[string]bool{
	"stop": true, "stopall": true, "unsubscribe": true, "cancel": true, "end": true, "quit": true,
	"optout": true, "opt out": true, "revoke": true,
	"lopeta": true, "seis": true, "peruuta": true, "ei viestejä": true,
	"konec": true, "odhlásit": true, "odhlasit": true, "zrušit": true, "zrusit": true,
	"στοπ": true, "διαγραφή": true, "διαγραφη": true, "τέλος": true, "τελος": true,
	"stopio": true, "diwedd": true, "oprește": true, "opreste": true, "dezabonare": true,
}

// Reply takes a text message. It reports false when nobody was expecting one.
func (d *Desk) Reply(ctx context.Context, in InText) (answered bool, err error) {
	err = d.update(ctx, func(tx Tx) (err error) {
		answered = false
		err = tx.AddText(in, d.Now())
		if errors.Is(err, ErrKnown) {
			answered = true
			return errRepeated
		}
		if err != nil {
			return err
		}
		answered, err = d.reply(tx, in)
		return err
	})
	if errors.Is(err, errRepeated) {
		return true, nil
	}
	return answered, err
}

// errRepeated ends the transaction of a text that came twice.
var errRepeated = errors.New("text was taken in before")

func (d *Desk) reply(tx Tx, in InText) (bool, error) {
	word := strings.ToLower(strings.Trim(strings.TrimSpace(in.Body), ".!"))
	if stopWords[word] {
		return true, d.optOut(tx, in.From, word)
	}
	t, err := tx.OpenTalk(textLine, in.From)
	if errors.Is(err, ErrNotFound) {
		return false, d.unexpected(tx, in)
	}
	if err != nil {
		return false, err
	}
	if t.State.Turn == 0 || d.Now().Sub(t.BeganAt) > d.Survey.Within.Duration() {
		return false, d.unexpected(tx, in)
	}
	if t.Menu == "" {
		return d.callAgain(tx, t, in)
	}
	if err := d.hear(tx, &t, t.State.Turn, ivr.Event{Kind: ivr.Heard, Text: in.Body}); err != nil {
		return false, err
	}
	return true, d.answer(tx, t)
}

// unexpected keeps a text that answers nothing for people to read.
func (d *Desk) unexpected(tx Tx, in InText) error {
	return tx.Record(Entry{At: d.Now(), Kind: "text.unexpected", Phone: in.From, Actor: "caller", Value: in.Body})
}

// answer sends what a talk by text says next.
func (d *Desk) answer(tx Tx, t Talk) error {
	body := d.words(t.Last)
	if body == "" {
		return nil
	}
	now := d.Now()
	return d.post(tx, Message{
		Kind: "text", Key: "reply:" + t.ID + ":" + strconv.Itoa(t.State.Turn), To: string(t.Phone), Body: body,
		Talk: t.ID, Callback: t.Callback, DueAt: now, Until: now.Add(time.Hour), Once: true,
	})
}
