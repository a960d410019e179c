package liveline_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// board lets the agent of one talk put people through to "third".
type board struct {
	talk     string
	brief    string // the talk with who is rung; "" when he hears nothing first
	again    bool   // and "third" does so, too
	ended    []ivr.Outcome
	parted   []string
	forsaken []string
}

func (b *board) Transfer(_ context.Context, talk, to string) (callback.Handover, error) {
	if to == "sip:nowhere@x" {
		panic("the desk")
	}
	if talk == "third" && b.again {
		return callback.Handover{To: ivr.Connect{Addr: "fourth"}, Back: ivr.Connect{Addr: "back"}, With: "stays"}, nil
	}
	if talk != b.talk || to != "sip:third@x" {
		return callback.Handover{}, callback.ErrForbidden
	}
	return callback.Handover{To: ivr.Connect{Addr: "third", Talk: b.brief}, Back: ivr.Connect{Addr: "back"}, With: "stays"}, nil
}

func (b *board) TransferIdle(ctx context.Context, talk, to string) (callback.Handover, error) {
	return b.Transfer(ctx, talk, "sip:"+to+"@x")
}

func (b *board) Deserted(_ context.Context, talk string) error {
	b.forsaken = append(b.forsaken, talk)
	return nil
}

func (b *board) Parted(_ context.Context, h callback.Handover) error {
	b.parted = append(b.parted, h.With)
	return nil
}

func (b *board) Transferred(_ context.Context, _ string, _ callback.Handover, o ivr.Outcome) error {
	b.ended = append(b.ended, o)
	return nil
}

// A putThrough is what can become of a person whom an agent puts through.
type putThrough struct {
	name   string
	asker  string // "near" or "far"
	agent  bool   // who asks may
	leaves bool   // and hangs up as soon as he is told that it is tried
	takes  string // who answers: "third", "back", ""
	heard  string // by the one who is put through
	told   string // to the desk, of the one who is put through
	news   []int
}

// TestPutThrough plays what can become of a person whom an agent puts through,
// with the agent on either side of the conversation.
func TestPutThrough(t *testing.T) {
	for _, tt := range []putThrough{
		{"agent to colleague", "near", true, false, "third", "callback_here (waiting) (third) goodbye", "far 2 spoke", []int{100, 180, 200}},
		{"agent leaves at once", "near", true, true, "third", "callback_here (waiting) (third) goodbye", "far 2 spoke", []int{100, 180, 200}},
		{"nobody takes it", "near", true, false, "", "callback_here (waiting) goodbye", "far 2 spoke", []int{100, 180, 486}},
		{"the agent is rung again", "near", true, true, "back", "callback_here (waiting) goodbye", "far 2 spoke", []int{100, 180, 486}},
		{"nobody is there any more", "near", true, true, "", "callback_here (waiting) sorry goodbye", "far 2 gone", []int{100, 180, 486}},
		{"a customer asks", "far", false, false, "third", "(waiting) (far) (far) goodbye", "near 1 spoke", nil},
		{"agent of a caller to colleague", "far", true, true, "third", "(waiting) (far) (waiting) (third) goodbye", "near 1 spoke", []int{100, 180, 200}},
		{"agent of a caller is rung again", "far", true, true, "back", "(waiting) (far) (waiting) (back) goodbye", "near 1 spoke", []int{100, 180, 486}},
		{"the next agent serves the caller", "far", true, true, "", "(waiting) (far) (waiting) goodbye", "near 1 noanswer no_answer", []int{100, 180, 486}},
	} {
		t.Run(tt.name, func(t *testing.T) { synctest.Test(t, tt.holds) })
	}
}

// holds plays it once, and looks at what everybody was told.
func (tt putThrough) holds(t *testing.T) {
	near, far := newPerson("near"), newPerson("far", "1")
	asker, stays := near, far
	if tt.asker == "far" {
		asker, stays = far, near
	}
	b := &board{}
	if tt.agent {
		b.talk = tt.asker
	}
	var news []int
	near.bridge = asksOnce(tt.asks(t, asker, &news))
	d := &desk{turns: map[string][]ivr.Turn{
		"near": {{}, bye()},
		"far":  {ask("callback_here"), join(), bye()},
	}}
	h := &liveline.Holder{Desk: d, Line: tt.line(t, far), Switchboard: b}
	if err := holdWith(t, h, near, reach("x", "far")); err != nil {
		t.Error(err)
	}
	stays.wants(t, tt.heard)
	if !slices.Equal(news, tt.news) {
		t.Errorf("news %v, want %v", news, tt.news)
	}
	if !slices.Contains(d.told, tt.told) {
		t.Errorf("the desk was told:\n%s\nwant %s", strings.Join(d.told, "\n"), tt.told)
	}
	if n := len(b.ended); (n == 1) != tt.agent {
		t.Errorf("the switchboard was told %v", b.ended)
	}
	if n := len(b.parted); (n == 1) != (tt.takes == "third" && tt.agent) {
		t.Errorf("that they have parted was told of %q", b.parted)
	}
	if !stays.left() || !asker.left() {
		t.Error("somebody was left in silence")
	}
}

// asks is what the bridge says of who asks, whose news are kept.
func (tt putThrough) asks(t *testing.T, asker *person, news *[]int) error {
	return &liveline.TransferError{
		By: asker, To: "sip:third@x", Replaces: "a;to-tag=1;from-tag=2", News: func(code int) { *news = append(*news, code) },
		Answer: func(no error) {
			if (no == nil) != tt.agent {
				t.Errorf("it is not tried: %v", no)
			}
			if tt.leaves {
				asker.hangUp()
			}
		},
	}
}

// asksOnce is a bridge that ends with what somebody asks for, and the next time with
// the call.
func asksOnce(request error) func(context.Context, liveline.Leg) error {
	asked := false
	return func(context.Context, liveline.Leg) error {
		if asked {
			return io.EOF
		}
		asked = true
		return request
	}
}

// line has the far person on it, and who takes it.
func (tt putThrough) line(t *testing.T, far *person) line {
	return line{ring: func(_ context.Context, c liveline.Call) (liveline.Leg, error) {
		switch {
		case c.Addr == "x":
			return far, nil
		case c.Addr == "third" && c.Replaces == "":
			t.Error("it is not said which call is replaced")
		}
		if c.Ringing != nil {
			c.Ringing()
		}
		if c.Addr == tt.takes {
			p := newPerson(c.Addr)
			p.bridge = func(context.Context, liveline.Leg) error { return nil }
			return p, nil
		}
		return nil, &liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("486")}
	}}
}

// TestPutThroughBriefed plays what can become of a person whom an agent puts
// through to somebody who was not asked before: he hears what it is about first,
// and takes the call with a key.
func TestPutThroughBriefed(t *testing.T) {
	tests := []struct {
		name  string
		keys  []string // of the third party
		stay  bool     // it waits for ever instead of keying in anything
		gone  bool     // the person who is put through hangs up meanwhile
		ended ivr.Outcome
		heard string // by the third party
		told  string // to the desk, of the person who is put through
	}{
		{"takes it", []string{"1"}, false, false, "", "brief goodbye", "far 2 spoke"},
		{"passes", []string{"2"}, false, false, ivr.Unanswered, "brief goodbye", "far 2 spoke"},
		{"a voicemail", nil, false, false, ivr.Machine, "brief goodbye", "far 2 spoke"},
		{"listens for ever", nil, true, false, ivr.Unanswered, "brief sorry goodbye", "far 2 spoke"},
		{"the person leaves", nil, true, true, ivr.Unanswered, "brief sorry goodbye", "far 2 spoke"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far, third := newPerson("near"), newPerson("far", "1"), newPerson("third", tt.keys...)
				third.stay = tt.stay
				if tt.gone {
					third.play = func(p ivr.Prompt) {
						if p.Name == "brief" {
							far.hangUp()
						}
					}
				}
				b := &board{talk: "near", brief: "third"}
				near.bridge = asksOnce(&liveline.TransferError{By: near, To: "sip:third@x", News: func(int) {}, Answer: func(error) {}})
				l := line{ring: func(_ context.Context, c liveline.Call) (liveline.Leg, error) {
					if c.Addr == "x" {
						return far, nil
					}
					return third, nil
				}}
				takes := join()
				if len(tt.keys) == 0 || tt.keys[0] != "1" {
					takes = bye()
				}
				d := &desk{turns: map[string][]ivr.Turn{
					"near":  {{}, bye()},
					"far":   {ask("callback_here"), join(), bye()},
					"third": {ask("brief"), takes, bye()},
				}}
				if err := holdWith(t, &liveline.Holder{Desk: d, Line: l, Switchboard: b}, near, reach("x", "far")); err != nil {
					t.Error(err)
				}
				third.wants(t, tt.heard)
				if !slices.Equal(b.ended, []ivr.Outcome{tt.ended}) {
					t.Errorf("the switchboard was told %q, want %q", b.ended, tt.ended)
				}
				if !slices.Contains(d.told, tt.told) {
					t.Errorf("the desk was told:\n%s\nwant %s", strings.Join(d.told, "\n"), tt.told)
				}
				if n := len(b.parted); (n == 1) != (tt.ended == "") {
					t.Errorf("that they have parted was told of %q", b.parted)
				}
				if !near.left() || !far.left() || !third.left() {
					t.Error("somebody was left in silence")
				}
			})
		})
	}
}
