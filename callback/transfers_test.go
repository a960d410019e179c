package callback_test

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestTransferList holds that numbers outside have to be on the list, that a
// service which says nothing has none, and that it is told which it was.
func TestTransferList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		allowed []string
		want    error
	}{
		{"nothing said", nil, callback.ErrUnlisted},
		{"the number", []string{string(eero)}, nil},
		{"how it begins", []string{"+35840765*"}, nil},
		{"only how it begins", []string{"+35840765432"}, callback.ErrUnlisted},
		{"another", []string{"+358401112233", "+35850*"}, callback.ErrUnlisted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) { c.Transfers.Allowed = tt.allowed })
			whisper := w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
			h, err := w.Transfer(t.Context(), whisper.talk, "sip:0407654321@pbx.example.com")
			if !errors.Is(err, tt.want) || tt.want != nil && !errors.Is(err, callback.ErrForbidden) {
				t.Fatalf("rings %q: %v, want %v", h.To.Addr, err, tt.want)
			}
			if n := w.journalled("transfer.refused", "to"); (n == 1) != (tt.want != nil) {
				t.Errorf("%d refusals in the journal", n)
			}
			if _, err := w.Transfer(t.Context(), whisper.talk, "sip:bo@127.0.0.1"); err != nil {
				t.Errorf("a colleague is on no list: %v", err)
			}
		})
	}
}

// TestBriefTravels holds that whoever is rung for a person who is put through
// hears what it is about, in words, before he takes the call with a key, and that
// nobody else can take it.
func TestBriefTravels(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"sip:bo@127.0.0.1", "tel:" + string(eero)} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mayTransfer)
			c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Name: "Aino", Topic: "invoice 17"})
			if err != nil {
				t.Fatal(err)
			}
			w.now = c.At
			agent, _ := w.dials(w.rings(1)[0])
			h, err := w.Transfer(t.Context(), agent.talk, to)
			if err != nil {
				t.Fatal(err)
			}
			third := w.party(h.To.Talk).hears("caller_waiting", "brief_nameAino", "brief_topicinvoice 17", "press_take").presses("1")
			if third.connect().To != ivr.Waiting {
				t.Errorf("after the key: %+v", third.turn)
			}
			if a := w.ledger(h.To.Ref); a.AnsweredAt.IsZero() {
				t.Errorf("in the ledger: %+v", a)
			}
			if err := w.Desk.Transferred(t.Context(), agent.talk, h, ""); err != nil {
				t.Fatal(err)
			}
			w.parts(h)
			third.event(ivr.Event{Kind: ivr.Spoke}).hears("bye")
			if a := w.ledger(h.To.Ref); a.Outcome != "spoke" {
				t.Errorf("in the ledger afterwards: %+v", a)
			}
		})
	}
}

// TestBriefInVain holds that a key which comes after all was given up joins
// nobody, and that a whisper which nobody heard leaves no talk open.
func TestBriefInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mayTransfer)
	whisper := w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
	h, err := w.Transfer(t.Context(), whisper.talk, "tel:"+string(eero))
	if err != nil {
		t.Fatal(err)
	}
	third := w.party(h.To.Talk)
	if err := w.Desk.Transferred(t.Context(), whisper.talk, h, ivr.Unanswered); err != nil {
		t.Fatal(err)
	}
	if third.presses("1"); third.turn.Connect != nil {
		t.Errorf("a late key joins: %+v", third.turn)
	}
	asked, err := w.Transfer(t.Context(), whisper.talk, "tel:"+string(eero))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Desk.Transferred(t.Context(), whisper.talk, asked, ""); err != nil {
		t.Fatal(err)
	}
	w.parts(asked)
	w.view(func(tx callback.Tx) error {
		unheard, err := tx.Talk(asked.To.Talk)
		if err == nil && !unheard.Closed {
			t.Error("the whisper is open for ever")
		}
		return err
	})
}

// TestBriefOfACaller holds that what a caller keyed in is told to whom he is put
// through, in the language of that one; a telephone is found by its own address,
// whatever its agent is called; and the agent may be rung again when all was over
// for the other.
func TestBriefOfACaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:desk7@127.0.0.1", Languages: []string{"fi"}}
	})
	w.puts("bo", callback.OnBreak, "")
	whisper := w.party(w.calls(aino).presses("1", "0").connect().Talk).hears("brief_topicbilling").presses("1")
	h, err := w.Transfer(t.Context(), whisper.talk, "sip:desk7@127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if over := h.To.Before.Add(h.To.Ring); h.To.Addr != "sip:desk7@127.0.0.1" || !h.Back.Before.After(over) {
		t.Errorf("rings %q, and back until %s, while the other rings until %s", h.To.Addr, h.Back.Before, over)
	}
	if third := w.party(h.To.Talk).hears("caller_waiting", "brief_topic"); third.turn.Lang != "fi" {
		t.Errorf("told in %q", third.turn.Lang)
	}
	if _, err := w.Transfer(t.Context(), whisper.talk, "sip:desk7@127.0.0.2"); !errors.Is(err, callback.ErrForbidden) {
		t.Errorf("the same user elsewhere: %v", err)
	}
}
