package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// withLine lets ten callers stand in line.
func withLine(c *callback.Config) {
	q := c.Queues["billing"]
	q.Waiting = 10
	c.Queues["billing"] = q
}

// lined is a world with a line, in which nobody is free.
func lined(t *testing.T, edit ...func(*callback.Config)) *world {
	t.Helper()
	w := newWorld(t, append([]func(*callback.Config){withLine}, edit...)...)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Both agents talk: each with a caller who was rung for at once.
	for _, from := range []callback.Phone{"+358401110001", "+358401110002"} {
		whisper := w.party(w.calls(from).presses("0").connect().Talk).presses("1")
		if whisper.connect().To != ivr.Waiting {
			t.Fatal("the agent did not take the call")
		}
	}
	return w
}

// frees makes an agent free, after whatever he did.
func (w *world) frees(agent string) {
	w.Helper()
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		s, err := tx.Status(agent)
		if err != nil {
			return err
		}
		s.State, s.Since = callback.Available, w.now
		return tx.PutStatus(s)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// called reports whether a party was called up, and takes what comes next.
func (p *party) called(want bool) *party {
	p.w.Helper()
	moved, stop := p.w.Moved(p.talk, p.turn.No)
	defer stop()
	select {
	case <-moved:
		if !want {
			p.w.Error("called up before his turn")
		}
	default:
		if want {
			p.w.Error("not called up")
		}
	}
	return p.event(ivr.Event{Kind: ivr.Free})
}

// Callers in line are served in the order in which they came, and hear their
// true place meanwhile.
func TestLineIsServedInOrder(t *testing.T) {
	t.Parallel()
	w := lined(t)
	first := w.calls(aino).presses("0").hears("nobody_free", "next_in_line", "press_place", "stay_on")
	w.pass(time.Second)
	second := w.calls(eero).presses("0").hears("in_line")
	if !first.turn.Listen.Hold || second.turn.Say[1].N != 2 {
		t.Fatalf("turns %+v and %+v", first.turn, second.turn)
	}
	w.rings(0)
	first.called(false)
	w.pass(time.Minute)
	second.event(ivr.Event{Kind: ivr.Silence}).hears("in_line")
	first.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
	w.frees("bo")
	w.rings(0)
	second.called(false)
	dial := first.called(true).hears("connecting").connect()
	if dial.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", dial.Addr)
	}
	w.pass(time.Minute)
	second.event(ivr.Event{Kind: ivr.Silence}).hears("in_line") // he may come back to the line
	w.party(dial.Talk).presses("1")
	w.pass(time.Minute)
	second.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
	if n := w.journalled("line.served", ""); n != 1 {
		t.Errorf("%d were served", n)
	}
}

// An agent who does not answer costs the caller the ringing and not his place,
// and is not rung again at once.
func TestLineKeepsThePlaceWhenAnAgentMisses(t *testing.T) {
	t.Parallel()
	w := lined(t)
	first := w.calls(aino).presses("0")
	w.pass(time.Second)
	second := w.calls(eero).presses("0")
	w.frees("bo")
	w.rings(0)
	first.called(true).event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}).hears("nobody_free", "next_in_line")
	w.rings(0)
	first.called(false)
	second.called(false)
	w.pass(31 * time.Second)
	w.rings(0)
	second.called(false)
	if got := first.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// Who would rather not wait on the line keeps his place, and is called in the
// order in which he came.
func TestPlaceIsKept(t *testing.T) {
	t.Parallel()
	w := lined(t)
	first := w.calls(aino).presses("0")
	w.pass(time.Second)
	second := w.calls(eero).presses("0")
	first.presses("1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	w.wantTexts("text_placed")
	w.pass(time.Minute)
	second.event(ivr.Event{Kind: ivr.Silence}).hears("in_line")
	w.frees("bo")
	r := w.rings(1)[0]
	second.called(false)
	w.dials(r)
	w.pass(time.Minute)
	second.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
	w.frees("anna")
	w.rings(0)
	second.called(true)
}

// A promise goes before callers in line when it would break else, and lets them
// pass as long as it can wait.
func TestPromisesLetCallersPass(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		wait  time.Duration
		rings int
	}{
		{"it can wait", time.Minute, 0},
		{"it would break", 11 * time.Minute, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withLine)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.books(aino)
			for _, a := range []string{"anna", "bo"} {
				if err := w.SetAgent(t.Context(), a, callback.OnBreak); err != nil {
					t.Fatal(err)
				}
			}
			w.frees("anna")
			w.party(w.calls("+358401110001").presses("0").connect().Talk).presses("1")
			w.at("12:15")
			p := w.calls(eero).presses("0").hears("in_line")
			w.pass(tt.wait)
			w.frees("anna")
			w.rings(tt.rings)
			p.called(tt.rings == 0)
		})
	}
}

// The line is as long as it may be, and ends when the queue closes.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Waiting = 1
		c.Queues["billing"] = q
	})
	first := w.calls(aino).presses("0").hears("next_in_line")
	w.calls(eero).presses("0").hears("nobody_free", "offer")
	w.at("17:00")
	first.event(ivr.Event{Kind: ivr.Silence}).hears("closed", "offer")
	first.event(ivr.Event{Kind: ivr.Gone})
	if n := w.journalled("line.left", ""); n != 1 {
		t.Errorf("%d have left the line", n)
	}
}

// What a crash leaves of the line is nobody: the calls went with the process.
func TestLineOfADeadProcess(t *testing.T) {
	t.Parallel()
	w := lined(t)
	w.calls(aino).presses("0").hears("next_in_line")
	other := worldOn(t, w.Store, "boot-2", withLine)
	if err := other.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.view(func(tx callback.Tx) error {
		all, err := tx.Waiters("")
		if len(all) != 0 {
			t.Errorf("still in line: %+v", all)
		}
		return err
	})
}

// A caller whose call lives on at a carrier keeps nobody waiting while no
// process has it, and has his place again when it is heard of.
func TestLineAfterACrashAtTheCarrier(t *testing.T) {
	t.Parallel()
	w := lined(t)
	turn, err := w.Answer(t.Context(), callback.Inbound{Talk: "carried", Line: "twilio", From: aino, To: service})
	if err != nil {
		t.Fatal(err)
	}
	first := &party{w, "carried", turn}
	first.presses("0").hears("next_in_line")
	other := worldOn(t, w.Store, "boot-2", withLine)
	first.w = other
	if err := other.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, from := range []callback.Phone{"+358401110003", "+358401110004"} {
		other.party(other.calls(from).presses("0").connect().Talk).presses("1")
	}
	other.pass(time.Second)
	second := other.calls(eero).presses("0").hears("in_line")
	other.frees("bo")
	other.rings(0)
	second.called(true).connect()
	first.event(ivr.Event{Kind: ivr.Silence}).hears("next_in_line")
	other.frees("anna")
	other.rings(0)
	first.called(true).connect()
}

// Who speaks a language that somebody at work speaks waits for him, and the
// others do not wait for that.
func TestLanguageAndSkill(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) {
		c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1", Languages: []string{"en"}, Skills: []string{"billing"}}
		c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1", Languages: []string{"en"}, Skills: []string{"delivery"}}
	})
	first := w.calls(aino).presses("1", "0").hears("next_in_line")
	w.pass(time.Second)
	second := w.calls(eero).presses("2", "0").hears("in_line")
	w.frees("bo")
	w.rings(0)
	first.called(false)
	if got := second.called(true).connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
	w.frees("anna")
	w.rings(0)
	if got := first.called(true).connect().Addr; got != "sip:anna@127.0.0.1" {
		t.Errorf("rings %q", got)
	}
}

// Who keeps a place and then takes a time is called at that time, and not ahead
// of the line; what was undone gives the place back.
func TestPlaceIsGivenUpForATime(t *testing.T) {
	t.Parallel()
	w := lined(t)
	w.calls(aino).presses("0", "1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	kept := w.open(aino)
	if kept.Place.IsZero() {
		t.Fatal("no place is kept")
	}
	free, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	moved := w.must("anna", callback.DoMove, kept, func(a *callback.Act) { a.At = free[len(free)-1] })
	if !moved.Place.IsZero() {
		t.Errorf("promised for %s, the place of %s is kept", moved.At, moved.Place)
	}
	if _, err := w.Desk.Undo(t.Context(), kept.ID, "agent:anna"); err != nil {
		t.Fatal(err)
	}
	if got := w.open(aino); !got.Place.Equal(kept.Place) || !got.DueAt.Equal(kept.DueAt) {
		t.Errorf("undone, the place is %s, want %s", got.Place, kept.Place)
	}
}

// A place in line is one more time that a promise is moved to.
func TestPlacesAreMoves(t *testing.T) {
	t.Parallel()
	w := lined(t, func(c *callback.Config) { c.Callbacks.Moves = 1 })
	if _, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.slots(2)[1].At}); err != nil {
		t.Fatal(err)
	}
	w.calls(aino).presses("0", "1", "1").hears("placed").event(ivr.Event{Kind: ivr.Gone})
	first := w.open(aino)
	if first.Moves != 1 || first.Place.IsZero() {
		t.Fatalf("joined the line: %+v", first)
	}
	w.pass(time.Minute)
	w.calls(aino).presses("0", "1", "1").event(ivr.Event{Kind: ivr.Gone})
	if got := w.open(aino); got.Moves != 1 || got.Version != first.Version {
		t.Errorf("moved once more than may be: %+v", got)
	}
}

// Whom we call again in hours is not ahead of anybody now, whatever time he was
// promised, or place he kept.
func TestRetriesAreNotAhead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		place bool
		due   time.Duration
		ahead bool
	}{
		{"a place, and due", true, 10 * time.Second, true},
		{"a place, and called again tonight", true, 4 * time.Hour, false},
		{"a promise, and due", false, 0, true},
		{"a promise, and called again tonight", false, 4 * time.Hour, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lined(t)
			w.calls(eero).presses("0").hears("next_in_line")
			before, err := w.Outlook(t.Context(), "billing")
			if err != nil || before.Mean == 0 {
				t.Fatalf("%+v, %v", before, err)
			}
			then := w.now.Add(-time.Hour)
			c := callback.Callback{
				ID: "again", Queue: "billing", Phone: aino, State: callback.RetryWait, At: then, Wall: opening.Wall(then), Zone: "Europe/Helsinki",
				DueAt: w.now.Add(tt.due), Until: w.now.Add(5 * time.Hour), CreatedAt: then, UpdatedAt: then, Attempts: 1,
			}
			if tt.place {
				c.Place = then
			}
			if err := w.Store.Update(t.Context(), func(tx callback.Tx) error { return tx.AddCallback(c) }); err != nil {
				t.Fatal(err)
			}
			after, err := w.Outlook(t.Context(), "billing")
			if err != nil || after.Mean > before.Mean != tt.ahead {
				t.Errorf("the wait was %s, and is %s, %v", before.Mean, after.Mean, err)
			}
			w.pass(time.Second)
			if n := w.calls("+358401119999").presses("0").turn.Say[1].N; n > 2 != (tt.ahead && tt.place) {
				t.Errorf("told that he is the number %d in line", n)
			}
		})
	}
}
