package callback

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// Reply takes a text message. It reports false when nobody was expecting one:
// a person has to read it.
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

// reply understands a text. What is asked of us whatever was open comes first.
func (d *Desk) reply(tx Tx, in InText) (bool, error) {
	switch {
	case ivr.WantsStop(in.Body):
		return true, d.stopTexts(tx, in)
	case ivr.WantsStart(in.Body):
		return true, d.startTexts(tx, in)
	case ivr.WantsHelp(in.Body):
		return true, d.help(tx, in)
	}
	t, err := tx.OpenTalk(textLine, in.From)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	switch {
	case err != nil || t.State.Turn == 0 || d.lapsed(t):
		return d.stray(tx, in)
	case t.Menu == "" && strings.TrimSpace(in.Body) == noQuestions:
		return true, d.stopSurveys(tx, in.From)
	case t.Menu == "":
		return d.digit(tx, t, in)
	}
	if err := d.hear(tx, &t, t.State.Turn, ivr.Event{Kind: ivr.Heard, Text: in.Body}); err != nil {
		return false, err
	}
	if !t.Closed || !isLow(t.Last.Notes) {
		return true, d.answer(tx, t, "")
	}
	offer, err := d.makeGood(tx, t)
	return true, errors.Join(err, d.answer(tx, t, offer))
}

// stopTexts keeps for good that a person wants no texts. Promises stay: they
// are kept by telephone.
func (d *Desk) stopTexts(tx Tx, in InText) error {
	word := strings.ToLower(strings.Trim(strings.TrimSpace(in.Body), ".!"))
	if err := errors.Join(d.stopped(tx, in.From), d.hush(tx, in.From), d.optOut(tx, in.From, word)); err != nil {
		return err
	}
	if !strings.Contains(word, " ") {
		return nil
	}
	return tx.Record(Entry{ // more than a word: a person may have to read it
		At: d.Now(), Kind: "task", Phone: in.From, Actor: "desk", Name: "wants no texts", Value: in.Body,
	})
}

// stopped notes in the survey of a person that he wants no more of it.
func (d *Desk) stopped(tx Tx, p Phone) error {
	a, err := tx.LastAsked(p)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || !a.StoppedAt.IsZero() {
		return err
	}
	a.StoppedAt = d.Now()
	return tx.PutAsked(a)
}

// startTexts takes back that a person wants no texts, as he asks himself.
func (d *Desk) startTexts(tx Tx, in InText) error {
	now := d.Now()
	return errors.Join(tx.Block(in.From, NoTexts, now), tx.Block(in.From, NoSurveys, now),
		tx.Record(Entry{At: now, Kind: "text.resumed", Phone: in.From, Actor: "caller"}))
}

// stopSurveys keeps for good that a person wants no more questions.
func (d *Desk) stopSurveys(tx Tx, p Phone) error {
	now := d.Now()
	return errors.Join(d.stopped(tx, p), tx.Block(p, NoSurveys, time.Time{}), d.post(tx, Message{
		Kind: TextKind, Key: "reply:" + d.NewID(), To: string(p), Body: d.Text(d.langOf(tx, p), ivr.Prompt{Name: "texts_stop"}),
		DueAt: now, Until: now.Add(time.Hour), Once: true,
	}))
}

// help says who we are, once a day at most: two machines must not talk to
// each other for ever.
func (d *Desk) help(tx Tx, in InText) error {
	now := d.Now()
	m := Message{
		Kind: TextKind, Key: "help:" + string(in.From) + ":" + now.UTC().Format(time.DateOnly), To: string(in.From),
		Body:  d.Text(d.langOf(tx, in.From), ivr.Prompt{Name: "text_help", Digits: string(d.callUs(in))}),
		DueAt: now, Until: now.Add(time.Hour), Once: true,
	}
	if err := d.post(tx, m); !errors.Is(err, ErrKnown) {
		return err
	}
	return nil
}

// callUs is the number at which people reach us.
func (d *Desk) callUs(in InText) Phone {
	if _, ok := d.Numbers[in.To]; ok {
		return in.To
	}
	for _, name := range sorted(d.Queues) {
		if id := d.Queues[name].CallerID; id != "" {
			return id
		}
	}
	return in.To
}

// langOf is the language in which a person spoke with us last.
func (d *Desk) langOf(tx Tx, p Phone) string {
	all, err := tx.FindCallbacks(Filter{Phone: p, Max: 20})
	lang, last := "", time.Time{}
	for _, c := range all {
		if err == nil && c.UpdatedAt.After(last) {
			lang, last = c.Lang, c.UpdatedAt
		}
	}
	return lang
}

const (
	secondThought = 24 * time.Hour      // a second score within it replaces the first
	lateComment   = 30 * 24 * time.Hour // a text within it still belongs to the survey
)

// scales are the answers to the questions that holdless ships.
var scales = map[string][2]int{"csat": {1, 5}, "nps": {0, 10}, "ces": {1, 7}}

// stray takes a text to which no question is open: a second thought about a
// score, a late word about a call, or something for people to read.
func (d *Desk) stray(tx Tx, in InText) (bool, error) {
	a, err := tx.LastAsked(in.From)
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && (a.SentAt.IsZero() || d.Now().Sub(a.At) > lateComment):
		if strings.TrimSpace(in.Body) == noQuestions {
			return true, d.stopSurveys(tx, in.From)
		}
		return false, errors.Join(d.wrote(tx, in), d.unexpected(tx, in))
	case err != nil:
		return false, err
	}
	if !a.AnsweredAt.IsZero() && d.Now().Sub(a.AnsweredAt) <= secondThought {
		if ok, err := d.rescore(tx, a, in); ok || err != nil {
			return ok, err
		}
	}
	return false, errors.Join(d.comment(tx, a.Talk, in, "late"), d.wrote(tx, in), d.unexpected(tx, in))
}

// rescore takes a second score for the first.
func (d *Desk) rescore(tx Tx, a Asked, in InText) (bool, error) {
	t, err := tx.Talk(a.Talk)
	if err != nil {
		return false, err
	}
	for _, question := range sorted(scales) {
		if t.State.Data[question] == "" {
			continue
		}
		lo, hi := scales[question][0], scales[question][1]
		var answers []int
		for n := lo; n <= hi; n++ {
			answers = append(answers, n)
		}
		n, ok := ivr.ReadNumber(in.Body, t.State.Lang, answers)
		if ok {
			return true, d.surveyedAgain(tx, t, ivr.Note{Name: question, Value: strconv.Itoa(n)})
		}
	}
	return false, nil
}

// surveyedAgain takes a second score, and is sorry when it is a low one.
func (d *Desk) surveyedAgain(tx Tx, t Talk, n ivr.Note) error {
	if err := d.surveyed(tx, &t, n); err != nil || !isLow([]ivr.Note{n}) {
		return err
	}
	c, err := matterOf(tx, t)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	offer, err := d.makeGood(tx, t)
	return errors.Join(err, d.sendWords(tx, c, t.ID, strings.TrimSpace(d.Text(c.Lang, ivr.Prompt{Name: "text_sorry"})+" "+offer)))
}

// comment keeps words about a survey, linked to its call.
func (d *Desk) comment(tx Tx, talk string, in InText, when string) error {
	a, err := tx.Asked(talk)
	if err != nil {
		return err
	}
	return tx.Record(Entry{
		At: d.Now(), Kind: "survey.comment", Talk: a.Talk, Callback: a.Callback, Queue: a.Queue, Phone: in.From,
		Actor: "customer", Name: when, Value: in.Body,
	})
}

// unexpected keeps a text that answers nothing for people to read.
func (d *Desk) unexpected(tx Tx, in InText) error {
	return tx.Record(Entry{At: d.Now(), Kind: "text.unexpected", Phone: in.From, Actor: "caller", Value: in.Body})
}

// answer sends what a talk by text says next, and what the desk adds.
func (d *Desk) answer(tx Tx, t Talk, more string) error {
	body := strings.TrimSpace(d.words(t.Last) + " " + more)
	if body == "" {
		return nil
	}
	now := d.Now()
	return d.post(tx, Message{
		Kind: TextKind, Key: "reply:" + t.ID + ":" + strconv.Itoa(t.State.Turn), To: string(t.Phone), Body: body,
		Talk: t.ID, Callback: t.Callback, DueAt: now, Until: now.Add(time.Hour), Once: true,
	})
}
