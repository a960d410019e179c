package callback

import (
	"cmp"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// textLine is the line on which people are written to.
const textLine = "text"

// surveyKey begins the key of a message that asks a survey, reminderKey of one
// that reminds of a promise. Both come unasked, and so never in quiet hours.
const (
	surveyKey   = "survey:"
	reminderKey = "text_reminder:"
)

func isSurvey(m Message) bool   { return strings.HasPrefix(m.Key, surveyKey) }
func isReminder(m Message) bool { return strings.HasPrefix(m.Key, reminderKey) }

// surveyMenus are the menus that ship, by Survey.Kind.
var surveyMenus = map[string]string{"csat": "survey", "nps": "nps", "ces": "ces"}

// Ways to answer a survey.
const (
	byText = "text" // a text asks, and a digit answers
	byLink = "link" // a text has a link to a page
	byKeys = "keys" // the caller is asked at the end of the call
)

// Ways to come by a person's consent to a survey.
const (
	consentAsk     = "ask"     // the menu asks whom nobody has asked
	consentGiven   = "given"   // only who said yes, in whatever menu
	consentAssumed = "assumed" // everybody who did not say no
)

const (
	declined = 180 * day1 // who said no is not asked for so long whether we may
	quietFor = 90 * day1  // who was not asked for so long is asked, whatever the sample
)

// survey writes down that a customer is to be asked how it was, once, unless
// he does not want to be asked or was asked lately.
func (d *Desk) survey(tx Tx, t *Talk, c Callback) error {
	if c.Phone == "" || d.Survey.Kind == "off" || d.Survey.By == byKeys || d.Live().Menus[d.Survey.Menu] == nil {
		return nil
	}
	for _, may := range []func(Tx, *Talk, Callback) (bool, error){d.notStopped, d.consents, d.conversed, d.sampled} {
		if ok, err := may(tx, t, c); err != nil || !ok {
			return err
		}
	}
	now := d.Now()
	due := d.loud(c.Queue, c.Phone, now.Add(d.Survey.Delay.Duration()))
	return errors.Join(
		tx.Block(c.Phone, NoSurveys, now.Add(max(d.Survey.Pause.Duration(), time.Second))),
		d.post(tx, Message{
			Kind: TextKind, Key: surveyKey + cmp.Or(c.ID, t.ID), To: string(c.Phone), Talk: d.NewID(), Callback: c.ID,
			DueAt: due, Until: due.Add(day1), Once: true,
		}))
}

// notStopped reports whether a person may be asked, and was not asked lately.
func (d *Desk) notStopped(tx Tx, _ *Talk, c Callback) (bool, error) {
	for _, kind := range []BlockKind{NoSurveys, NoTexts} {
		if no, err := tx.Blocked(c.Phone, kind, d.Now()); err != nil || no {
			return false, err
		}
	}
	return true, nil
}

// consents reports whether the customer lets himself be asked.
func (d *Desk) consents(tx Tx, _ *Talk, c Callback) (bool, error) {
	said, err := tx.Consent(c.Phone)
	switch {
	case errors.Is(err, ErrNotFound):
		return d.Survey.Consent == consentAssumed, nil
	case err != nil:
		return false, err
	}
	return said.Given, nil
}

// conversed reports whether the two really spoke: a person who was put through,
// with either of those he was with.
func (d *Desk) conversed(tx Tx, t *Talk, _ Callback) (bool, error) {
	if t.Last.Connect == nil || d.Survey.Talked == 0 {
		return true, nil
	}
	for c := t.Last.Connect; c != nil; c = c.Back {
		a, err := tx.Attempt(cmp.Or(c.Ref, t.Attempt))
		if err != nil {
			return false, err
		}
		if !a.AnsweredAt.IsZero() && a.EndedAt.Sub(a.AnsweredAt) >= d.Survey.Talked.Duration() {
			return true, nil
		}
	}
	return false, nil
}

// sampled reports whether this call is one of those that are asked about. Who
// has not been heard for long is always asked: else those who call every week
// would speak for all.
func (d *Desk) sampled(tx Tx, t *Talk, c Callback) (bool, error) {
	if d.Survey.Sample >= 100 {
		return true, nil
	}
	last, err := tx.LastAsked(c.Phone)
	if errors.Is(err, ErrNotFound) || err == nil && d.Now().Sub(last.At) > quietFor {
		return true, nil
	}
	h := fnv.New32a()
	h.Write([]byte(cmp.Or(c.ID, t.ID)))
	return int(h.Sum32()%100) < d.Survey.Sample, err
}

// maySurvey reports whether a menu is to ask this person now, at the end of
// his call, how it was.
func (d *Desk) maySurvey(tx Tx, t *Talk) (bool, error) {
	if d.Survey.By != byKeys || d.Survey.Kind == "off" || t.Phone == "" || t.Menu == agentMenu || t.Menu == whisperMenu {
		return false, nil
	}
	c := t.matter()
	for _, may := range []func(Tx, *Talk, Callback) (bool, error){d.notStopped, d.sampled} {
		if ok, err := may(tx, t, c); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// asks notes that a menu puts a question of a survey in a call: who says
// nothing was asked, too, and is not asked again so soon.
func (d *Desk) asks(tx Tx, t *Talk, menu *ivr.Menu) error {
	q, ok := menu.Question(t.State)
	if !ok || t.Line == textLine || t.Last.Listen == nil || !isQuestion(q.Save) {
		return nil
	}
	a, err := d.surveyOf(tx, t)
	if err != nil || a.Phone == "" || !a.AnsweredAt.IsZero() {
		return err
	}
	return tx.Block(a.Phone, NoSurveys, d.Now().Add(max(d.Survey.Pause.Duration(), time.Second)))
}

// mayAsk reports whether a menu is to ask this caller for his consent.
func (d *Desk) mayAsk(tx Tx, t *Talk) (bool, error) {
	if d.Survey.Consent != consentAsk || d.Survey.By == byKeys || d.Survey.Kind == "off" || t.calls() == "" {
		return false, nil
	}
	said, err := tx.Consent(t.calls())
	switch {
	case errors.Is(err, ErrNotFound):
		ok, err := d.notStopped(tx, t, Callback{Phone: t.calls()})
		return ok, err
	case err != nil:
		return false, err
	}
	return !said.Given && d.Now().Sub(said.At) > declined, nil
}

// consented keeps what a person said when he was asked whether he may be.
func (d *Desk) consented(tx Tx, t *Talk, n ivr.Note) error {
	if n.Value != "yes" && n.Value != "no" || t.calls() == "" {
		return nil
	}
	err := tx.PutConsent(Consent{
		Phone: t.calls(), Given: n.Value == "yes", At: d.Now(), Talk: t.ID, Line: t.Line, Version: t.Version,
	})
	if err != nil || t.keeps() || walk.EndOf(t.Walk) != walk.EndPerson {
		return err
	}
	return d.survey(tx, t, t.matter()) // about this very call
}

// ask begins the talk of a survey when its text is about to leave, and not
// before: else a reply to another text would be taken for an answer.
func (d *Desk) ask(tx Tx, m *Message, c Callback) error {
	if _, err := tx.Asked(m.Talk); !errors.Is(err, ErrNotFound) {
		return err
	}
	t := Talk{
		ID: m.Talk, Line: textLine, Phone: c.Phone, Menu: d.Survey.Menu, Queue: c.Queue,
		Callback: c.ID, Agent: c.Agent, BeganAt: d.Now(), State: ivr.State{Lang: c.Lang},
	}
	if q := d.Queues[c.Queue]; q != nil {
		t.Dialled = q.CallerID
	}
	if err := d.step(tx, &t, ivr.Event{Kind: ivr.Begin}); err != nil {
		return err
	}
	m.Body = d.words(t.Last)
	if d.Survey.By == byLink && d.SurveyLink != nil {
		m.Body = d.Text(c.Lang, ivr.Prompt{Name: "text_survey_link", Text: d.SurveyLink(t.ID, d.Now().Add(d.Survey.Within.Duration()))})
	}
	a, err := d.asked(tx, &t, c)
	return errors.Join(err, d.hush(tx, c.Phone), tx.PutTalk(t), tx.PutAsked(a))
}

// asked links a survey to the call that it is about.
func (d *Desk) asked(tx Tx, t *Talk, c Callback) (Asked, error) {
	a := Asked{
		Talk: t.ID, Callback: c.ID, Queue: c.Queue, Agent: cmp.Or(c.Agent, t.Agent), Topic: c.Topic, Phone: c.Phone,
		Menu: t.Menu, Version: t.Version, At: d.Now(),
	}
	if c.ID == "" {
		a.Call = c.Talk
		return a, nil
	}
	all, err := tx.AttemptsOf(c.ID)
	for _, call := range all {
		if call.Leg == CustomerLeg {
			a.Call = call.Ref
		}
	}
	return a, err
}

// words writes out a turn.
func (d *Desk) words(t ivr.Turn) string {
	all := make([]string, 0, len(t.Say))
	for _, p := range t.Say {
		all = append(all, d.Text(t.Lang, p))
	}
	return strings.Join(all, " ")
}
