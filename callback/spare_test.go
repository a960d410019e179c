package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// adaptive keeps an agent for a customer who is rung only while few are free.
func adaptive(c *callback.Config) {
	q := c.Queues["billing"]
	q.Dialing, q.Capacity = callback.Adaptive, 5
	c.Queues["billing"] = q
}

// promises books callbacks at the same time, and lets it come.
func (w *world) promises(n int) {
	w.Helper()
	for i := range n {
		at := time.Date(2026, 6, 1, 12, 15, 0, 0, helsinki(w.T))
		phone := callback.Phone("+35840123" + string(rune('1'+i)) + "000")
		if _, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: phone, At: at}); err != nil {
			w.Fatal(err)
		}
	}
	w.texts()
	w.at("12:15")
}

// While two agents are free none is kept for the first customer; the second
// has one kept, and there is no third call, however many are due.
func TestAdaptive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.promises(3)
	rings := w.rings(2)
	w.rings(0)
	kept := 0
	for _, r := range rings {
		_, calls, err := w.Show(t.Context(), r.Callback)
		if err != nil || len(calls) != 1 || !calls[0].First {
			t.Fatalf("calls %+v, %v", calls, err)
		}
		if calls[0].Agent != "" {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d agents are kept, want 1", kept)
	}
	for _, r := range rings {
		dial := w.party(r.Talk).presses("1").connect()
		w.party(dial.Talk).presses("1")
		w.state(r.Callback, callback.Connected)
	}
	w.agent("anna", callback.OnCall)
	w.agent("bo", callback.OnCall)
}

// Agents who work for two queues are counted once: what one queue rings leaves
// fewer of them to the other.
func TestAdaptiveQueuesShareAgents(t *testing.T) {
	t.Parallel()
	for _, order := range []callback.Order{callback.Adaptive, callback.CustomerFirst} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, adaptive, func(c *callback.Config) {
				q := c.Queues["billing"]
				q.Dialing = order
				c.Queues["sales"] = q
			})
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i, queue := range []string{"billing", "sales", "sales"} {
				at := time.Date(2026, 6, 1, 12, 15+15*min(i, 1), 0, 0, helsinki(t))
				phone := callback.Phone("+35840123" + string(rune('5'+i)) + "000")
				if _, err := w.Book(t.Context(), callback.Request{Queue: queue, Phone: phone, At: at}); err != nil {
					t.Fatal(err)
				}
			}
			w.at("12:15")
			w.rings(1)
			w.at("12:30")
			if one := w.rings(1)[0]; w.state(one.Callback, callback.CustomerDialing).Agent == "" {
				t.Error("no agent is kept for the second of two")
			}
			w.rings(0)
		})
	}
}

// takesOver has something else keep an agent busy.
func (w *world) takesOver(agent string) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		s, err := tx.Status(agent)
		if err != nil {
			s = callback.Status{Agent: agent}
		}
		s.State, s.Ref, s.Since = callback.OnCall, "elsewhere", w.now
		return tx.PutStatus(s)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// A machine hears that we have called, and never comes to an agent.
func TestMachineHearsThatWeCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.promises(1)
	r := w.rings(1)[0]
	p := w.party(r.Talk).event(ivr.Event{Kind: ivr.Silence}).event(ivr.Event{Kind: ivr.Silence}).hears("tried_you")
	if !p.turn.End {
		t.Error("the call goes on")
	}
	w.state(r.Callback, callback.RetryWait)
	w.wantTexts("text_tried")
	w.agent("anna", callback.Available)
	w.agent("bo", callback.Available)
}

// Whom a callback belongs to speaks with its customer, although others are free
// and have been so for longer.
func TestAdaptiveKeepsTheOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: "bo"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SetAgent(t.Context(), "bo", callback.Available); err != nil { // since now; anna for longer
		t.Fatal(err)
	}
	w.texts()
	w.now = c.At
	dial := w.party(w.rings(1)[0].Talk).presses("1").connect()
	if want := "sip:bo@127.0.0.1"; dial.Addr != want {
		t.Errorf("%s is rung, want the owner", dial.Addr)
	}
}

// While only one of those who are free speaks the language of a customer, that
// one is kept for him.
func TestAdaptiveKeepsWhoFits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive, func(c *callback.Config) {
		for name, lang := range map[string]string{"anna": "en", "bo": "fi"} {
			a := c.Agents[name]
			a.Languages = []string{lang}
			c.Agents[name] = a
		}
	})
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Lang: "fi"})
	if err != nil {
		t.Fatal(err)
	}
	w.texts()
	w.now = c.At
	w.rings(1)
	w.agent("bo", callback.OnRing)
	w.agent("anna", callback.Available)
}

const straight = `
for: caller
languages: [en]
start: welcome
stuck: person
anytime: {"0": person}
nodes:
  welcome: {do: menu, say: {en: "Press zero."}, keys: {1: {label: {en: "one"}, to: person}}}
  person: {do: connect, to: agents, then: bye, busy: line}
  line: {do: wait, then: person, closed: bye}
  bye: {do: end, say: goodbye}
`

// dialled is a world in which one customer is being rung, and of two agents none
// is kept for him. It returns that call.
func dialled(t *testing.T, edit ...func(*callback.Config)) (*world, callback.Ring) {
	t.Helper()
	w := newWorld(t, append([]func(*callback.Config){adaptive}, edit...)...)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.promises(1)
	r := w.rings(1)[0]
	if c := w.state(r.Callback, callback.CustomerDialing); c.Agent != "" {
		t.Fatalf("%s is kept", c.Agent)
	}
	return w, r
}

// The last agent who is free is for the customer who is being rung, and a caller
// who presses 0 meanwhile stands in line: he is told for how long, is not called
// up, and does not come by that agent when he presses 0 once more.
func TestCallersLeaveTheAgentOfADial(t *testing.T) {
	t.Parallel()
	for _, menu := range []string{"asks who is idle", "rings at once"} {
		t.Run(menu, func(t *testing.T) {
			t.Parallel()
			w, r := dialled(t, withLine)
			if menu == "rings at once" {
				w.Menus["main"] = parses(t, straight)
			}
			w.takesOver("anna")
			p := w.calls(eero).presses("0").hears("next_in_line", "wait_most")
			w.pass(time.Second)
			w.rings(0)
			p.called(false).presses("0").hears("next_in_line")
			dial := w.party(r.Talk).presses("1").connect()
			if want := "sip:bo@127.0.0.1"; dial.Addr != want {
				t.Errorf("%s is rung for the customer, want %s", dial.Addr, want)
			}
		})
	}
}

// Whoever stands in line for the sake of a customer who does not answer is called
// up as soon as that is known.
func TestCallersHaveTheAgentOfADialThatFailed(t *testing.T) {
	t.Parallel()
	w, r := dialled(t, withLine)
	w.takesOver("anna")
	p := w.calls(eero).presses("0").hears("next_in_line")
	w.rings(0)
	p.called(false)
	missed := &party{w: w, talk: r.Talk}
	missed.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	w.rings(0)
	if got := p.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// A caller may have the one agent of two whom the customer who is being rung does
// not need; when that one does not answer, not the other.
func TestCallersRingNoAgentOfADialNext(t *testing.T) {
	t.Parallel()
	w, _ := dialled(t, withLine)
	p := w.calls(eero).presses("0")
	p.connect()
	p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("nobody_free", "next_in_line")
}

// Where nobody can stand in line, whoever is free answers callers.
func TestCallersWithoutALineAreAnswered(t *testing.T) {
	t.Parallel()
	w, _ := dialled(t)
	w.takesOver("anna")
	if got := w.calls(eero).presses("0").connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// Agents of another queue who do not help out yet are no agents for the customer
// who is being rung: their being free has nobody in line called up before the time.
func TestCallersLeaveTheAgentOfADialWhileOthersDoNotHelp(t *testing.T) {
	t.Parallel()
	w, _ := dialled(t, withLine, func(c *callback.Config) {
		c.Agents["cid"] = callback.Agent{Name: "Cid", Phone: "sip:cid@127.0.0.1"}
		q := c.Queues["billing"]
		sales := q
		sales.Agents = []string{"cid"}
		q.Overflow, q.OverflowAfter = "sales", callback.Span(2*time.Minute)
		c.Queues["billing"], c.Queues["sales"] = q, sales
	})
	w.takesOver("anna")
	p := w.calls(eero).presses("0").hears("next_in_line")
	w.rings(0)
	p.called(false)
	w.agent("bo", callback.Available)
	w.frees("anna")
	w.rings(0)
	p.called(true).connect() // called up in vain before, he would be passed over now
}
