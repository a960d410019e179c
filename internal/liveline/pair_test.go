package liveline_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// roll knows of anna, who is in one talk and owns it or the one beside it.
type roll struct {
	*desk
	own, person string
}

func (r roll) Speaks(_ context.Context, agent string) (string, error) {
	if agent != "anna" && agent != "third" {
		return "", callback.ErrNoCall
	}
	if agent == "third" {
		return r.person, nil
	}
	return "near", nil
}

func (r roll) Owns(_ context.Context, agent, talk string) (bool, error) {
	return agent == "anna" && talk == r.own || agent == "third" && talk == "third", nil
}

// speaks makes somebody speak until he or the other leaves, or is parted.
func speaks(p *person) *person {
	p.bridge = func(ctx context.Context, far liveline.Leg) error {
		select {
		case <-p.gone:
			return io.EOF
		case <-far.Gone():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p
}

// A counter is where an agent puts somebody through at the desk.
type counter struct {
	*testing.T
	h                           *liveline.Holder
	asker, stays, third, fourth *person
	answers                     chan bool     // the third party takes up, or does not
	breaks                      chan struct{} // the line, while it rings
	board                       *board
	told                        *desk
	over                        chan error
}

// newCounter brings an agent and a person together; the agent is the near or the
// far side.
func newCounter(t *testing.T, asker string) *counter {
	t.Helper()
	near, far := speaks(newPerson("near")), speaks(newPerson("far", "1"))
	c := &counter{T: t, asker: near, stays: far, third: speaks(newPerson("third", "1")), fourth: speaks(newPerson("fourth")), answers: make(chan bool), breaks: make(chan struct{}), over: make(chan error, 1)}
	r := roll{&desk{turns: map[string][]ivr.Turn{
		"near": {{}, bye()}, "far": {ask("callback_here"), join(), bye()}, "third": {ask("brief"), join(), bye()},
	}}, "near", "far"}
	if asker == "far" { // as with a caller: it is his talk that keeps the agent
		c.asker, c.stays, r.own, r.person = far, near, "far", "near"
	}
	c.board, c.told = &board{talk: asker, brief: "third"}, r.desk
	l := line{ring: func(ctx context.Context, call liveline.Call) (liveline.Leg, error) {
		if call.Addr == "x" {
			return far, nil
		}
		select {
		case takes := <-c.answers:
			switch {
			case takes && call.Addr == "third":
				return c.third, nil
			case takes && call.Addr == "fourth":
				return c.fourth, nil
			}
		case <-c.breaks:
			panic("the line")
		case <-ctx.Done():
		}
		return nil, &liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("486")}
	}}
	c.h = &liveline.Holder{Desk: r, Line: l, Switchboard: c.board, Log: slog.New(slog.DiscardHandler)}
	first := reach("x", "far")
	first.No = 1
	go func() { c.over <- c.h.Hold(t.Context(), "near", first, near) }()
	synctest.Wait()
	return c
}

// does one thing after the other, each when all before has settled.
func (c *counter) does(steps ...string) {
	c.Helper()
	for _, s := range steps {
		var err, want error
		switch s {
		case "puts through":
			err = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "anna", To: "third"})
		case "speaks first":
			err = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "anna", To: "third", Consult: true})
		case "once more":
			err, want = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "anna", To: "third"}), callback.ErrForbidden
		case "to a stranger":
			err, want = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "anna", To: "stranger"}), callback.ErrForbidden
		case "the third asks":
			err, want = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "third", To: "third"}), callback.ErrNoCall
		case "the third goes on": // he is found, and may not
			err, want = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "third", To: "third"}), callback.ErrForbidden
		case "third puts through":
			c.board.again = true
			err = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "third", To: "third"})
		case "joins":
			err = c.h.Join(c.Context(), "anna")
		case "joins nobody":
			err, want = c.h.Join(c.Context(), "anna"), callback.ErrNoCall
		case "takes back":
			err = c.h.TakeBack(c.Context(), "anna")
		case "takes nobody back":
			err, want = c.h.TakeBack(c.Context(), "anna"), callback.ErrNoCall
		case "to nowhere":
			err, want = c.h.PutThrough(c.Context(), callback.SendOn{Agent: "anna", To: "nowhere"}), callback.ErrNoCall
		case "the line breaks":
			c.breaks <- struct{}{}
		case "they cannot be joined":
			joins := c.asker.bridge
			c.asker.bridge = func(ctx context.Context, far liveline.Leg) error {
				if far == c.third {
					return errors.New("no sound")
				}
				return joins(ctx, far)
			}
		case "third answers", "fourth answers":
			c.answers <- true
		case "nobody answers":
			c.answers <- false
		case "asker leaves":
			c.asker.hangUp()
		case "person leaves":
			c.stays.hangUp()
		case "third leaves":
			c.third.hangUp()
		}
		if !errors.Is(err, want) {
			c.Errorf("%s: %v, want %v", s, err, want)
		}
		synctest.Wait()
	}
}

// TestAtTheDesk plays what can become of a person whom an agent puts through at the
// desk, with the agent on either side: at once, or after he has spoken with the
// third party. Nobody is left alone, and nobody is lost.
func TestAtTheDesk(t *testing.T) {
	const agent, aino, third, fourth = "agent", "person", "third", "fourth"
	for _, tt := range []struct {
		name  string
		steps []string
		with  []string    // who are there then
		ended ivr.Outcome // as the desk is told; "none" when it is told nothing
	}{
		{"taken", []string{"puts through", "third answers"}, []string{aino, third}, ""},
		{"taken by somebody who asks for more", []string{"puts through", "third answers", "the third goes on"}, []string{aino, third}, ""},
		{"put through once more", []string{"puts through", "third answers", "third puts through", "fourth answers"}, []string{aino, fourth}, ""},
		{"once more in vain", []string{"puts through", "third answers", "third puts through", "nobody answers"}, []string{aino, third}, ""},
		{"nobody is there any more", []string{"puts through", "third answers", "third puts through", "third leaves", "nobody answers", "nobody answers"}, nil, ""},
		{"not taken", []string{"puts through", "nobody answers"}, []string{agent, aino}, ivr.Busy},
		{"taken, and he has left", []string{"puts through", "asker leaves", "third answers"}, []string{aino, third}, ""},
		{"taken back while it rings", []string{"puts through", "takes back"}, []string{agent, aino}, ivr.Unanswered},
		{"not joined, as he speaks not first", []string{"puts through", "joins nobody", "once more", "third answers"}, []string{aino, third}, ""},
		{"not allowed", []string{"to a stranger", "joins nobody", "takes nobody back"}, []string{agent, aino}, "none"},
		{"joined", []string{"speaks first", "third answers", "once more", "the third asks", "joins"}, []string{aino, third}, ""},
		{"joined by hanging up", []string{"speaks first", "third answers", "asker leaves"}, []string{aino, third}, ""},
		{"joined while it rings", []string{"speaks first", "joins", "third answers"}, []string{aino, third}, ""},
		{"left while it rings", []string{"speaks first", "asker leaves", "third answers"}, []string{aino, third}, ""},
		{"taken back", []string{"speaks first", "third answers", "takes back"}, []string{agent, aino}, ivr.Unanswered},
		{"taken back, and once more", []string{"speaks first", "takes back", "puts through", "nobody answers"}, []string{agent, aino}, ivr.Unanswered},
		{"they cannot be joined", []string{"speaks first", "they cannot be joined", "third answers"}, []string{agent, aino}, ivr.Unanswered},
		{"the third party leaves", []string{"speaks first", "third answers", "third leaves"}, []string{agent, aino}, ivr.Unanswered},
		{"the person leaves", []string{"speaks first", "third answers", "person leaves"}, nil, ivr.Unanswered},
		{"the person leaves while it rings", []string{"speaks first", "person leaves"}, nil, ivr.Busy},
	} {
		for _, asker := range []string{"near", "far"} {
			t.Run(tt.name+"/"+asker, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCounter(t, asker)
					c.does(tt.steps...)
					for who, p := range map[string]*person{agent: c.asker, aino: c.stays, third: c.third, fourth: c.fourth} {
						rung := who == agent || who == aino || slices.Contains(tt.steps, who+" answers")
						if in := slices.Contains(tt.with, who); p.left() == in && rung {
							t.Errorf("the %s is there: %v", who, !p.left())
						}
					}
					if (tt.ended == "none") != (len(c.board.ended) == 0) || tt.ended != "none" && len(c.board.ended) > 0 && c.board.ended[0] != tt.ended {
						t.Errorf("the desk was told %q, want %q", c.board.ended, tt.ended)
					}
					if lost := tt.name == "nobody is there any more" && asker == "near"; (len(c.board.forsaken) == 1) != lost {
						t.Errorf("nobody is there for %q", c.board.forsaken)
					}
					c.does("person leaves")
					synctest.Wait()
					if err := <-c.over; err != nil {
						t.Error(err)
					}
					if slices.Contains(tt.with, third) && (len(c.board.parted) != 1 || !c.third.left()) {
						t.Errorf("at the end: parted %q, the third has left: %v", c.board.parted, c.third.left())
					}
					if told := strings.Join(c.told.told, "\n"); strings.Count(told, asker+" 2 ") > 1 {
						t.Errorf("the desk was told:\n%s", told)
					}
					if err := c.h.TakeBack(t.Context(), "anna"); !errors.Is(err, callback.ErrOtherLine) {
						t.Errorf("when all is over: %v", err)
					}
				})
			})
		}
	}
}

// A call in which something breaks while an agent puts somebody through at the desk
// ends, and the agent is told.
func TestBreaksAtTheDesk(t *testing.T) {
	for _, steps := range [][]string{{"to nowhere"}, {"puts through", "the line breaks"}, {"speaks first", "the line breaks"}} {
		for _, asker := range []string{"near", "far"} {
			t.Run(steps[0]+"/"+asker, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCounter(t, asker)
					c.does(steps...)
					if err := <-c.over; err == nil || !c.asker.left() || !c.stays.left() {
						t.Errorf("the call goes on: %v", err)
					}
				})
			})
		}
	}
}

// TestAsksTooLate has an agent ask for more at the desk while he puts somebody
// through with his telephone: once he is relieved, it is not done as though whoever
// has taken over had asked for it.
func TestAsksTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, "far")
		c.board.again = true
		speaks := c.stays.bridge
		c.stays.bridge = func(_ context.Context, far liveline.Leg) error {
			c.stays.bridge = speaks
			return &liveline.TransferError{By: far, To: "sip:third@x", Answer: func(error) {}, News: func(int) {}}
		}
		c.does("to a stranger") // and so they are joined anew
		late := make(chan error, 1)
		go func() { late <- c.h.PutThrough(t.Context(), callback.SendOn{Agent: "anna", To: "third"}) }()
		synctest.Wait()
		c.does("third answers")
		if err := <-late; !errors.Is(err, callback.ErrNoCall) {
			t.Errorf("who is not in the call any more: %v", err)
		}
		if c.third.left() || c.stays.left() {
			t.Error("the two do not speak on")
		}
		c.does("person leaves")
		if err := <-c.over; err != nil {
			t.Error(err)
		}
	})
}
