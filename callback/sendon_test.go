package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestSendOn holds that an agent puts people through from the desk over a carrier,
// and that what he knows travels along; of a call that is not the carrier's he hears
// so, and a number has to be on the list.
func TestSendOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	if _, err := w.SendOn(t.Context(), callback.SendOn{Agent: "anna", To: "bo"}); !errors.Is(err, callback.ErrNoCall) {
		t.Errorf("with nobody: %v", err)
	}
	caller := w.callsBy("twilio", aino).presses("0")
	first := w.party(caller.connect().Talk).presses("1")
	agent := w.talk(first.talk).Agent
	other := map[string]string{"anna": "bo", "bo": "anna"}[agent]
	if _, err := w.SendOn(t.Context(), callback.SendOn{Agent: agent, To: "+4912345"}); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("to a number that is not listed: %v", err)
	}
	if n := w.journalled("transfer.refused", ""); n != 1 {
		t.Errorf("%d refusals in the journal", n)
	}
	got, err := w.SendOn(t.Context(), callback.SendOn{Agent: agent, To: other})
	if err != nil || got.ID != caller.talk {
		t.Fatalf("talk %s, %v", got.ID, err)
	}
	second := w.party(got.Last.Connect.Talk).hears("caller_waiting", "press_take").presses("1")
	if second.connect().To != ivr.Waiting || w.ledger(got.Last.Connect.Ref).AnsweredAt.IsZero() {
		t.Errorf("after the key: %+v", second.turn)
	}
	if w.status(agent).State != callback.WrappingUp || w.status(other).State != callback.OnCall {
		t.Errorf("%s is %s, %s is %s", agent, w.status(agent).State, other, w.status(other).State)
	}
	if n := w.journalled("transfer.taken", "agent"); n != 1 {
		t.Errorf("taken over %d times in the journal", n)
	}
	caller.turn = got.Last
	caller.event(ivr.Event{Kind: ivr.Spoke})
	if w.ledger(got.Last.Connect.Ref).Outcome != "spoke" || w.status(other).State != callback.WrappingUp {
		t.Errorf("afterwards %+v, %s is %s", w.ledger(got.Last.Connect.Ref), other, w.status(other).State)
	}
}

// TestSendOnBySIP holds that calls which we carry are put through by telephones.
func TestSendOnBySIP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
	_, err := w.SendOn(t.Context(), callback.SendOn{Agent: w.talk(first.talk).Agent, To: "bo"})
	if !errors.Is(err, callback.ErrOtherLine) {
		t.Errorf("over SIP: %v", err)
	}
}

// TestSendOnTwice holds that who is being put through is not put through again by
// the same agent, and that only one who consults can end that.
func TestSendOnTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	caller := w.callsBy("twilio", aino).presses("0")
	first := w.party(caller.connect().Talk).presses("1")
	agent := w.talk(first.talk).Agent
	if _, _, err := w.Join(t.Context(), agent); !errors.Is(err, callback.ErrNoCall) {
		t.Errorf("joins whom: %v", err)
	}
	if _, err := w.Consults(t.Context(), agent); !errors.Is(err, callback.ErrNoCall) {
		t.Errorf("consults whom: %v", err)
	}
	if _, err := w.SendOn(t.Context(), callback.SendOn{Agent: agent, To: string(eero), Consult: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SendOn(t.Context(), callback.SendOn{Agent: agent, To: string(eero)}); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("twice: %v", err)
	}
	if w.status(agent).State != callback.OnCall {
		t.Errorf("the agent is %s", w.status(agent).State)
	}
	if _, _, err := w.Join(t.Context(), agent); err != nil || w.status(agent).State != callback.WrappingUp {
		t.Errorf("joined: %v, the agent is %s", err, w.status(agent).State)
	}
}

// talk returns a talk as it stands.
func (w *world) talk(id string) callback.Talk {
	w.Helper()
	t, err := w.Talk(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// status says what an agent does.
func (w *world) status(agent string) callback.Status {
	w.Helper()
	team, err := w.Team(w.Context())
	for _, s := range team {
		if s.Agent == agent {
			return s
		}
	}
	w.Fatalf("agent %s: %v", agent, err)
	return callback.Status{}
}
