package twilioline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// A colleague, and somebody outside to whom people may be put through.
const (
	boAddr  = "sip:bo@192.0.2.11"
	outside = "+358407654321"
)

// staffed is a town with a colleague, and a way to begin a talk with Aino.
func staffed(w *town) {
	w.desk.Agents["bo"] = callback.Agent{Name: "Bo", Phone: boAddr}
	w.desk.Transfers.Allowed = []string{outside}
	w.customer.Talk, w.agent.Talk = stays, stays
	w.colleague = twiliosim.Person{Press: presses("1"), Talk: lasts(30 * time.Second)}
	w.stranger = w.colleague
	for _, q := range w.desk.Queues {
		q.WrapUp = time.Hour
	}
}

// talking is how a talk with an agent comes about.
var talking = []struct {
	name  string
	begin func(*town)
}{
	{"caller", func(w *town) {
		w.until("14:31")
		ask := w.customer
		ask.Press = pressing("0", w.customer.Press)
		w.sim.Ring(string(aino), string(linetest.Number), ask)
	}},
	{"customer first", func(w *town) {
		w.customerFirst()
		w.books()
		w.until("14:30")
	}},
	{"agent first", func(w *town) {
		w.books()
		w.until("14:30")
	}},
}

// his is the call of Aino.
func (w *town) his() twiliosim.Call {
	w.Helper()
	for _, c := range w.sim.Calls() {
		if c.From == string(aino) || c.To == string(aino) {
			return c
		}
	}
	w.Fatal("nobody has called, or was called")
	return twiliosim.Call{}
}

// met counts how often somebody was in a conference.
func met(c twiliosim.Call) int { return strings.Count(strings.Join(c.Log, "\n"), "joins ") }

// duty is what an agent does.
func (w *town) duty(agent string) callback.AgentState {
	w.Helper()
	team, err := w.desk.Team(w.Context())
	for _, s := range team {
		if s.Agent == agent {
			return s.State
		}
	}
	w.Errorf("agent %s: %v", agent, err)
	return ""
}

// An agent puts the person he speaks with through by a deed at the desk, however
// that talk has begun: to a colleague, or to a number on the list. Who is rung
// hears what it is about, and takes the call with a key; when nobody does, the
// agent is rung again. Nobody is lost, or called twice.
func TestPutThrough(t *testing.T) {
	t.Parallel()
	for _, begin := range talking {
		for _, tt := range []struct {
			name, to, addr string
			people         func(*town)
			met            int    // conferences of Aino
			agents         int    // calls to the first agent
			hears          string // what whom was rung hears
		}{
			{"a colleague", "bo", boAddr, nil, 2, 1, "A caller is on the line for you."},
			{"outside", outside, outside, nil, 2, 1, "A caller is on the line for you."},
			{"not answered", "bo", boAddr, func(w *town) {
				w.colleague.Answer = answers("no-answer", 0)
				w.agent.Talk = firstThen(stays, lasts(10*time.Second))
			}, 2, 2, ""},
			{"not wanted", outside, outside, func(w *town) {
				w.stranger.Press = presses("2")
				w.agent.Talk = firstThen(stays, lasts(10*time.Second))
			}, 2, 2, "A caller is on the line for you."},
			{"hung up meanwhile", "bo", boAddr, func(w *town) {
				w.colleague.Answer = answers("", 20*time.Second)
				w.customer.Talk = lasts(30 * time.Second)
				w.customer.Press = onceThenHangUp("1")
			}, 1, 1, ""},
		} {
			if begin.name != "caller" && (tt.to == outside || tt.met == 1) {
				continue // as with a caller
			}
			t.Run(begin.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				day(t, func(w *town) {
					staffed(w)
					w.agent.Press = presses("1", "1", "1", "1")
					if tt.people != nil {
						tt.people(w)
					}
				}, func(w *town) {
					begin.begin(w)
					w.passes(20 * time.Second)
					if err := w.line.PutThrough(w.Context(), callback.SendOn{Agent: "anna", To: tt.to}); err != nil {
						t.Fatalf("%v\n%s", err, strings.Join(w.his().Log, "\n"))
					}
					w.passes(2 * time.Minute)
					his := w.his()
					log := strings.Join(his.Log, "\n")
					if met(his) != tt.met {
						t.Errorf("in %d conferences, want %d:\n%s", met(his), tt.met, log)
					}
					if n := len(w.calls(linetest.AgentAddr)); n != tt.agents {
						t.Errorf("the agent was rung %d times, want %d:\n%s", n, tt.agents, log)
					}
					if n := len(w.calls(tt.addr)); n > 1 {
						t.Errorf("%d calls to %s", n, tt.addr)
					}
					w.wantHeard(tt.addr, tt.hears)
					if got := w.duty("anna"); got != callback.WrappingUp {
						t.Errorf("the agent is %s", got)
					}
					if got := w.duty("bo"); got == callback.OnCall || got == callback.OnRing {
						t.Errorf("the colleague is %s", got)
					}
					w.quiet()
				})
			})
		}
	}
}

// A colleague who is in another call refuses at once, when the agent who has put
// the customer through is still being asked how the call was: that call is ended,
// for his telephone to ring once more. The customer is with him again.
func TestPutThroughWhileAsked(t *testing.T) {
	t.Parallel()
	for _, begin := range talking {
		t.Run(begin.name, func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				staffed(w)
				w.colleague.Answer = answers("busy", 0)
				w.agent.Press = presses("1", "", "", "1")
				if begin.name != "agent first" { // nobody asks him
					w.agent.Press = presses("1", "1")
				}
				w.agent.Talk = firstThen(stays, lasts(10*time.Second))
				w.agent.Answer = func(context.Context, twiliosim.Call) twiliosim.Answer {
					for _, c := range w.calls(linetest.AgentAddr) {
						if c.Status == "in-progress" {
							return twiliosim.Answer{Outcome: "busy"}
						}
					}
					return twiliosim.Answer{}
				}
			}, func(w *town) {
				begin.begin(w)
				w.passes(20 * time.Second)
				if err := w.line.PutThrough(w.Context(), callback.SendOn{Agent: "anna", To: "bo"}); err != nil {
					t.Fatal(err)
				}
				w.passes(2 * time.Minute)
				if his := w.his(); met(his) != 2 {
					t.Errorf("in %d conferences, want 2:\n%s", met(his), strings.Join(his.Log, "\n"))
				}
				if n := len(w.calls(linetest.AgentAddr)); n != 2 {
					t.Errorf("the agent was rung %d times, want 2", n)
				}
				if got := w.duty("anna"); got != callback.WrappingUp {
					t.Errorf("the agent is %s", got)
				}
				w.quiet()
			})
		})
	}
}

// firstThen speaks in one way the first time, and in another from then on.
func firstThen(first, then func(context.Context, twiliosim.Call, string)) func(context.Context, twiliosim.Call, string) {
	next := first
	return func(ctx context.Context, c twiliosim.Call, room string) {
		now := next
		next = then
		now(ctx, c, room)
	}
}

// onceThenHangUp presses a key each, and hangs up when it is asked again while it
// hears music.
func onceThenHangUp(keys ...string) func(context.Context, twiliosim.Call, []string) string {
	press := presses(keys...)
	return func(ctx context.Context, c twiliosim.Call, said []string) string {
		if met(c) > 0 {
			wait(ctx, 5*time.Second)
			return twiliosim.Hangup
		}
		return press(ctx, c, said)
	}
}

// pressing presses a key, and then what somebody else presses.
func pressing(key string, then func(context.Context, twiliosim.Call, []string) string) func(context.Context, twiliosim.Call, []string) string {
	first := presses(key)
	return func(ctx context.Context, c twiliosim.Call, said []string) string {
		if k := first(ctx, c, said); k != "" {
			return k
		}
		return then(ctx, c, said)
	}
}

// An agent speaks first with whom he wants to put a person through to, who hears
// music. He hangs up, or says at the desk that they are together, or takes the
// person back; whoever leaves, nobody is left alone.
func TestConsult(t *testing.T) {
	t.Parallel()
	join := func(w *town) error { return w.line.Join(w.Context(), "anna") }
	back := func(w *town) error { return w.line.TakeBack(w.Context(), "anna") }
	hangUp := func(who string) func(*town) error {
		return func(w *town) error {
			for _, c := range w.calls(who) {
				w.sim.Hangup(c.SID)
			}
			return nil
		}
	}
	left := func(w *town) error { w.sim.Hangup(w.his().SID); return nil }
	for _, begin := range talking {
		for _, tt := range []struct {
			name   string
			people func(*town)
			then   func(*town) error // a while after the colleague was rung
			after  string            // who is with Aino then, by telephone; "" for nobody
			too    []string          // where it is another way than with a caller
		}{
			{"the agent hangs up", nil, hangUp(linetest.AgentAddr), boAddr, []string{"agent first"}},
			{"put together at the desk", nil, join, boAddr, []string{"agent first"}},
			{"taken back", nil, back, linetest.AgentAddr, []string{"agent first"}},
			{"the colleague hangs up", nil, hangUp(boAddr), linetest.AgentAddr, []string{"customer first"}},
			{"the colleague does not want to", func(w *town) { w.colleague.Press = presses("2") }, func(*town) error { return nil }, linetest.AgentAddr, nil},
			{"taken back while it rings", func(w *town) { w.colleague.Answer = answers("", time.Minute) }, back, linetest.AgentAddr, nil},
			{"the agent hangs up while it rings", func(w *town) { w.colleague.Answer = answers("", 20*time.Second) }, hangUp(linetest.AgentAddr), boAddr, nil},
			{"the person hangs up", nil, left, "", nil},
		} {
			if !slices.Contains(tt.too, begin.name) && begin.name != "caller" {
				continue // as with a caller
			}
			t.Run(begin.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				day(t, func(w *town) {
					staffed(w)
					w.colleague.Talk = stays
					if tt.people != nil {
						tt.people(w)
					}
				}, func(w *town) {
					begin.begin(w)
					w.passes(20 * time.Second)
					if err := w.line.PutThrough(w.Context(), callback.SendOn{Agent: "anna", To: "bo", Consult: true}); err != nil {
						t.Fatal(err)
					}
					w.passes(10 * time.Second)
					if his := w.his(); met(his) != 1 || his.Status != "in-progress" {
						if tt.people == nil {
							t.Fatalf("he does not wait:\n%s", strings.Join(his.Log, "\n"))
						}
					}
					if err := tt.then(w); err != nil {
						t.Fatal(err)
					}
					w.passes(25 * time.Second)
					w.areTogether(tt.after)
					w.sim.Hangup(w.his().SID)
					w.passes(time.Minute)
					for _, agent := range []string{"anna", "bo"} {
						if got := w.duty(agent); got == callback.OnCall || got == callback.OnRing {
							t.Errorf("%s is %s", agent, got)
						}
					}
					if n := len(w.calls(boAddr)) + len(w.calls(linetest.AgentAddr)); n != 2 {
						t.Errorf("%d calls to agents", n)
					}
					w.quiet()
				})
			})
		}
	}
}

// areTogether looks who is in the conference with Aino.
func (w *town) areTogether(who string) {
	w.Helper()
	if who == "" {
		return
	}
	his, theirs := w.his(), w.calls(who)[0]
	if his.Status != "in-progress" || theirs.Status != "in-progress" {
		w.Fatalf("he is %s, %s is %s:\n%s\n%s", his.Status, who, theirs.Status, strings.Join(his.Log, "\n"), strings.Join(theirs.Log, "\n"))
	}
	in := func(c twiliosim.Call) bool {
		log := strings.Join(c.Log, "\n")
		return strings.LastIndex(log, "joins ") > strings.LastIndex(log, "leaves ")
	}
	rooms := w.sim.Rooms()
	if !in(his) || !in(theirs) || len(rooms) != 1 || len(rooms[his.Conference]) != 2 {
		w.Fatalf("%v, he:\n%s\n%s:\n%s", rooms, strings.Join(his.Log, "\n"), who, strings.Join(theirs.Log, "\n"))
	}
}

// What may not be done, is not, and the two speak on.
func TestPutThroughRefused(t *testing.T) {
	t.Parallel()
	day(t, func(w *town) {
		staffed(w)
	}, func(w *town) {
		if err := w.line.PutThrough(w.Context(), callback.SendOn{Agent: "anna", To: "bo"}); !errors.Is(err, callback.ErrNoCall) {
			t.Errorf("with nobody: %v", err)
		}
		talking[0].begin(w)
		w.passes(20 * time.Second)
		for to, want := range map[string]error{
			"+358407654322": callback.ErrUnlisted, "billing": callback.ErrNobodyFree, "112": callback.ErrForbidden, "": callback.ErrForbidden,
		} {
			if err := w.line.PutThrough(w.Context(), callback.SendOn{Agent: "anna", To: to}); !errors.Is(err, want) {
				t.Errorf("to %q: %v, want %v", to, err, want)
			}
		}
		w.passes(10 * time.Second)
		if his := w.his(); met(his) != 1 || w.duty("anna") != callback.OnCall {
			t.Errorf("the agent is %s:\n%s", w.duty("anna"), strings.Join(his.Log, "\n"))
		}
		w.sim.Hangup(w.his().SID)
		w.passes(20 * time.Second)
		w.quiet()
	})
}
