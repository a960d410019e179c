package callback

import (
	"github.com/holdless/holdless/ivr"
)

// A Studio has the recordings that callers hear. A take is what somebody has just
// spoken, under a name that nobody can guess.
type Studio interface {
	// Script returns the prompt with a number, in its language.
	Script(number string) (ivr.Prompt, bool)
	// Judge tells why a take cannot be used, as an event Refused does; "" when it can.
	Judge(take string) (reason string, err error)
	// Keep makes ready that callers hear a take, and tells the name of the
	// recording; they do from put on, which is called when it is written down who
	// has kept it. The same again changes nothing.
	Keep(take, number, actor string) (name string, put func() error, err error)
}

// mayRecord reports whether the agent of a talk may record what callers hear.
// It takes the PIN: a star code tells only whose telephone it is.
func (d *Desk) mayRecord(t *Talk) bool {
	_, star := starCode(t.Dialled)
	return d.Studio != nil && !star && t.Agent != "" && d.Agents[t.Agent].Prompts
}

// records answers what is asked by an agent who records what callers hear.
func (d *Desk) records(tx Tx, t *Talk, b ivr.Book) (ivr.Event, error) {
	done, no := ivr.Event{Kind: ivr.Done, Text: b.Text}, ivr.Event{Kind: ivr.Refused}
	if !d.mayRecord(t) {
		return no, nil
	}
	if b.Do == ivr.JudgeTake {
		return d.judgeTake(b.Text, done)
	}
	if b.Do == ivr.FindPrompt {
		if _, ok := d.Studio.Script(b.Text); !ok {
			return ivr.Event{Kind: ivr.Refused, Text: b.Text}, nil
		}
		return done, nil
	}
	name, put, err := d.Studio.Keep(b.Text, t.State.Script, t.speaker())
	if err != nil {
		d.Log.Error("take not kept", "talk", t.ID, "err", err)
		return no, nil
	}
	tx.(*watched).afterwards(func() {
		if err := put(); err != nil {
			d.Log.Error("take not put in", "recording", name, "err", err)
		}
	})
	return done, d.journal(tx, t, "menu.recording", name, "by telephone")
}

func (d *Desk) judgeTake(take string, done ivr.Event) (ivr.Event, error) {
	reason, err := d.Studio.Judge(take)
	if err != nil {
		d.Log.Warn("take not heard", "err", err)
		return ivr.Event{Kind: ivr.Refused}, nil
	}
	if reason != "" {
		return ivr.Event{Kind: ivr.Refused, Text: reason}, nil
	}
	return done, nil
}

// script tells what callers hear under the number that an agent has keyed in.
func (d *Desk) script(t *Talk) *ivr.Prompt {
	if t.State.Script == "" || !d.mayRecord(t) {
		return nil
	}
	p, ok := d.Studio.Script(t.State.Script)
	if !ok {
		return nil
	}
	return &p
}
