package callback_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A carried talk is one of an agent with a person, whose calls are at a carrier:
// it goes on when our process dies.
type carried struct {
	*world
	person, first *party
	by, to        string // the agent, and his colleague
	promise       string // the callback; "" for a caller
	survey        string // who was to keep the promise, or has spoken last
}

// carries gives the call of an attempt a name at the carrier.
func (w *world) carries(ref string) {
	w.Helper()
	if err := errors.Join(w.Sent(w.Context(), ref), w.Placed(w.Context(), ref, "CA"+ref)); err != nil {
		w.Fatal(err)
	}
}

// carriedTalks is how such a talk comes about.
var carriedTalks = []struct {
	name  string
	begin func(*testing.T) *carried
}{
	{"caller", func(t *testing.T) *carried {
		w := newWorld(t, mayTransfer)
		person := w.callsBy("twilio", aino).presses("0")
		w.carries(person.connect().Ref)
		return w.carry(person, w.party(person.connect().Talk).presses("1"), "")
	}},
	{"customer first", func(t *testing.T) *carried {
		w := newWorld(t, mayTransfer, customerFirst)
		c := w.books(aino)
		w.now = c.At
		r := w.ring()
		w.carries(r.Ref)
		person := w.party(r.Talk).presses("1")
		w.carries(person.connect().Ref)
		return w.carry(person, w.party(person.connect().Talk).presses("1"), c.ID)
	}},
	{"agent first", func(t *testing.T) *carried {
		w := newWorld(t, mayTransfer)
		c := w.books(aino)
		w.now = c.At
		r := w.ring()
		agent, dial := w.dials(r)
		w.carries(r.Ref)
		w.carries(dial.Ref)
		return w.carry(w.party(dial.Talk).presses("1"), agent, c.ID)
	}},
}

func (w *world) carry(person, agent *party, promise string) *carried {
	w.Helper()
	if err := w.Beat(w.Context()); err != nil {
		w.Fatal(err)
	}
	w.texts()
	by := w.talk(agent.talk).Agent
	to := map[string]string{"anna": "bo", "bo": "anna"}[by]
	w.agent(by, callback.OnCall)
	c := &carried{world: w, person: person, first: agent, by: by, to: to, promise: promise, survey: to}
	if w.talk(agent.talk).Menu == "agent" {
		c.survey = by // whose promise it was
	}
	return c
}

// sendsOn has the agent put the person through to his colleague.
func (c *carried) sendsOn(consult bool) {
	c.Helper()
	t, err := c.SendOn(c.Context(), callback.SendOn{Agent: c.by, To: c.to, Consult: consult})
	if err != nil {
		c.Fatal(err)
	}
	c.person.turn = t.Last
	c.carries(t.Last.Connect.Ref)
	if !consult {
		c.leaves()
	}
}

// leaves ends the call of the agent, who is no longer with the person.
func (c *carried) leaves() {
	c.Helper()
	c.first.turn.No = c.talk(c.first.talk).State.Turn
	c.first.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
}

// takes has the colleague take the call, and stay in it.
func (c *carried) takes() {
	c.Helper()
	if got := c.party(c.person.connect().Talk).presses("1").connect().To; got != ivr.Waiting {
		c.Errorf("the colleague is connected to %q", got)
	}
	c.agentBusy(c.to)
}

// joins ends what the agent wanted to say first.
func (c *carried) joins() {
	c.Helper()
	t, _, err := c.Join(c.Context(), c.by)
	if err != nil {
		c.Fatal(err)
	}
	c.person.turn = t.Last
	c.leaves()
}

// dies is the next process, in which the two go on with their talks.
func (c *carried) dies(t *testing.T) {
	t.Helper()
	next := c.restart(t)
	c.world, c.person.w, c.first.w = next, next, next
}

// agentBusy sees that nobody rings an agent, or takes his call for a lost one.
func (c *carried) agentBusy(agents ...string) {
	c.Helper()
	idle, err := c.Idle(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	for _, agent := range agents {
		s := c.status(agent)
		if s.State != callback.OnRing && s.State != callback.OnCall || slices.Contains(idle, c.Agents[agent].Phone) {
			c.Errorf("%s is %s, and speaks; idle are %q", agent, s.State, idle)
		}
	}
}

// over sees that everybody is free in the end, that the promise was kept, and that
// the person is asked once how it was, and whom he means.
func (c *carried) over(credited string) {
	c.Helper()
	c.first.event(ivr.Event{Kind: ivr.Gone})
	if t := c.talk(c.person.talk); !t.Closed {
		c.Errorf("the person is at %q", t.State.Node)
	}
	c.pass(5 * time.Minute)
	c.sweep()
	c.agentsFree()
	c.rings(0)
	if c.promise != "" {
		c.state(c.promise, callback.Done)
		_, all, err := c.Show(c.Context(), c.promise)
		for _, a := range all {
			if a.EndedAt.IsZero() || a.Outcome == "interrupted" {
				c.Errorf("call %+v", a)
			}
		}
		if err != nil {
			c.Error(err)
		}
	}
	if n := c.journalled("task", ""); n != 0 {
		c.Errorf("%d tasks", n)
	}
	c.wantTexts("csat")
	c.view(func(tx callback.Tx) error {
		a, err := tx.LastAsked(aino)
		if a.Agent != credited {
			c.Errorf("asked about %q, want %q", a.Agent, credited)
		}
		return err
	})
}

func (c *carried) agentsFree() {
	c.Helper()
	c.agent(c.by, callback.Available)
	c.agent(c.to, callback.Available)
}

// TestPutThroughOutlivesCrash holds that whatever an agent was doing to put
// somebody through when the process died goes on in the next one: who speaks, or
// is rung, is rung for nobody else, nobody is called twice, the promise is kept,
// and all are free in the end.
func TestPutThroughOutlivesCrash(t *testing.T) {
	t.Parallel()
	for _, begin := range carriedTalks {
		for _, tt := range []struct {
			name   string
			before func(*carried)
			busy   bool // the first agent is, too
			after  func(*carried)
		}{
			{"while the colleague is rung", func(c *carried) { c.sendsOn(false) }, false, func(c *carried) { c.takes() }},
			{"while the colleague is asked", func(c *carried) { c.sendsOn(true) }, true, func(c *carried) {
				c.takes()
				c.joins()
			}},
			{"while the agents speak", func(c *carried) {
				c.sendsOn(true)
				c.takes()
			}, true, func(c *carried) { c.joins() }},
			{"when they are together", func(c *carried) {
				c.sendsOn(true)
				c.takes()
				c.joins()
			}, false, func(*carried) {}},
			{"when he was taken over", func(c *carried) {
				c.sendsOn(false)
				c.takes()
			}, false, func(*carried) {}},
		} {
			t.Run(begin.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				c := begin.begin(t)
				tt.before(c)
				c.dies(t)
				c.agentBusy(c.to)
				if tt.busy {
					c.agentBusy(c.by)
				}
				if again, err := c.Send(t.Context(), c.person.connect().Ref); err != nil || again {
					t.Errorf("the colleague is rung twice: %v", err)
				}
				c.rings(0)
				tt.after(c)
				c.pass(10 * time.Minute)
				c.sweep()
				c.agentBusy(c.to)
				c.person.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
				c.over(c.survey)
			})
		}
	}
}

// TestPutThroughMissedAfterCrash holds that a person whom nobody takes comes back
// to the agent all the same.
func TestPutThroughMissedAfterCrash(t *testing.T) {
	t.Parallel()
	for _, begin := range carriedTalks {
		for _, consult := range []bool{false, true} {
			t.Run(begin.name+map[bool]string{true: "/asked first"}[consult], func(t *testing.T) {
				t.Parallel()
				c := begin.begin(t)
				c.sendsOn(consult)
				c.dies(t)
				c.person.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
				c.agent(c.to, callback.Available)
				if !consult {
					c.to, c.by = c.by, c.to // who is rung now
					c.takes()
					c.person.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
					c.over(c.to)
					return
				}
				c.agentBusy(c.by)
				if got := c.person.connect().By; got != "" {
					t.Errorf("put through by %q, and is back", got)
				}
			})
		}
	}
}

// TestLeavesWhileColleagueRings holds that a person who hangs up before a colleague
// takes him was served by the agent he has spoken with, and is asked about him.
func TestLeavesWhileColleagueRings(t *testing.T) {
	t.Parallel()
	for _, begin := range carriedTalks {
		for _, consult := range []bool{false, true} {
			t.Run(begin.name+map[bool]string{true: "/asked first"}[consult], func(t *testing.T) {
				t.Parallel()
				c := begin.begin(t)
				c.Survey.Talked = callback.Span(time.Minute)
				c.pass(2 * time.Minute)
				c.sendsOn(consult)
				c.pass(10 * time.Second)
				c.person.event(ivr.Event{Kind: ivr.Gone})
				c.over(c.by)
			})
		}
	}
}

// TestColleagueAtRest holds that a colleague who was on a break, or at his notes,
// counts as in a call while somebody is put through to him, and goes back to that;
// and that who is in a call is not rung for another.
func TestColleagueAtRest(t *testing.T) {
	t.Parallel()
	for _, was := range []callback.AgentState{callback.OnBreak, callback.Offline, callback.WrappingUp} {
		t.Run(string(was), func(t *testing.T) {
			t.Parallel()
			c := carriedTalks[0].begin(t)
			c.puts(c.to, was, "")
			c.sendsOn(false)
			c.agentBusy(c.to)
			c.takes()
			c.pass(time.Minute)
			c.sweep()
			c.agentBusy(c.to)
			c.person.event(ivr.Event{Kind: ivr.Spoke})
			c.agent(c.to, was)
		})
	}
	for _, was := range []callback.AgentState{callback.OnRing, callback.OnCall} {
		t.Run(string(was), func(t *testing.T) {
			t.Parallel()
			c := carriedTalks[0].begin(t)
			c.puts(c.to, was, "another")
			for _, to := range []string{c.to, c.by} {
				if _, err := c.SendOn(t.Context(), callback.SendOn{Agent: c.by, To: to}); !errors.Is(err, callback.ErrNobodyFree) {
					t.Errorf("to %s: %v", to, err)
				}
			}
			c.agent(c.by, callback.OnCall)
			c.person.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		})
	}
}

// TestComesBackToWhoIsAsked holds that an agent who is still being asked how the
// call was is rung for the person whom he has put through, as anybody else; and
// that the person is called again when he does not take him back.
func TestComesBackToWhoIsAsked(t *testing.T) {
	t.Parallel()
	for _, takes := range []bool{true, false} {
		t.Run(map[bool]string{true: "and takes him", false: "and does not"}[takes], func(t *testing.T) {
			t.Parallel()
			c := carriedTalks[2].begin(t)
			got, err := c.SendOn(t.Context(), callback.SendOn{Agent: c.by, To: c.to})
			if err != nil {
				t.Fatal(err)
			}
			c.person.turn = got.Last
			c.carries(got.Last.Connect.Ref)
			c.first.turn.No = c.talk(c.first.talk).State.Turn
			c.first.event(ivr.Event{Kind: ivr.Spoke}).hears("ask_solved")
			c.person.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
			if back := c.person.connect(); back.Addr != c.Agents[c.by].Phone {
				t.Fatalf("rings %q", back.Addr)
			}
			c.first.event(ivr.Event{Kind: ivr.Gone})
			c.agentBusy(c.by)
			if !takes {
				c.person.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("nobody_free", "call_soon")
				c.state(c.promise, callback.Done)
				if again := c.open(aino); !again.At.Equal(c.now.Add(15*time.Minute)) || again.State != callback.BookedState {
					t.Errorf("called again at %s, %s", again.At, again.State)
				}
				c.wantTexts("text_booked Mon 12:30")
				c.agent(c.by, callback.Available)
				return
			}
			c.to, c.by = c.by, c.to // who is rung now
			c.takes()
			c.person.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
			c.over(c.to)
		})
	}
}

// TestComesBackBeforeTheCallIsOver is the same while nobody has told yet that the
// agent has left: the person is called again at once.
func TestComesBackBeforeTheCallIsOver(t *testing.T) {
	t.Parallel()
	c := carriedTalks[2].begin(t)
	got, err := c.SendOn(t.Context(), callback.SendOn{Agent: c.by, To: c.to})
	if err != nil {
		t.Fatal(err)
	}
	c.person.turn = got.Last
	for range 2 {
		c.person.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
	}
	c.state(c.promise, callback.RetryWait)
	c.first.turn.No = c.talk(c.first.talk).State.Turn
	c.first.event(ivr.Event{Kind: ivr.Gone})
	c.state(c.promise, callback.RetryWait)
	c.agentsFree()
}
