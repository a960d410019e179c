package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

const finnish callback.Phone = "+358912345679" // where callers are spoken with in Finnish

// speaking gives the two agents languages.
func speaking(anna, bo string) func(*callback.Config) {
	return func(c *callback.Config) {
		c.Numbers[finnish] = callback.Route{Menu: "main", Queue: "billing", Lang: "fi"}
		c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1", Languages: []string{anna}}
		c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1", Languages: []string{bo}}
	}
}

// place is where in line a party was told to stand.
func (p *party) place() int {
	for _, s := range p.turn.Say {
		switch s.Name {
		case "next_in_line":
			return 1
		case "in_line":
			return s.N
		}
	}
	return 0
}

// standsAt checks where in line a party is told to stand now.
func (p *party) standsAt(want int) {
	p.w.Helper()
	if got := p.event(ivr.Event{Kind: ivr.Silence}).place(); got != want {
		p.w.Errorf("told that he is number %d, want %d", got, want)
	}
}

// A VIP counts as having come so much earlier as the queue says, and no more.
func TestVIPsCountAsEarlier(t *testing.T) {
	t.Parallel()
	for after, first := range map[time.Duration]bool{4 * time.Minute: true, 6 * time.Minute: false} {
		w := lined(t, func(c *callback.Config) {
			c.VIPs = []callback.Phone{eero}
			q := c.Queues["billing"]
			q.VIPsAhead = callback.Span(5 * time.Minute)
			c.Queues["billing"] = q
		})
		other := w.calls(aino).presses("0")
		w.pass(after)
		vip := w.calls(eero).presses("0")
		w.pass(time.Minute)
		if first {
			vip.standsAt(1)
			other.standsAt(2)
		} else {
			vip.standsAt(2)
			other.standsAt(1)
		}
		w.frees("bo")
		w.rings(0)
		vip.called(first)
		other.called(!first)
	}
}

// The place that is kept is the one that he had, however long he has stood in
// line before he asked for it; who calls again and stays on the line has it too.
func TestKeptPlaceIsTheFirst(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		w := lined(t)
		first := w.calls(aino).presses("0")
		w.pass(time.Second)
		second := w.calls(eero).presses("0")
		w.pass(time.Minute)
		second.standsAt(2)
		first.presses("1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
		if again {
			w.pass(time.Minute)
			second.standsAt(2)
			first = w.calls(aino).presses("0")
			if first.place() != 1 {
				t.Errorf("back on the line he is number %d", first.place())
			}
		}
		w.pass(time.Minute)
		second.standsAt(2)
		w.frees("bo")
		if again {
			w.rings(0)
			first.called(true)
		} else if r := w.rings(1)[0]; w.state(r.Callback, callback.AgentRinging).Phone != aino {
			t.Errorf("rings for %+v", r)
		}
		second.called(false)
	}
}

// By when somebody whose place is kept is called at the latest is not before the
// bound of the wait that he was told, and the telephone has to ring.
func TestPlaceIsPromisedWithinTheBound(t *testing.T) {
	t.Parallel()
	w := lined(t)
	p := w.calls(aino).presses("0").hears("wait_most")
	o := w.told(p)
	p.presses("1", "1").hears("placed")
	if c := w.open(aino); c.At.Before(w.now.Add(o.Bound).Truncate(time.Minute)) || o.Bound < time.Minute {
		t.Errorf("promised by %s, with a bound of %s", c.At, o.Bound)
	}
}

// Nobody is asked to wait for an empty room: while no agent is at work, or none
// is in the moment in which the queue closes, a call is offered at once.
func TestNobodyWaitsForAnEmptyRoom(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]func(*world){
		"nobody is at work": func(w *world) {
			for agent, to := range map[string]callback.AgentState{"anna": callback.OnBreak, "bo": callback.Offline} {
				w.puts(agent, to, "")
			}
		},
		"the queue closes": func(w *world) { w.at("17:00") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withLine)
			w.at("16:58")
			p := w.calls(aino).presses("0")
			p.connect()
			leaves(w)
			for p.turn.Connect != nil {
				p.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
			}
			if p.hears("offer"); p.turn.Listen == nil || p.turn.Listen.Hold {
				t.Errorf("he waits: %+v", p.turn)
			}
		})
	}
}

// Whom we have called stands before callers in what these are told, too, though
// he has waited for less.
func TestPlaceBehindWhomWeCalled(t *testing.T) {
	t.Parallel()
	w := lined(t)
	p := w.calls(eero).presses("0").hears("next_in_line")
	w.pass(time.Minute)
	err := w.Store.Update(t.Context(), func(tx callback.Tx) error {
		return tx.PutWaiter(callback.Waiter{Talk: "called", Queue: "billing", Place: w.now, Came: w.now, Seen: w.now, Called: true, Ready: true, Boot: "other"})
	})
	if err != nil {
		t.Fatal(err)
	}
	p.standsAt(2)
}

// Whoever has been free for the longest is rung, among those who are free.
func TestLongestIdleIsRung(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"anna", "bo"}, {"bo", "anna"}} {
		w := newWorld(t)
		for _, agent := range order {
			w.puts(agent, callback.Available, "")
			w.pass(time.Minute)
		}
		if got, want := w.calls(aino).presses("0").connect().Addr, w.Agents[order[0]].Phone; got != want {
			t.Errorf("rings %q, want %q", got, want)
		}
	}
}

// Callers on the line, and promises, come to whom they can speak with: one who
// speaks their language is waited for while he is at work, however long another
// is free, and not when he has gone.
func TestLanguageOfAnAgent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bo   callback.AgentState
		want string // who is rung when anna is free; "" for nobody
	}{
		"he is in a call":   {callback.OnCall, ""},
		"he is not at work": {callback.Offline, "sip:anna@127.0.0.1"},
		"he is free":        {callback.Available, "sip:bo@127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withLine, speaking("en", "fi"))
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.puts("anna", callback.OnCall, "one")
			w.puts("bo", callback.OnCall, "another")
			p := w.dialsIn(aino, finnish).presses("0")
			w.puts("bo", tt.bo, "another")
			w.frees("anna")
			w.rings(0)
			if p.called(tt.want != ""); tt.want != "" && p.connect().Addr != tt.want {
				t.Errorf("rings %q for who waits", p.connect().Addr)
			}

			w = newWorld(t, speaking("en", "fi"))
			if _, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Lang: "fi"}); err != nil {
				t.Fatal(err)
			}
			w.puts("bo", tt.bo, "another")
			w.now = w.open(aino).At
			if tt.want == "" {
				w.rings(0)
			} else if got := w.rings(1)[0].Addr; got != tt.want {
				t.Errorf("rings %q for the promise", got)
			}
		})
	}
}

// While a caller waits, the promise that ends first is kept first, whichever was
// made first, or due first.
func TestPromiseThatEndsFirstGoesFirst(t *testing.T) {
	t.Parallel()
	w := lined(t)
	w.calls(eero).presses("0").hears("next_in_line")
	for id, times := range map[string][2]time.Duration{
		"due first":  {-5 * time.Minute, 7 * time.Minute},
		"ends first": {-time.Minute, 3 * time.Minute},
	} {
		at := w.now.Add(times[0])
		c := callback.Callback{
			ID: id, Queue: "billing", Phone: callback.Phone("+35840111222" + string(rune('0'+len(id)-9))), State: callback.BookedState,
			At: at, Wall: opening.Wall(at), Zone: "Europe/Helsinki", DueAt: at, Until: w.now.Add(times[1]), CreatedAt: at, UpdatedAt: at,
		}
		if err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(c) }); err != nil {
			t.Fatal(err)
		}
	}
	w.frees("bo")
	if got := w.rings(1)[0].Callback; got != "ends first" {
		t.Errorf("the one that is %q is kept", got)
	}
}

// Somebody whose agent does not answer, in the second in which another is free
// again, leaves that one to who has come before him.
func TestFreeAgainIsForWhoCameFirst(t *testing.T) {
	t.Parallel()
	w := lined(t)
	first := w.calls(aino).presses("0").hears("next_in_line")
	w.pass(time.Second)
	second := w.calls(eero).presses("0").hears("in_line")
	w.frees("bo")
	w.rings(0)
	first.called(true).connect()
	w.frees("anna")
	w.rings(0)
	second.called(true).connect()
	first.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("next_in_line")
	w.frees("bo")
	if again := second.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).turn.Connect; again != nil {
		t.Errorf("%q is rung for who came later", again.Addr)
	}
	w.rings(0)
	if got := first.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
	second.called(false)
}
