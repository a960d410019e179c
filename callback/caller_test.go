package callback_test

import (
	"crypto/rand"
	"errors"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

func TestSecondCall(t *testing.T) {
	t.Parallel()
	t.Run("keep", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.calls(aino).hears("have_booking").presses("1").hears("kept")
		if got := w.state(c.ID, callback.BookedState); !got.At.Equal(c.At) {
			t.Errorf("moved to %s", got.At)
		}
	})
	t.Run("move", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.calls(aino).presses("2", "2").hears("moved")
		got := w.state(c.ID, callback.BookedState)
		if want := c.At.Add(30 * time.Minute); !got.At.Equal(want) || got.Wall != "2026-06-01T12:45" {
			t.Errorf("moved to %s, %s, want %s", got.At, got.Wall, want)
		}
		w.wantTexts("text_moved Mon 12:45")
		free, err := w.Free(t.Context(), "billing")
		if err != nil || !free[0].Equal(c.At) {
			t.Errorf("the first free time is %s, %v", free[0], err)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		w := newWorld(t)
		c := w.books(aino)
		w.texts()
		w.calls(aino).presses("3").hears("cancelled")
		w.state(c.ID, callback.CancelledState)
		w.wantTexts("text_cancelled")
		w.calls(aino).hears("welcome")
	})
}

// A caller who changes her mind holds one time only.
func TestHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls(aino).presses("1", "1")
	first, err := w.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	p.presses("*", "2")
	held, err := w.List(t.Context(), callback.Filter{States: []callback.State{callback.HeldState}})
	if err != nil || len(held) != 1 || held[0].At.Equal(first[0]) {
		t.Errorf("holds %v, %v", held, err)
	}
	p.event(ivr.Event{Kind: ivr.Gone})
	if n := w.journalled("talk.gone", ""); n != 1 {
		t.Errorf("%d talks were left", n)
	}
	held, err = w.List(t.Context(), callback.Filter{States: []callback.State{callback.HeldState}})
	if err != nil || len(held) != 0 {
		t.Errorf("holds %v after the caller is gone, %v", held, err)
	}
}

// A time that was read out may be chosen, though the clock has gone on while it
// was listened to; one that was heard of long ago may not.
func TestClockGoesOnWhileListening(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		listens time.Duration
		want    string
	}{{20 * time.Second, "12:15"}, {3 * time.Minute, "12:30"}} {
		w := newWorld(t)
		w.now = w.now.Add(4*time.Minute + 50*time.Second) // the last that 12:15 is offered
		p := w.calls(aino).presses("1")
		w.now = w.now.Add(tt.listens)
		if p.presses("1"); tt.want == "12:30" {
			p.hears("taken").presses("1")
		}
		p.presses("1")
		booked, err := w.List(t.Context(), callback.Filter{States: []callback.State{callback.BookedState}})
		if err != nil || len(booked) != 1 || booked[0].At.In(helsinki(t)).Format("15:04") != tt.want {
			t.Errorf("after %s: %v, %v, want %s", tt.listens, booked, err, tt.want)
		}
	}
}

// A number that may be called no more when its caller confirms is promised
// nothing.
func TestConfirmLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls(aino).presses("1", "1")
	w.Rules.Deny[aino] = true
	p.presses("1")
	got, err := w.List(t.Context(), callback.Filter{Phone: aino, States: []callback.State{callback.BookedState}})
	if err != nil || len(got) != 0 {
		t.Errorf("promised %v, %v", got, err)
	}
}

// A hold lapses by time alone; whoever confirms too late hears so.
func TestHoldLapses(t *testing.T) {
	t.Parallel()
	one := func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Capacity = 1
		c.Queues["billing"] = q
	}
	w := newWorld(t, one)
	slow := w.calls(aino).presses("1", "1")
	w.pass(2*time.Minute + 3*time.Second)
	quick := w.calls(eero).presses("1", "1")
	slow.presses("1").hears("taken")
	quick.presses("1").hears("booked")
	if got := w.open(eero).Wall; got != "2026-06-01T12:15" {
		t.Errorf("booked %s", got)
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.journalled("callback.expired", ""); n != 1 {
		t.Errorf("%d holds expired", n)
	}
}

func TestWithheldNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls("").presses("1", "1").hears("key_number")
	p.presses("0600123456").hears("number_refused")
	p.presses("0401234567").hears("number_is").presses("1").hears("booked")
	w.state(w.open(aino).ID, callback.BookedState)
}

// The line may deliver an event twice, and late.
func TestEventTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.calls(aino).presses("1")
	before := p.turn
	p.presses("1")
	for range 3 {
		got, err := w.Next(t.Context(), p.talk, before.No, ivr.Event{Kind: ivr.Heard, Text: "1"})
		if err != nil || got.No != p.turn.No || said(got) != said(p.turn) {
			t.Errorf("turn %+v, %v, want %+v", got, err, p.turn)
		}
	}
	if n := w.journalled("callback.held", ""); n != 1 {
		t.Errorf("%d holds", n)
	}
	p.event(ivr.Event{Kind: ivr.Gone})
	got, err := w.Next(t.Context(), p.talk, p.turn.No, ivr.Event{Kind: ivr.Heard, Text: "1"})
	if err != nil || !got.End {
		t.Errorf("after the end: %+v, %v", got, err)
	}
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Answer(t.Context(), callback.Inbound{Talk: "x", From: aino, To: "+358999999999"})
	if !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("a number of nobody: %v", err)
	}
	if _, err := w.Next(t.Context(), "nobody's", 0, ivr.Event{Kind: ivr.Begin}); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("a talk of nobody: %v", err)
	}
}

// Key 0 rings one agent after the other; each hears a whisper first.
func TestPersonAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.books(aino)
	caller := w.calls(aino).presses("0")
	first := caller.connect()
	if first.Addr != "sip:anna@127.0.0.1" || first.Talk == "" || first.Ref == "" {
		t.Fatalf("rings %+v", first)
	}
	w.agent("anna", callback.OnRing)
	caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
	w.agent("anna", callback.Available)
	second := caller.connect()
	if second.Addr != "sip:bo@127.0.0.1" || second.Ref == first.Ref || said(caller.turn) != "" {
		t.Fatalf("rings %+v, %s", second, said(caller.turn))
	}
	again, err := w.Next(t.Context(), caller.talk, caller.turn.No-1, ivr.Event{Kind: ivr.NoAnswer})
	if err != nil || again.Connect == nil || again.Connect.Ref != second.Ref {
		t.Errorf("told twice: %+v, %v", again, err)
	}
	whisper := w.party(second.Talk).hears("caller_waiting").presses("1")
	if whisper.connect().To != ivr.Waiting {
		t.Errorf("the agent is connected to %q", whisper.connect().To)
	}
	w.agent("bo", callback.OnCall)
	caller.event(ivr.Event{Kind: ivr.Spoke}).hears("goodbye")
	w.state(c.ID, callback.CancelledState)
	if n := w.journalled("callback.cancelled", "caller_called_in"); n != 1 {
		t.Errorf("%d callbacks died by themselves", n)
	}
	for ref, how := range map[string]string{first.Ref: "no_answer", second.Ref: "spoke"} {
		a, err := w.Attempt(t.Context(), ref)
		if err != nil || a.Outcome != how || a.EndedAt.IsZero() || a.AnsweredAt.IsZero() != (how != "spoke") {
			t.Errorf("the ledger says %+v, %v, want %s", a, err, how)
		}
	}
	w.agent("bo", callback.WrappingUp)
	w.pass(31 * time.Second)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.agent("bo", callback.Available)
}

// An agent who takes a caller that has left takes nobody: what the caller was
// promised stands, though the agent's telephone rings for somebody else by now.
func TestCallerLeftBeforeTheWhisper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.books(eero)
	mine := w.books(aino)
	if err := w.SetAgent(t.Context(), "bo", callback.Offline); err != nil {
		t.Fatal(err)
	}
	caller := w.calls(aino).presses("0")
	whisper := w.party(caller.connect().Talk)
	caller.event(ivr.Event{Kind: ivr.Gone})
	w.now = other.At
	for _, r := range w.rings(1) {
		if r.Callback == mine.ID {
			mine = other
		}
	}
	whisper.presses("1")
	if whisper.turn.Connect != nil {
		t.Error("the agent is joined to nobody")
	}
	w.state(mine.ID, callback.BookedState)
	w.agent("anna", callback.OnRing)
}

func TestNobodyTakesTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller := w.calls(aino).presses("0")
	for range 2 {
		caller.connect()
		caller.event(ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Busy)})
	}
	caller.hears("nobody_free", "offer").presses("1", "1").hears("booked")
	w.agent("anna", callback.Available)
	w.agent("bo", callback.Available)

	gone := w.calls(eero).presses("0")
	gone.connect()
	gone.event(ivr.Event{Kind: ivr.Gone})
	w.agent("anna", callback.Available)
	w.agent("bo", callback.Available)
}

// A callback of somebody abroad is offered, and dialled, by the clock there.
func TestCustomerElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.AllowRegions = []string{"FI", "US"} })
	const newJersey = callback.Phone("+12015550123")
	w.calls(newJersey).presses("1", "1", "1").hears("booked")
	c := w.open(newJersey)
	if got := c.Wall; got != "2026-06-01T15:00" { // 08:00 there
		t.Errorf("promised %s", got)
	}
}

// A caller with a long history hears of the promise he has now.
func TestRegularHasABooking(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Bookings, c.Limits.PerCaller = 100, 0 })
	for range 25 {
		c := w.books(aino)
		if err := w.Cancel(t.Context(), c.ID, "operator"); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
	}
	w.books(aino)
	w.calls(aino).hears("have_booking")
}

// TestLanguageIsRemembered: what a caller chose holds for the next call, with
// whatever menu; who never chose is spoken with as the number, or the service,
// says.
func TestLanguageIsRemembered(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../ivr/testdata/tongues.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ivr.Parse("tongues.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *callback.Config) { c.VIPs = []callback.Phone{eero} })
	w.Menus["tongues"], w.Lang = m, "fi"
	w.Numbers[service] = callback.Route{Menu: "tongues", Queue: "billing"}
	p := w.calls(aino).hears("press_language")
	if p.turn.Lang != "fi" {
		t.Errorf("asks in %q", p.turn.Lang)
	}
	if p.presses("3"); p.turn.Lang != "cs" {
		t.Errorf("goes on in %q", p.turn.Lang)
	}
	if p := w.calls(aino).hears("optionobjednávky"); p.turn.Lang != "cs" {
		t.Errorf("the second call is in %q", p.turn.Lang)
	}
	w.Numbers[service] = callback.Route{Menu: "main", Queue: "billing", Lang: "el"}
	for phone, want := range map[callback.Phone]string{aino: "cs", eero: "el"} {
		if p := w.calls(phone); p.turn.Lang != want {
			t.Errorf("%s is spoken with in %q, want %q", phone, p.turn.Lang, want)
		}
	}
	w.Numbers[service] = callback.Route{Menu: "tongues", Queue: "billing"}
	if to := w.calls(eero).presses("1", "1").connect().To; to == "" {
		t.Error("a regular is not put through")
	}
}

// TestHeldTimeIsOfferedAgain: with one seat, who holds it and goes back hears
// the same times; somebody else does not.
func TestHeldTimeIsOfferedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Capacity = 1
		c.Queues["billing"] = q
	})
	p := w.calls(aino).presses("1")
	first := p.turn.Say
	p.presses("1").hears("number_is").presses("*")
	if !reflect.DeepEqual(p.turn.Say[:3], first[:3]) {
		t.Errorf("offers %+v, and %+v before", p.turn.Say, first)
	}
	if other := w.calls(eero).presses("1").turn.Say; other[0].At.Equal(first[0].At) {
		t.Errorf("somebody else is offered %s", other[0].At)
	}
	p.presses("1", "1").hears("booked")
}

// A carrier may leave the plus away, or the country: it is the same caller, of
// the same number of ours.
func TestNumbersOfCarriers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	for from, to := range map[callback.Phone]callback.Phone{
		"0401234567": "0912345678", "358401234567": "358912345678", "00358401234567": "00358912345678",
	} {
		id := rand.Text()
		turn, err := w.Answer(t.Context(), callback.Inbound{Talk: id, Line: "test", From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		(&party{w, id, turn}).hears("have_booking")
	}
	if _, err := w.Answer(t.Context(), callback.Inbound{Talk: "t", Line: "test", From: aino, To: "0912345679"}); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("a number that is none of ours: %v", err)
	}
	w.Numbers["+46912345678"] = callback.Route{Menu: "main", Queue: "billing", Lang: "el"} // alike, without the country
	for range 10 {
		turn, err := w.Answer(t.Context(), callback.Inbound{Talk: rand.Text(), Line: "test", From: aino, To: "0912345678"})
		if err != nil || turn.Lang == "el" {
			t.Errorf("answered in %q, %v: now as one of ours, and now as another", turn.Lang, err)
		}
	}
}
