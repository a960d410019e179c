package callback

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// Asked is one survey: whom it asked about which call, and how far it came.
type Asked struct {
	Talk        string // the talk it is held in
	Callback    string
	Call        string // Attempt.Ref of the call to the customer
	Queue       string
	Agent       string // who spoke last
	Topic       string
	Phone       Phone
	Menu        string
	Version     string // of the text of the menu
	At          time.Time
	SentAt      time.Time
	DeliveredAt time.Time // as the carrier told
	AnsweredAt  time.Time
	StoppedAt   time.Time // the person wants no more of it
}

// A Score is the answer to one question, the one that counts.
type Score struct {
	Talk     string // Asked.Talk, or the call in which it was keyed in
	Question string // csat, nps, ces, solved
	Value    int
	Words    string // what was said beside it
	Queue    string
	Agent    string
	At       time.Time
}

// A Consent says whether a person agreed to be asked, when, and to what words.
type Consent struct {
	Phone   Phone
	Given   bool
	At      time.Time
	Talk    string
	Line    string
	Version string // of the text of the menu that asked
}

const (
	unhappy      = 2 // a csat that a person follows up, the same day
	unhappyTimes = 2 // how many times for a call are offered then
)

// surveyed takes down an answer to a survey, by text or by key.
func (d *Desk) surveyed(tx Tx, t *Talk, n ivr.Note) error {
	if n.Name == "stop" {
		return errors.Join(d.stopped(tx, t.Phone), tx.Block(t.Phone, NoSurveys, time.Time{}))
	}
	a, err := d.surveyOf(tx, t)
	if err != nil {
		return err
	}
	value, err := strconv.Atoi(n.Value)
	if err != nil {
		return d.worded(tx, t, a, n)
	}
	if a.AnsweredAt.IsZero() {
		a.AnsweredAt = d.Now()
	}
	s := Score{Talk: a.Talk, Question: n.Name, Value: value, Queue: a.Queue, Agent: a.Agent, At: d.Now()}
	err = errors.Join(tx.PutAsked(a), d.score(tx, t, a, s), d.journal(tx, t, "survey.score", n.Name, n.Value))
	if err != nil || n.Name != "csat" || value > unhappy {
		return err
	}
	if err := d.regret(tx, a, value); err != nil || t.Menu != customerMenu {
		return err
	}
	return d.makeGoodByText(tx, *t)
}

// isQuestion reports whether a note answers a question of a survey, in
// whatever menu it is asked.
func isQuestion(name string) bool {
	_, ok := scales[name]
	return ok
}

// surveyOf finds the survey of a talk. One that was keyed in within a call is
// a survey from there on.
func (d *Desk) surveyOf(tx Tx, t *Talk) (Asked, error) {
	a, err := tx.Asked(t.ID)
	if !errors.Is(err, ErrNotFound) {
		return a, err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return a, err
	}
	c.Queue, c.Phone, c.Talk = t.Queue, t.Phone, t.ID
	if a, err = d.asked(tx, t, c); err != nil {
		return a, err
	}
	a.SentAt, a.DeliveredAt = a.At, a.At
	return a, tx.PutAsked(a)
}

// score keeps an answer, and counts it in the place of an earlier one of the
// same person to the same question.
func (d *Desk) score(tx Tx, t *Talk, a Asked, s Score) error {
	about := figures.Scope{Queue: s.Queue, Topic: a.Topic, Lang: t.State.Lang, Agent: s.Agent}
	old, err := tx.Score(s.Talk, s.Question)
	switch {
	case err == nil:
		err = tx.Measure(d.counted(about, old.At, figures.Count{Name: figures.Said(old.Question, old.Value), N: -1}))
	case errors.Is(err, ErrNotFound):
		err = nil
	}
	return errors.Join(err, tx.PutScore(s), tx.Measure(d.counted(about, s.At, figures.Count{Name: figures.Said(s.Question, s.Value), N: 1})))
}

// worded keeps what was said in words, and beside a score.
func (d *Desk) worded(tx Tx, t *Talk, a Asked, n ivr.Note) error {
	question := strings.TrimSuffix(n.Name, "_comment")
	value, err := strconv.Atoi(t.State.Data[question])
	if err == nil {
		s := Score{Talk: a.Talk, Question: question, Value: value, Words: n.Value, Queue: a.Queue, Agent: a.Agent, At: d.Now()}
		if err := d.score(tx, t, a, s); err != nil {
			return err
		}
	}
	return d.journal(tx, t, "survey.comment", n.Name, n.Value)
}

// regret sees that somebody answers a customer who is not satisfied: it is
// written on somebody's list, he is told, and the customer is offered times
// for a call.
func (d *Desk) regret(tx Tx, a Asked, score int) error {
	owner := cmp.Or(d.Survey.Owner, a.Agent, d.firstOf(a.Queue))
	if err := tx.Record(Entry{
		At: d.Now(), Kind: "task", Talk: a.Talk, Callback: a.Callback, Queue: a.Queue, Phone: a.Phone,
		Actor: "desk", Name: unhappyTask, Value: strconv.Itoa(score) + " agent:" + owner,
	}); err != nil {
		return err
	}
	c, err := tx.Callback(a.Callback)
	if err != nil && !errors.Is(err, ErrNotFound) { // a call that was answered at once has none
		return err
	}
	c.Phone = a.Phone
	return d.tellOwner(tx, c, a, owner, score)
}

// firstOf is who follows up what nobody else does: the first agent of a queue.
func (d *Desk) firstOf(queue string) string {
	if q := d.Queues[queue]; q != nil && len(q.Agents) > 0 {
		return q.Agents[0]
	}
	return ""
}

// isLow reports whether the notes of a turn have an unhappy answer.
func isLow(notes []ivr.Note) bool {
	return slices.ContainsFunc(notes, func(n ivr.Note) bool {
		score, err := strconv.Atoi(n.Value)
		return n.Name == "csat" && err == nil && score <= unhappy
	})
}

// tellOwner texts whoever follows up unhappy customers, once for each survey.
func (d *Desk) tellOwner(tx Tx, c Callback, a Asked, name string, score int) error {
	owner, ok := d.Agents[name]
	if !ok || !Phone(owner.Phone).Valid() {
		return nil
	}
	lang := ""
	if len(owner.Languages) > 0 {
		lang = owner.Languages[0]
	}
	now := d.Now()
	err := d.post(tx, Message{
		Kind: TextKind, Key: "unhappy:" + a.Talk, To: owner.Phone, Callback: c.ID, DueAt: now, Until: now.Add(day1),
		Body: d.Text(lang, ivr.Prompt{Name: "text_unhappy", N: score, Text: cmp.Or(c.Name, string(c.Phone))}),
	})
	if errors.Is(err, ErrKnown) {
		return nil
	}
	return err
}

// makeGood offers two times for a call to an unhappy customer. It returns the
// words, which follow those of regret in the menu of the survey.
func (d *Desk) makeGood(tx Tx, survey Talk) (string, error) {
	c, err := matterOf(tx, survey)
	if errors.Is(err, ErrNotFound) || err == nil && c.Phone == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	offered, err := d.nextTimes(tx, c, unhappyTimes)
	if err != nil || len(offered) == 0 {
		return "", err
	}
	if err := tx.PutTalk(survey); err != nil { // it is over, so that this can be open
		return "", err
	}
	t, err := d.pose(tx, c, texts.AskTimes, offered)
	if err != nil {
		return "", err
	}
	t.State.Data = map[string]string{"survey": survey.ID}
	return d.Text(c.Lang, ivr.Prompt{Name: "text_which"}) + " " + d.slots(c, offered), tx.PutTalk(t)
}
