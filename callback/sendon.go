package callback

import (
	"cmp"
	"context"
	"errors"
	"fmt"

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
		return errors.Join(d.relieved(tx, t, own), tx.PutTalk(*t), d.joined(tx, next))
	})
}

// joined takes down that a person is with whom an agent has spoken with first; who
// has not taken the call yet does so later.
func (d *Desk) joined(tx Tx, c ivr.Connect) error {
	a, err := tx.Attempt(c.Ref)
	if err != nil || a.AnsweredAt.IsZero() {
		return err
	}
	whisper, err := tx.Talk(c.Talk)
	if err != nil {
		return err
	}
	return d.takenOn(tx, &whisper)
}

// takenOn takes down that a person was taken over whom an agent has put through:
// not while the agent speaks first, nor when he is rung for him again.
func (d *Desk) takenOn(tx Tx, whisper *Talk) error {
	t, err := tx.Talk(whisper.State.Data[handedOver])
	if c := t.Last.Connect; err != nil || !sentOn(c) || c.Consult || c.By == whisper.Agent {
		return missing(err)
	}
	return d.journal(tx, whisper, "transfer.taken", "agent", whisper.Agent)
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
	a, err := d.placeFor(tx, own, s.To)
	if err != nil {
		return err
	}
	if err := d.notInCall(tx, a.Agent); err != nil {
		return err
	}
	h, err := d.handTo(tx, own, a)
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

// notInCall sees that a colleague speaks with nobody, and is not about to: the
// carrier would ring him all the same.
func (d *Desk) notInCall(tx Tx, agent string) error {
	if agent == "" {
		return nil
	}
	s, err := d.statusOf(tx, agent)
	if err == nil && (s.State == OnRing || s.State == OnCall) {
		err = ErrNobodyFree
	}
	return err
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
