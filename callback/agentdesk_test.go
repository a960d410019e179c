package callback_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

const deskNumber callback.Phone = "+358912340000"

// withDesk has agents call us: by star code, and at a number with their PIN.
func withDesk(c *callback.Config) {
	c.Numbers[callback.StarCodes] = callback.Route{Menu: "desk", Queue: "billing"}
	c.Numbers[deskNumber] = callback.Route{Menu: "desk", Queue: "billing"}
	anna := c.Agents["anna"]
	anna.PIN = "471100"
	c.Agents["anna"] = anna
}

// dialsIn lets somebody call a number of ours.
func (w *world) dialsIn(from, to callback.Phone) *party {
	w.Helper()
	id := rand.Text()
	turn, err := w.Answer(w.Context(), callback.Inbound{Talk: id, Line: "test", From: from, To: to, Withheld: from == ""})
	if err != nil {
		w.Fatal(err)
	}
	return &party{w, id, turn}
}

// A star code does at once what its key does, for who calls from the telephone
// of an agent.
func TestStarCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	for _, tt := range []struct {
		code  callback.Phone
		hears string
		state callback.AgentState
	}{
		{"*2", "you_break", callback.OnBreak},
		{"*1", "you_available", callback.Available},
		{"*4", "you_offline", callback.Offline},
		{"*3", "agenda_none", callback.Offline},
		{"*9", "wrong_key", callback.Offline},
	} {
		w.dialsIn("anna", tt.code).hears(tt.hears)
		w.agent("anna", tt.state)
	}
	w.dialsIn(aino, "*1").hears("ask_pin")
	w.dialsIn("anna", deskNumber).hears("ask_pin") // anybody can show that number there
	w.agent("anna", callback.Offline)
	w.puts("anna", callback.OnRing, "elsewhere")
	if p := w.dialsIn("anna", "*2"); !p.turn.End || strings.Contains(said(p.turn), "you_break") {
		t.Errorf("while she is being rung: %+v", p.turn)
	}
	w.agent("anna", callback.OnRing)
}

// Who calls from elsewhere keys in the PIN. Two wrong ones are enough.
func TestPIN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	w.dialsIn(eero, deskNumber).hears("ask_pin").presses("471100").hears("press_available").presses("2").hears("you_break")
	w.agent("anna", callback.OnBreak)
	p := w.dialsIn(aino, deskNumber).presses("123400").hears("wrong_pin", "ask_pin").presses("471200").hears("bye")
	if !p.turn.End {
		t.Error("the call goes on after two wrong PINs")
	}
	w.dialsIn(aino, deskNumber).presses("471100").hears("wrong_pin")
	w.pass(16 * time.Minute)
	w.dialsIn(aino, deskNumber).presses("471100").hears("press_available")
}

// Who hangs up after each wrong PIN, or shows another number in each call, has
// no more tries than who stays on the line.
func TestPINIsNotGuessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	for range 2 {
		w.dialsIn(aino, deskNumber).presses("123400").hears("wrong_pin").event(ivr.Event{Kind: ivr.Gone})
	}
	w.dialsIn(aino, deskNumber).presses("471100").hears("wrong_pin")
	w.dialsIn(eero, deskNumber).presses("471100").hears("press_available")
	for n := range 20 {
		from := callback.Phone(fmt.Sprintf("+3584011100%02d", n))
		w.dialsIn(from, deskNumber).presses("123400").event(ivr.Event{Kind: ivr.Gone})
	}
	w.dialsIn(eero, deskNumber).presses("471100").hears("press_available") // where she has called from before
	stranger := callback.Phone("+358401119999")
	w.dialsIn(stranger, deskNumber).presses("471100").hears("wrong_pin")
	w.pass(16 * time.Minute)
	w.dialsIn(stranger, deskNumber).presses("471100").hears("press_available")
}

// Who goes on guessing has to wait twice as long each time.
func TestPINPausesGrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	for _, pause := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
		w.dialsIn(aino, deskNumber).presses("123400").hears("wrong_pin", "ask_pin").presses("123401").hears("bye")
		w.pass(pause - time.Minute)
		w.dialsIn(aino, deskNumber).presses("471100").hears("wrong_pin")
		w.pass(2 * time.Minute)
	}
	w.dialsIn(aino, deskNumber).presses("471100").hears("press_available")
}

// An agent hears what there is to call today, and takes one at once.
func TestAgentTakesACallbackByTelephone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	c := w.books(aino)
	w.texts()
	p := w.dialsIn("anna", "*3").hears("agenda_at", "brief_topicbilling", "press_call").presses("1").hears("callback_due", "press_take")
	w.state(c.ID, callback.AgentReady)
	w.agent("anna", callback.OnCall)
	dial := p.presses("1").connect()
	if dial.Addr != string(aino) {
		t.Fatalf("rings %+v", dial)
	}
	w.party(dial.Talk).presses("1")
	w.state(c.ID, callback.Connected)
	p.event(ivr.Event{Kind: ivr.Spoke}).hears("ask_solved").presses("1")
	w.state(c.ID, callback.Wrapup)
	w.agent("anna", callback.WrappingUp)
	_, calls, err := w.Show(t.Context(), c.ID)
	if err != nil || len(calls) != 2 || calls[0].Leg != callback.AgentLeg || calls[1].Leg != callback.CustomerLeg {
		t.Errorf("calls %+v, %v", calls, err)
	}
}

// What another has in hand cannot be taken, and who is passed on stays on.
func TestAgendaOfWhatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	c := w.books(aino)
	p := w.dialsIn("anna", "*3").hears("agenda_at")
	if err := w.Cancel(t.Context(), c.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	p.presses("1").hears("call_not_now", "agenda_none", "press_available")
}

// An agent who calls us has nobody called whose telephone is busy, nor while a
// customer who is being rung may need him: the same keeps the scheduler.
func TestTelephoneCallsNobodyInVain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		while func(*world)
		takes bool
	}{
		{"nothing is amiss", func(*world) {}, true},
		{"she is on a break, and another is rung", func(w *world) {
			w.dialsFor(eero, "en", "")
			w.puts("anna", callback.OnBreak, "")
		}, true},
		{"another is rung, and Bo is left for him", func(w *world) { w.dialsFor(eero, "en", "") }, true},
		{"another is rung, and nobody is left for him", func(w *world) {
			w.dialsFor(eero, "en", "")
			w.puts("bo", callback.OnBreak, "")
		}, false},
		{"she speaks with somebody", func(w *world) { w.puts("anna", callback.OnCall, "elsewhere") }, false},
		{"she is being rung", func(w *world) { w.puts("anna", callback.OnRing, "elsewhere") }, false},
		{"it is Bo's by now", func(w *world) {
			w.must("anna", callback.DoHand, w.open(aino), func(a *callback.Act) { a.To = "bo" })
		}, false},
		{"the team has gone home", func(w *world) { w.at("17:30") }, false},
		{"dialling is stopped", func(w *world) {
			if err := w.StopDialing(w.Context(), "operator", "a drill"); err != nil {
				w.Fatal(err)
			}
		}, false},
		{"the customer wants no call", func(w *world) {
			err := w.Store.Update(w.Context(), func(tx callback.Tx) error { return tx.Block(aino, callback.NoCalls, time.Time{}) })
			if err != nil {
				w.Fatal(err)
			}
		}, false},
		{"the customer speaks with Bo", func(w *world) {
			w.puts("anna", callback.OnBreak, "")
			w.party(w.calls(aino).presses("0").connect().Talk).presses("1")
		}, false},
		{"the customer stands in line", func(w *world) {
			err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
				return tx.PutWaiter(callback.Waiter{Talk: "waits", Queue: "billing", Phone: aino, Place: w.now, Came: w.now, Seen: w.now})
			})
			if err != nil {
				w.Fatal(err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := staffed(t, map[string][]string{"anna": nil, "bo": nil}, withDesk)
			c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Lang: "en", At: w.slots(2)[1].At})
			if err != nil {
				t.Fatal(err)
			}
			p := w.dialsIn("anna", "*3").hears("agenda_at")
			tt.while(w)
			p.presses("1")
			if tt.takes {
				p.hears("press_take")
				w.state(c.ID, callback.AgentReady)
				return
			}
			p.hears("call_not_now")
			w.state(c.ID, callback.BookedState)
		})
	}
}

// Who is on a break and makes a callback all the same is on it again afterwards.
func TestBreakOutlivesACallByTelephone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDesk)
	w.books(aino)
	w.puts("anna", callback.OnBreak, "")
	p := w.dialsIn("anna", "*3").presses("1").hears("press_take")
	w.agent("anna", callback.OnCall)
	p.presses("2").hears("bye")
	w.agent("anna", callback.OnBreak)
}

// A break that is asked for in mid-call begins when the call is over.
func TestBreakAfterTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	w.party(caller.connect().Talk).presses("1")
	who := "anna"
	if caller.connect().Addr == "sip:bo@127.0.0.1" {
		who = "bo"
	}
	lunch := callback.Duty{Agent: who, To: callback.OnBreak, Reason: "lunch"}
	if err := w.SetDuty(t.Context(), lunch); err != nil {
		t.Fatal(err)
	}
	w.agent(who, callback.OnCall)
	caller.event(ivr.Event{Kind: ivr.Spoke})
	w.agent(who, callback.OnBreak)
	team, err := w.Team(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range team {
		if s.Agent == who && (s.Reason != "lunch" || s.Next != "") {
			t.Errorf("%+v", s)
		}
	}
	if err := w.SetDuty(t.Context(), callback.Duty{Agent: "nobody", To: callback.OnBreak}); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("nobody on a break: %v", err)
	}
}
