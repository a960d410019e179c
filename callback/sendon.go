package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/holdless/holdless/ivr"
)

// Over a carrier that joins the calls itself, an agent puts people through by his
// deed at the desk: the talk with the person takes a turn that no menu has asked
// for, and connects to somebody else. Whatever becomes of that, it is a turn like
// any other, for every process and after a crash.

// Why an agent puts nobody through.
var (
	ErrNoCall    = errors.New("the agent speaks with nobody")
	ErrOtherLine = errors.New("the call is not one of this line")
)

// A SendOn is an agent putting the person he speaks with through to somebody.
type SendOn struct {
	Agent   string
	To      string // an agent, a queue, a number
	Consult bool   // he speaks with them first
}

// SendOn has the person whom an agent speaks with wait for somebody else. By the
// same rules as in [Desk.Transfer] it is [ErrForbidden]. It returns the talk with
// that person, whose line has to carry out its last turn now.
func (d *Desk) SendOn(ctx context.Context, s SendOn) (Talk, error) {
	t, _, err := d.redirect(ctx, s.Agent, func(tx Tx, t, own *Talk) error { return d.sendOn(tx, t, own, s) })
	return t, err
}

// Consults returns the talk with the person who waits while an agent speaks with
// somebody first; [ErrNoCall] when there is none.
func (d *Desk) Consults(ctx context.Context, agent string) (Talk, error) {
	var t Talk
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		t, _, err = d.speaksWith(tx, agent)
		if c := t.Last.Connect; err == nil && (!sentOn(c) || !c.Consult) {
			err = ErrNoCall
		}
		return err
	})
	return t, err
}

// Join ends what an agent wanted to say first: the person is with whom was rung
// as soon as that one has taken the call. It returns the talk with the person, and
// the agent's own.
func (d *Desk) Join(ctx context.Context, agent string) (t, own Talk, err error) {
	return d.redirect(ctx, agent, func(tx Tx, t, own *Talk) error {
		c := t.Last.Connect
		if !sentOn(c) || !c.Consult {
			return ErrNoCall
		}
		next := *c
		next.Consult = false
		t.Last.Connect = &next
		return errors.Join(d.relieved(tx, t, own), tx.PutTalk(*t))
	})
}

// redirect changes what the person does whom an agent speaks with. What was
// refused is written down, and is an error all the same.
func (d *Desk) redirect(ctx context.Context, agent string, change func(tx Tx, t, own *Talk) error) (t, own Talk, err error) {
	var refused error
	err = d.update(ctx, func(tx Tx) (err error) {
		if t, own, err = d.speaksWith(tx, agent); err != nil {
			return err
		}
		err = change(tx, &t, &own)
		if refused = nil; errors.Is(err, ErrForbidden) {
			refused = err
			return d.journal(tx, &own, "transfer.refused", "agent", agent)
		}
		return err
	})
	if err = cmp.Or(err, refused); err != nil {
		return Talk{}, Talk{}, fmt.Errorf("put through by agent %s: %w", agent, err)
	}
	d.live.keep(t)
	d.live.keep(own)
	return t, own, nil
}

// speaksWith returns the talk with the person whom an agent speaks with, and the
// agent's own.
func (d *Desk) speaksWith(tx Tx, agent string) (t, own Talk, err error) {
	s, err := d.statusOf(tx, agent)
	if err != nil {
		return t, own, err
	}
	if s.State != OnCall {
		return t, own, ErrNoCall
	}
	if t, err = d.load(tx, Talk{ID: s.Ref}); err != nil {
		return t, own, err
	}
	c := t.Last.Connect
	switch {
	case c == nil || c.Talk == "" || t.Closed:
		return t, own, ErrNoCall
	case t.Menu == agentMenu:
		own = t
		t, err = d.load(tx, Talk{ID: c.Talk})
	case sentOn(c) && c.By == agent:
		own, err = tx.Talk(c.Back.Talk)
	default:
		own, err = tx.Talk(c.Talk)
	}
	if err != nil || t.Closed || t.Last.Connect == nil {
		return t, own, cmp.Or(err, ErrNoCall)
	}
	return t, own, d.carried(tx, &t)
}

// carried sees that the call of a talk is joined with others by the carrier, and
// not by us.
func (d *Desk) carried(tx Tx, t *Talk) error {
	if t.Line == carrierLine {
		return nil
	}
	a, err := tx.Attempt(t.Attempt)
	if errors.Is(err, ErrNotFound) || err == nil && a.Provider == "" {
		return ErrOtherLine
	}
	return err
}

func (d *Desk) sendOn(tx Tx, t, own *Talk, s SendOn) error {
	if sentOn(t.Last.Connect) && t.Last.Connect.By == s.Agent || d.Live().Menus[whisperMenu] == nil {
		return ErrForbidden // he does so already, or nobody could take the call
	}
	h, err := d.handover(tx, own, s.To)
	if err != nil {
		return err
	}
	a, err := tx.Attempt(h.To.Ref)
	if err != nil {
		return err
	}
	next := h.To
	next.To, next.By, next.Consult, next.Back = "agents", s.Agent, s.Consult, t.Last.Connect
	next.Before = d.Now().Add(h.To.Ring) // the line comes to it in its own time
	t.State.Turn++
	t.Last = ivr.Turn{No: t.State.Turn, Lang: t.Last.Lang, Connect: &next}
	t.Agent = a.Agent
	if s.Consult {
		own.State.Turn++ // what comes late of the turn in which the two were together means nothing any more
		own.Last.No = own.State.Turn
		err = tx.PutTalk(*own)
	} else {
		err = d.relieved(tx, t, own)
	}
	return errors.Join(err, tx.PutTalk(*t), d.journal(tx, own, "transfer", "to", next.Addr))
}

// sentOn reports whether an agent has put a person through by this connect.
func sentOn(c *ivr.Connect) bool { return c != nil && c.By != "" }

// relieved lets the agent go who has put somebody through. Of a talk of his own,
// his telephone tells that it is over.
func (d *Desk) relieved(tx Tx, t, own *Talk) error {
	if own.Menu != whisperMenu {
		return nil
	}
	c := t.Last.Connect
	_, err := d.endAttempt(tx, c.Back.Ref, spoke)
	return errors.Join(err, d.freeAgent(tx, c.By, t.ID, true))
}

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
		return false, d.sentOnOver(tx, t, c.By)
	}
	if err := d.journal(tx, t, "transfer.missed", "outcome", e.Text); err != nil {
		return false, err
	}
	if c.Consult {
		t.giveBack()
		return true, nil
	}
	return d.ringBack(tx, t, e)
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
// and if he can be rung. The event is then what the menu goes on with.
func (d *Desk) ringBack(tx Tx, t *Talk, e *ivr.Event) (bool, error) {
	c, by := *t.Last.Connect, t.Last.Connect.By
	s, err := d.statusOf(tx, by)
	if err != nil {
		return false, err
	}
	busy := s.State == OnRing || s.State == OnCall || s.State == Offline
	if t.Agent = ""; busy || slices.Contains(c.Tried, by) {
		return false, d.missedOn(tx, t, e)
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

// missedOn is what a menu hears of it that nobody took a person who was put
// through. To one whose promise was kept with the first agent it is the end of
// that call; all others are as if no agent had been free.
func (d *Desk) missedOn(tx Tx, t *Talk, e *ivr.Event) error {
	if t.Menu != customerMenu {
		return nil
	}
	a, err := tx.Attempt(t.Attempt)
	if err == nil && !a.isFirst() {
		*e = ivr.Event{Kind: ivr.Spoke}
	}
	return err
}

func withMark(data map[string]string, name, value string) map[string]string {
	if data == nil {
		data = map[string]string{}
	}
	data[name] = value
	return data
}
