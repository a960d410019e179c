package callback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// A Page is a survey as it stands: the question that is open, or the last
// words.
type Page struct {
	Lang    string
	Turn    int          // the turn that an answer answers
	Say     []ivr.Prompt // what is said now
	Asks    string       // the name of the question; "" when nothing is asked any more
	Answers []int        // the numbers that answer it; none for any words
}

// A Filled is what somebody filled in on the page of a survey.
type Filled struct {
	Turn  int    // Page.Turn
	Value string // one of Page.Answers, or words where there are none
	Words string // what else there is to say
	Stop  bool   // no more questions
}

// wordsLength bounds what is kept of the words on a page.
const wordsLength = 1000

// Page shows a survey. It records nothing: what scans links follows them.
func (d *Desk) Page(ctx context.Context, talk string) (Page, error) {
	var p Page
	err := d.Store.View(ctx, func(tx Tx) error {
		t, err := tx.Talk(talk)
		if err == nil {
			p, err = d.showing(tx, &t)
		}
		return err
	})
	if err != nil {
		return p, fmt.Errorf("page of survey: %w", err)
	}
	return p, nil
}

func (d *Desk) showing(tx Tx, t *Talk) (Page, error) {
	p := Page{Lang: t.State.Lang, Turn: t.State.Turn, Say: t.Last.Say}
	menu, err := d.menuOf(tx, t)
	if err != nil || menu == nil || t.Last.End {
		return p, err
	}
	if q, ok := menu.Question(t.State); ok {
		p.Asks, p.Answers = q.Save, q.Answers
	}
	return p, nil
}

// FillIn takes what somebody filled in, and returns what follows. An answer to
// a turn that was answered already is taken once. One to a question that
// another text has closed since is taken too: here it means one thing only.
func (d *Desk) FillIn(ctx context.Context, talk string, f Filled) (Page, error) {
	var p Page
	err := d.update(ctx, func(tx Tx) error {
		t, err := tx.Talk(talk)
		if err != nil {
			return err
		}
		p, err = d.showing(tx, &t)
		if err != nil || !p.takes(f) {
			return err
		}
		if err := d.fillIn(tx, &t, p.Asks, f); err != nil {
			return err
		}
		p, err = d.showing(tx, &t)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("fill in survey: %w", err)
	}
	return p, nil
}

// takes reports whether a page can take what was filled in.
func (p Page) takes(f Filled) bool {
	n, err := strconv.Atoi(f.Value)
	fits := len(p.Answers) == 0 && strings.TrimSpace(f.Value) != "" || err == nil && slices.Contains(p.Answers, n)
	return p.Asks != "" && f.Turn == p.Turn && (fits || f.Stop)
}

func (d *Desk) fillIn(tx Tx, t *Talk, question string, f Filled) error {
	said := cut(f.Value, wordsLength)
	if f.Stop {
		said = "stop"
	}
	over := t.Closed
	e := ivr.Event{Kind: ivr.Heard, Text: said}
	if err := d.step(tx, t, e); err != nil {
		return err
	}
	if t.Closed {
		if err := d.close(tx, t, e); err != nil {
			return err
		}
	}
	t.Closed = t.Closed || over
	if err := errors.Join(tx.PutTalk(*t), d.beside(tx, t, question, f.Words)); err != nil {
		return err
	}
	return d.makeGoodByText(tx, *t)
}

// beside keeps the words that were written beside an answer.
func (d *Desk) beside(tx Tx, t *Talk, question, words string) error {
	words = cut(strings.TrimSpace(words), wordsLength)
	if words == "" {
		return nil
	}
	a, err := d.surveyOf(tx, t)
	if err != nil {
		return err
	}
	return d.worded(tx, t, a, ivr.Note{Name: question + "_comment", Value: words})
}

// makeGoodByText offers times for a call to whom the page found unhappy.
func (d *Desk) makeGoodByText(tx Tx, t Talk) error {
	if !isLow(t.Last.Notes) {
		return nil
	}
	c, err := matterOf(tx, t)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	offer, err := d.makeGood(tx, t)
	if err != nil || offer == "" {
		return err
	}
	now := d.Now()
	return d.post(tx, Message{
		Kind: TextKind, Key: "reply:" + t.ID + ":" + strconv.Itoa(t.State.Turn), To: string(c.Phone),
		Body: d.writer().WithRoom(d.Text(c.Lang, ivr.Prompt{Name: "text_sorry"}), offer),
		Talk: t.ID, Callback: c.ID, DueAt: now, Until: now.Add(day1), Once: true,
	})
}
