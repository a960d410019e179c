package liveline_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

func say(names ...string) (all []ivr.Prompt) {
	for _, n := range names {
		all = append(all, ivr.Prompt{Name: n})
	}
	return all
}

func ask(name string) ivr.Turn { return ivr.Turn{Say: say(name), Listen: &ivr.Listen{Max: 1}} }

func reach(addr, talk string) ivr.Turn {
	return ivr.Turn{Connect: &ivr.Connect{To: "customer", Addr: addr, Talk: talk, Ring: 25 * time.Second}}
}

func join() ivr.Turn { return ivr.Turn{Connect: &ivr.Connect{To: ivr.Waiting}} }

func bye() ivr.Turn { return ivr.Turn{Say: say("goodbye"), End: true} }

func hold(t *testing.T, d *desk, l liveline.Line, near *person, first ivr.Turn) error {
	t.Helper()
	return holdWith(t, &liveline.Holder{Desk: d, Line: l, Name: "test"}, near, first)
}

// holdWith holds the near person's conversation, which begins with this turn.
func holdWith(t *testing.T, h *liveline.Holder, near *person, first ivr.Turn) error {
	t.Helper()
	h.Log, first.No = slog.New(slog.DiscardHandler), 1
	return h.Hold(t.Context(), "near", first, near)
}

func TestHold(t *testing.T) {
	tests := []struct {
		name  string
		near  *person
		first ivr.Turn
		then  []ivr.Turn // turns 2, 3, ... of the near talk
		heard string
		told  []string
	}{
		{
			"keys", newPerson("anna", "1"), ask("welcome"),
			[]ivr.Turn{bye()},
			"welcome goodbye",
			[]string{"near 1 heard 1"},
		},
		{
			"silence", newPerson("anna"), ask("welcome"),
			[]ivr.Turn{bye()},
			"welcome goodbye",
			[]string{"near 1 silence"},
		},
		{
			"end at once", newPerson("anna"), bye(), nil,
			"goodbye", nil,
		},
		{
			"a turn that no line can perform", newPerson("anna"),
			ivr.Turn{Book: &ivr.Book{}},
			nil,
			"sorry goodbye",
			[]string{"near 1 gone"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{turns: map[string][]ivr.Turn{"near": append([]ivr.Turn{{}}, tt.then...)}}
			err := hold(t, d, line{}, tt.near, tt.first)
			if broken := tt.first.Book != nil; (err != nil) != broken {
				t.Errorf("Hold: %v", err)
			}
			tt.near.wants(t, tt.heard)
			d.wants(t, tt.told...)
			if !tt.near.left() {
				t.Error("nobody hung up")
			}
		})
	}
}

func TestHangUpIsAnEvent(t *testing.T) {
	p := newPerson("anna")
	p.hangUp()
	d := &desk{}
	if err := hold(t, d, line{}, p, ask("welcome")); err != nil {
		t.Error(err)
	}
	d.wants(t, "near 1 gone")
}

func TestEndOfServiceIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPerson("anna")
		p.stay = true
		d := &desk{}
		h := &liveline.Holder{Desk: d, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := h.Hold(ctx, "near", ask("welcome"), p); err != nil {
			t.Error(err)
		}
		d.wants(t, "near 0 gone")
	})
}

func TestDeskThatFails(t *testing.T) {
	p := newPerson("anna", "1")
	d := &desk{fail: func(_ string, e ivr.Event) error {
		if e.Kind == ivr.Heard {
			return errors.New("disk is full")
		}
		return nil
	}}
	if err := hold(t, d, line{}, p, ask("welcome")); err == nil {
		t.Error("the error was lost")
	}
	p.wants(t, "welcome sorry goodbye")
	d.wants(t, "near 1 heard 1", "near 1 gone")
}

// TestPanic is fault F27: the call apologises and ends, and nothing else does.
func TestPanic(t *testing.T) {
	p := newPerson("anna")
	p.play = func(s ivr.Prompt) {
		if s.Name == "welcome" {
			panic("a bug")
		}
	}
	d := &desk{}
	if err := hold(t, d, line{}, p, ask("welcome")); err == nil {
		t.Error("the panic was lost")
	}
	p.wants(t, "sorry goodbye")
	d.wants(t, "near 1 gone")
	if !p.left() {
		t.Error("nobody hung up")
	}
}

func TestConnect(t *testing.T) {
	far := []ivr.Turn{ask("callback_here"), join(), bye()}
	tests := []struct {
		name  string
		far   *person
		talk  []ivr.Turn
		near  string
		heard string
		told  []string
	}{
		{
			"taken", newPerson("bob", "1"), far,
			"(waiting) (bob) goodbye", "callback_here goodbye",
			[]string{"far 0 begin", "far 1 heard 1"},
		},
		{
			"a machine answers", newPerson("bob"),
			[]ivr.Turn{ask("callback_here"), bye()},
			"(waiting) goodbye", "callback_here goodbye",
			[]string{"far 0 begin", "far 1 silence", "near 1 noanswer machine"},
		},
		{
			"not now", newPerson("bob", "2"),
			[]ivr.Turn{ask("callback_here"), {Notes: []ivr.Note{{Name: "outcome", Value: "later"}}, End: true}},
			"(waiting) goodbye", "callback_here",
			[]string{"far 0 begin", "far 1 heard 2", "near 1 noanswer later"},
		},
		{
			"a person who takes no part", newPerson("bob", "7"),
			[]ivr.Turn{ask("callback_here"), bye()},
			"(waiting) goodbye", "callback_here goodbye",
			[]string{"far 0 begin", "far 1 heard 7", "near 1 noanswer no_answer"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}, "far": tt.talk}}
			near := newPerson("anna")
			if err := hold(t, d, answeredBy(tt.far), near, reach("+358401234567", "far")); err != nil {
				t.Fatal(err)
			}
			near.wants(t, tt.near)
			tt.far.wants(t, tt.heard)
			d.mu.Lock()
			if n := len(tt.told); len(d.told) < n {
				t.Errorf("the desk was told %q, want %q first", d.told, tt.told)
			} else {
				for i, want := range tt.told {
					if d.told[i] != want {
						t.Errorf("the desk was told %q, want %q", d.told[i], want)
					}
				}
			}
			d.mu.Unlock()
		})
	}
}

// TestSpoke holds that both sides report a conversation, whoever hung up.
func TestSpoke(t *testing.T) {
	for _, who := range []string{"near", "far"} {
		t.Run(who, func(t *testing.T) {
			far, near := newPerson("bob", "1"), newPerson("anna")
			near.bridge = func(context.Context, liveline.Leg) error {
				if who == "far" {
					far.hangUp()
					return nil
				}
				near.hangUp()
				return io.EOF
			}
			d := &desk{turns: map[string][]ivr.Turn{
				"near": {{}, ask("ask_solved"), bye()},
				"far":  {ask("callback_here"), join(), bye()},
			}}
			if err := hold(t, d, answeredBy(far), near, reach("+358401234567", "far")); err != nil {
				t.Fatal(err)
			}
			var spoke int
			for _, e := range d.told {
				if e == "near 1 spoke" || e == "far 2 spoke" {
					spoke++
				}
			}
			if spoke != 2 {
				t.Errorf("told %q: want both to have spoken", d.told)
			}
		})
	}
}

// TestRingsWhileSaying holds that a call leaves at once, however long it takes
// to say that it does; and that what is said is said to its end.
func TestRingsWhileSaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, began := newPerson("anna"), time.Now()
		near.play = func(p ivr.Prompt) {
			if p.Name == "ringing_customer" {
				<-time.After(7 * time.Second)
			}
		}
		var left time.Duration
		l := line{ring: func(context.Context, liveline.Call) (liveline.Leg, error) {
			left = time.Since(began)
			<-time.After(time.Second)
			return nil, &liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("486")}
		}}
		first := reach("+358401234567", "far")
		first.Say = say("ringing_customer")
		d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}}}
		if err := hold(t, d, l, near, first); err != nil {
			t.Error(err)
		}
		if left != 0 {
			t.Errorf("the call left %v after its intent", left)
		}
		near.wants(t, "ringing_customer (waiting) goodbye")
	})
}

// TestPanicWhileRinging holds that a prompt which breaks ends nothing else.
func TestPanicWhileRinging(t *testing.T) {
	near := newPerson("anna")
	near.play = func(p ivr.Prompt) {
		if p.Name == "ringing_customer" {
			panic("a bug")
		}
	}
	first := reach("x", "")
	first.Say = say("ringing_customer")
	d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}}}
	if err := hold(t, d, answeredBy(newPerson("bob")), near, first); err != nil {
		t.Error(err)
	}
	d.wants(t, "near 1 spoke")
}

func TestNotTaken(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("486")}, "near 1 noanswer busy"},
		{&liveline.NotTakenError{Outcome: ivr.Unsent, Err: errors.New("late")}, "near 1 noanswer unsent"},
		{errors.New("who knows"), "near 1 noanswer no_answer"},
	}
	for _, tt := range tests {
		d := &desk{}
		l := line{ring: func(context.Context, liveline.Call) (liveline.Leg, error) { return nil, tt.err }}
		if err := hold(t, d, l, newPerson("anna"), reach("x", "far")); err != nil {
			t.Error(err)
		}
		d.wants(t, tt.want)
	}
}

// TestNearLeavesWhileRinging holds that the customer's phone stops ringing.
func TestNearLeavesWhileRinging(t *testing.T) {
	near := newPerson("anna")
	d := &desk{}
	l := line{ring: func(ctx context.Context, _ liveline.Call) (liveline.Leg, error) {
		near.hangUp()
		<-ctx.Done()
		return nil, &liveline.NotTakenError{Outcome: ivr.Unanswered, Err: ctx.Err()}
	}}
	if err := hold(t, d, l, near, reach("x", "far")); err != nil {
		t.Error(err)
	}
	d.wants(t, "near 1 gone")
}

// TestNearLeavesAfterAnswer holds that a customer who has answered hears why
// nobody is there.
func TestNearLeavesAfterAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := newPerson("anna"), newPerson("bob")
		far.stay = true
		d := &desk{turns: map[string][]ivr.Turn{"far": {ask("callback_here"), join(), bye()}}}
		time.AfterFunc(3*time.Second, near.hangUp)
		if err := hold(t, d, answeredBy(far), near, reach("x", "far")); err != nil {
			t.Error(err)
		}
		far.wants(t, "callback_here sorry goodbye")
		if !far.left() {
			t.Error("the customer was left in silence")
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		told := map[string]bool{}
		for _, e := range d.told {
			told[e] = true
		}
		if !told["near 1 gone"] || !told["far 1 gone"] {
			t.Errorf("told %q: want both gone", d.told)
		}
	})
}

func TestBridgeWithoutTalk(t *testing.T) {
	near, far := newPerson("anna"), newPerson("bob")
	d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}}}
	if err := hold(t, d, answeredBy(far), near, reach("x", "")); err != nil {
		t.Fatal(err)
	}
	near.wants(t, "(waiting) (bob) goodbye")
	d.wants(t, "near 1 spoke")
	if !far.left() {
		t.Error("the far call was left up")
	}
}

func TestTransfer(t *testing.T) {
	transfer := ivr.Turn{Connect: &ivr.Connect{To: "x", Addr: "sip:bob@example.com", Transfer: true}}
	t.Run("accepted", func(t *testing.T) {
		d := &desk{}
		l := line{refer: func(string) error { return nil }}
		if err := hold(t, d, l, newPerson("anna"), transfer); err != nil {
			t.Error(err)
		}
		d.wants(t, "near 1 spoke")
	})
	t.Run("refused", func(t *testing.T) {
		near, d := newPerson("anna"), &desk{}
		if err := hold(t, d, answeredBy(newPerson("bob")), near, transfer); err != nil {
			t.Error(err)
		}
		near.wants(t, "(waiting) (bob)")
		d.wants(t, "near 1 spoke")
	})
}
