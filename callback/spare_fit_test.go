package callback_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// crewOf is a team by the languages that each speaks, who has been idle for
// longest first by name. Customers are rung without an agent kept for them while
// anybody is left who fits.
func crewOf(team map[string][]string) func(*callback.Config) {
	return func(c *callback.Config) {
		adaptive(c)
		q := c.Queues["billing"]
		q.Spare, q.Agents, c.Agents = 1, nil, map[string]callback.Agent{}
		for _, name := range []string{"anna", "bo", "cid"} {
			if langs, ok := team[name]; ok {
				q.Agents = append(q.Agents, name)
				c.Agents[name] = callback.Agent{Name: name, Phone: "sip:" + name + "@127.0.0.1", Languages: langs}
			}
		}
		c.Queues["billing"] = q
	}
}

// dialsFor books a call in a language now, and for a matter, and has it rung without
// an agent kept for it.
func (w *world) dialsFor(phone callback.Phone, lang, topic string) callback.Ring {
	w.Helper()
	c, err := w.Book(w.Context(), callback.Request{Queue: "billing", Phone: phone, Lang: lang, Topic: topic})
	if err != nil {
		w.Fatal(err)
	}
	w.texts()
	w.now = c.At
	r := w.rings(1)[0]
	if agent := w.state(r.Callback, callback.CustomerDialing).Agent; agent != "" {
		w.Fatalf("%s is kept", agent)
	}
	return r
}

// staffed is a world whose team has the languages.
func staffed(t *testing.T, team map[string][]string, edit ...func(*callback.Config)) *world {
	t.Helper()
	w := newWorld(t, append([]func(*callback.Config){crewOf(team)}, edit...)...)
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

var fiOnly, enOnly, fiAndEn = []string{"fi"}, []string{"en"}, []string{"fi", "en"}

// The one agent who speaks the language of a customer who is being rung is left
// alone, though another is free too whom he does not need: that one answers callers.
func TestCallersLeaveTheOneWhoSpeaks(t *testing.T) {
	t.Parallel()
	w := staffed(t, map[string][]string{"anna": fiAndEn, "bo": enOnly}, withLine)
	r := w.dialsFor(aino, "fi", "")
	if got := w.calls(eero).presses("0").connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %s for the caller", got)
	}
	w.calls("+358407654322").presses("0").hears("next_in_line")
	if got := w.party(r.Talk).presses("1").connect().Addr; got != "sip:anna@127.0.0.1" {
		t.Errorf("rings %s for the customer", got)
	}
}

// Nobody is kept idle for a customer whom he cannot serve.
func TestNobodyIsKeptForWhoNeedsAnother(t *testing.T) {
	t.Parallel()
	w := staffed(t, map[string][]string{"anna": enOnly, "bo": fiOnly}, withLine)
	w.dialsFor(aino, "fi", "")
	w.takesOver("bo")
	p := w.calls(eero).presses("0")
	if got := p.connect().Addr; got != "sip:anna@127.0.0.1" {
		t.Errorf("rings %s", got)
	}
}

// No customer is rung because agents are free who could not serve him: there are
// never more calls than agents for them, language by language.
func TestDialsCountWhoFits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		langs []string // of who is due, beside one who speaks Finnish and is being rung
		rings int
	}{
		{"who needs the same one", []string{"fi"}, 0},
		{"who needs another", []string{"en"}, 1},
		{"one of both", []string{"fi", "en"}, 1},
		{"who does not mind", []string{""}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := staffed(t, map[string][]string{"anna": fiOnly, "bo": enOnly})
			w.dialsFor(aino, "fi", "")
			for i, lang := range tt.langs {
				phone := callback.Phone("+35840123" + string(rune('1'+i)) + "000")
				c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: phone, Lang: lang})
				if err != nil {
					t.Fatal(err)
				}
				w.now = c.At
			}
			for _, r := range w.rings(tt.rings) {
				if c := w.state(r.Callback, callback.CustomerDialing); c.Lang == "fi" {
					t.Error("a second customer is rung for the one who speaks Finnish")
				}
			}
		})
	}
}

// A customer who has pressed the key is served by whom no other needs who is still
// being rung, though somebody else has been idle for longer.
func TestCustomersLeaveEachOtherWhoSpeaks(t *testing.T) {
	t.Parallel()
	w := staffed(t, map[string][]string{"anna": fiAndEn, "bo": enOnly})
	second := w.dialsFor(aino, "fi", "")
	first := w.dialsFor(eero, "en", "")
	if got := w.party(first.Talk).presses("1").connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %s for who could have either", got)
	}
	if got := w.party(second.Talk).presses("1").connect().Addr; got != "sip:anna@127.0.0.1" {
		t.Errorf("rings %s for who speaks Finnish", got)
	}
}

// A customer whom an agent is being rung for needs no other: that one answers a
// caller meanwhile.
func TestCallersHaveWhomNoCustomerNeeds(t *testing.T) {
	t.Parallel()
	w, r := dialled(t, withLine)
	w.party(r.Talk).presses("1").connect()
	w.calls(eero).presses("0").connect()
}

// Whom a customer speaks with knows his matter, also when nobody was kept for him.
func TestAdaptiveFindsWhoKnows(t *testing.T) {
	t.Parallel()
	w := staffed(t, map[string][]string{"anna": enOnly, "bo": enOnly}, func(c *callback.Config) {
		for name, skill := range map[string]string{"anna": "sales", "bo": "boats"} {
			a := c.Agents[name]
			a.Skills = []string{skill}
			c.Agents[name] = a
		}
	})
	r := w.dialsFor(aino, "en", "boats")
	if got := w.party(r.Talk).presses("1").connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %s", got)
	}
}

// helpsOut has the one agent of sales help out in billing after two minutes.
func helpsOut(c *callback.Config) {
	withLine(c)
	c.Agents["cid"] = callback.Agent{Name: "Cid", Phone: "sip:cid@127.0.0.1"}
	q := c.Queues["billing"]
	sales := q
	sales.Agents = []string{"cid"}
	q.Overflow, q.OverflowAfter = "sales", callback.Span(2*time.Minute)
	c.Queues["billing"], c.Queues["sales"] = q, sales
}

// Who has waited until others help out has one of those, and not the last of his own
// queue whom a customer needs who is being rung.
func TestOverflowLeavesTheAgentOfADial(t *testing.T) {
	t.Parallel()
	w, r := dialled(t, helpsOut)
	w.takesOver("anna")
	p := w.calls(eero).presses("0").hears("next_in_line")
	w.takesOver("cid")
	w.pass(2 * time.Minute)
	w.rings(0)
	p.called(false)
	w.frees("cid")
	w.rings(0)
	if got := p.called(true).connect().Addr; got != "sip:cid@127.0.0.1" {
		t.Errorf("rings %s for the caller", got)
	}
	if got := w.party(r.Talk).presses("1").connect().Addr; got != "sip:bo@127.0.0.1" {
		t.Errorf("rings %s for the customer", got)
	}
}

// Who helps out is left alone while a customer of his own queue is being rung who
// needs him.
func TestOverflowLeavesWhoHelpsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adaptive, helpsOut, func(c *callback.Config) {
		q := c.Queues["sales"]
		q.Spare = 1
		c.Queues["sales"] = q
	})
	if err := w.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.takesOver("anna")
	w.takesOver("bo")
	p := w.calls(eero).presses("0").hears("next_in_line")
	c, err := w.Book(t.Context(), callback.Request{Queue: "sales", Phone: aino})
	if err != nil {
		t.Fatal(err)
	}
	r := w.dialsAt(c.At)
	w.rings(0)
	p.called(false)
	if got := w.party(r.Talk).presses("1").connect().Addr; got != "sip:cid@127.0.0.1" {
		t.Errorf("rings %s for the customer", got)
	}
}

// dialsAt rings the one customer who is due then, and lets those in line wait
// until others help out.
func (w *world) dialsAt(at time.Time) callback.Ring {
	w.Helper()
	w.now = at
	var rings []callback.Ring
	err := w.Store.Update(w.Context(), func(tx callback.Tx) error {
		line, err := tx.Waiters("billing")
		for _, one := range line { // he hears music from two minutes ago
			one.Came = at.Add(-time.Minute)
			err = errors.Join(err, tx.PutWaiter(one))
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	rings = w.rings(1)
	w.pass(time.Minute)
	return rings[0]
}

// Nobody is put through to the last agent of a queue whom a customer needs who is
// being rung: his agent hears that nobody is free.
func TestTransferLeavesTheAgentOfADial(t *testing.T) {
	t.Parallel()
	w, r := dialled(t)
	whisper := w.party(w.calls(eero).presses("0").connect().Talk).presses("1")
	if _, err := w.Transfer(t.Context(), whisper.talk, "sip:billing@127.0.0.1"); !errors.Is(err, callback.ErrNobodyFree) {
		t.Errorf("put through: %v", err)
	}
	missed := &party{w: w, talk: r.Talk}
	missed.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	if _, err := w.Transfer(t.Context(), whisper.talk, "sip:billing@127.0.0.1"); err != nil {
		t.Error(err)
	}
}

// A reading counts what is read of a store.
type reading struct {
	callback.Store
	talks, callbacks, teams int
	dialing, due            int // looks for customers who are being rung, and for those who are due
}

type readingTx struct {
	callback.Tx
	of *reading
}

func (r *reading) Update(ctx context.Context, fn func(callback.Tx) error) error {
	return r.Store.Update(ctx, func(tx callback.Tx) error { return fn(readingTx{tx, r}) })
}

func (r readingTx) Talk(id string) (callback.Talk, error) {
	r.of.talks++
	return r.Tx.Talk(id)
}

func (r readingTx) Callback(id string) (callback.Callback, error) {
	r.of.callbacks++
	return r.Tx.Callback(id)
}

func (r readingTx) Statuses() ([]callback.Status, error) {
	r.of.teams++
	return r.Tx.Statuses()
}

func (r readingTx) DueCallbacks(now time.Time, most int) ([]callback.Callback, error) {
	r.of.due++
	return r.Tx.DueCallbacks(now, most)
}

func (r readingTx) FindCallbacks(f callback.Filter) ([]callback.Callback, error) {
	if slices.Equal(f.States, []callback.State{callback.CustomerDialing}) {
		r.of.dialing++
	}
	return r.Tx.FindCallbacks(f)
}

// Customers who are being rung without an agent kept for them are looked for only
// where that is done. To choose who is rung, the team is read once.
func TestNothingIsReadInVain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		adapts  func(*callback.Config)
		dialing int
	}{
		{"agents first", func(*callback.Config) {}, 0},
		{"adaptive", adaptive, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.adapts)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.promises(1)
			read := &reading{Store: w.Store}
			w.Store = read
			w.rings(1)
			if read.dialing != tt.dialing || read.teams != 1 {
				t.Errorf("customers are looked for %d times, want %d; the team is read %d times", read.dialing, tt.dialing, read.teams)
			}
		})
	}
}

// While whoever is free is for customers who are being rung, nobody in line is looked
// at: with thousands of them, each look for work would go through all their talks.
func TestNobodyIsLookedAtInVain(t *testing.T) {
	t.Parallel()
	w, r := dialled(t, withLine)
	w.takesOver("anna")
	const callers = 5
	for i := range callers {
		w.calls(callback.Phone("+35840222000" + string(rune('1'+i)))).presses("0").hears("in_line")
	}
	read := &reading{Store: w.Store}
	w.Store = read
	w.rings(0)
	if read.talks != 0 {
		t.Errorf("%d talks are read, and nobody is left for who holds them", read.talks)
	}
	missed := &party{w: w, talk: r.Talk}
	missed.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	read.talks = 0
	if w.rings(0); read.talks == 0 || read.talks > 2*callers {
		t.Errorf("%d talks are read to call up one of %d", read.talks, callers)
	}
}
