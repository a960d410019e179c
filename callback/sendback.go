package callback

import (
	"cmp"
	"errors"
	"slices"

	"github.com/holdless/holdless/ivr"
)

// What becomes of a person whom an agent has put through: he has spoken with whom
// was rung, or is with the agent again, or goes on in his menu.

// afterSentOn takes how it ended that an agent has put somebody through. It
// reports true when the person goes back to him, or he is rung.
func (d *Desk) afterSentOn(tx Tx, t *Talk, e *ivr.Event) (bool, error) {
	c := t.Last.Connect
	a, err := tx.Attempt(c.Ref)
	if err != nil {
		return false, err
	}
	how := cmp.Or(e.Text, string(e.Kind))
	taken := !a.AnsweredAt.IsZero() && !c.Consult
	if taken {
		how = spoke
	}
	if _, err := d.endAttempt(tx, a.Ref, how); err != nil {
		return false, err
	}
	if err := d.freeAgent(tx, a.Agent, t.ID, taken); err != nil {
		return false, err
	}
	if e.Kind != ivr.NoAnswer {
		if !taken {
			t.Agent = c.By // with nobody else has he spoken
		}
		return false, d.sentOnOver(tx, t, c.By)
	}
	if err := d.journal(tx, t, "transfer.missed", "outcome", e.Text); err != nil {
		return false, err
	}
	if c.Consult {
		t.giveBack()
		return true, nil
	}
	return d.ringBack(tx, t)
}

// sentOnOver takes that a person has left who was put through: he has spoken with
// the first agent, whatever came of the second.
func (d *Desk) sentOnOver(tx Tx, t *Talk, by string) error {
	t.Agent = cmp.Or(t.Agent, by)
	if t.Last.Connect.Consult {
		if err := d.freeAgent(tx, by, t.ID, true); err != nil {
			return err
		}
		if _, err := d.endAttempt(tx, t.Last.Connect.Back.Ref, spoke); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if t.Menu == customerMenu {
		return d.served(tx, t)
	}
	return errors.Join(d.calledIn(tx, t), d.survey(tx, t, t.matter()))
}

// giveBack connects a person with the agent again who wanted to put him through,
// and is still there.
func (t *Talk) giveBack() {
	c := t.Last.Connect
	t.State.Turn++
	t.Last = ivr.Turn{No: t.State.Turn, Lang: t.Last.Lang, Connect: c.Back}
	t.Agent = c.By
}

// ringBack rings the agent who has put a person through to whom nobody took: once,
// and if he can be rung. It reports false when the menu is to go on.
func (d *Desk) ringBack(tx Tx, t *Talk) (bool, error) {
	c, by := *t.Last.Connect, t.Last.Connect.By
	s, err := d.statusOf(tx, by)
	if err != nil {
		return false, err
	}
	away, err := d.elsewhere(tx, s, t)
	if err != nil {
		return false, err
	}
	if t.Agent = ""; away || slices.Contains(c.Tried, by) {
		return false, d.missedOn(tx, t)
	}
	c.Tried = append(slices.Clone(c.Tried), by)
	c.Addr, c.Ref, c.Talk = d.Agents[by].Phone, d.NewID(), d.NewID()
	c.Ring = d.Policy.Ring.Duration()
	c.Before = d.Now().Add(c.Ring)
	t.State.Turn++
	t.Last = ivr.Turn{No: t.State.Turn, Lang: t.Last.Lang, Connect: &c}
	t.Agent = by
	whisper := d.whisper(t)
	whisper.State.Data = withMark(whisper.State.Data, handedOver, t.ID)
	s.State, s.Ref, s.Boot, s.Since = OnRing, t.ID, d.Boot, d.Now()
	return true, errors.Join(tx.PutStatus(s), tx.PutTalk(whisper), tx.AddAttempt(Attempt{
		No: 2, Leg: AgentLeg, Agent: by, Boot: d.Boot, Ref: c.Ref, IntentAt: d.Now(),
	}))
}

// elsewhere reports whether an agent cannot be rung for a person whom he has put
// through. Who is only being asked how the call with that person was can: his line
// ends that first.
func (d *Desk) elsewhere(tx Tx, s Status, t *Talk) (bool, error) {
	if s.State != OnCall {
		return s.State == OnRing || s.State == Offline, nil
	}
	own, err := tx.Talk(s.Ref)
	return own.Menu != agentMenu || own.Callback != t.Callback, missing(err)
}

// missedOn takes that nobody has taken a person who was put through, and the menu
// goes on as if no agent had been free. The promise to one who was rung after the
// agent has been kept: he is promised another call.
func (d *Desk) missedOn(tx Tx, t *Talk) error {
	if t.Menu != customerMenu {
		return nil
	}
	a, err := tx.Attempt(t.Attempt)
	if err != nil || a.isFirst() {
		return err
	}
	c, err := tx.Callback(t.Callback)
	if err != nil {
		return err
	}
	if c.State != Connected {
		return d.promiseAnother(tx, t, c)
	}
	if _, err := d.endAttempt(tx, t.Attempt, agentLeft); err != nil { // nobody has told that he has
		return err
	}
	return d.follow(tx, c, agentLeft)
}

// promiseAnother promises another call to somebody who hears that we call again in
// fifteen minutes. Who has another promise keeps that.
func (d *Desk) promiseAnother(tx Tx, t *Talk, c Callback) error {
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return err
	}
	_, err = d.openOf(tx, c.Queue, c.Phone)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	at := d.permits(q, c.Phone, d.Now().Add(plans[string(ivr.Later)].after))
	if at.IsZero() {
		return d.task(tx, c, "not put through")
	}
	return d.bookAgain(tx, c, *t, at)
}

func withMark(data map[string]string, name, value string) map[string]string {
	if data == nil {
		data = map[string]string{}
	}
	data[name] = value
	return data
}
