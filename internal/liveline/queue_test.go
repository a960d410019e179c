package liveline_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// mover is a desk that moves a talk on when the test says so.
type mover struct {
	*desk
	moved chan struct{}
}

func (m mover) Moved(string, int) (<-chan struct{}, func()) { return m.moved, func() {} }

// listener is a person who does nothing in the time that he is given.
type listener struct{ *person }

func (l listener) Keys(ctx context.Context, in ivr.Listen) (string, error) {
	if len(l.keys) > 0 {
		return l.person.Keys(ctx, in)
	}
	select {
	case <-time.After(in.Wait):
		return "", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func inLine() ivr.Turn {
	return ivr.Turn{No: 1, Say: say("next_in_line"), Listen: &ivr.Listen{Max: 1, Wait: time.Minute, Hold: true}}
}

// Who stands in line hears his place every minute, and is called up in the
// moment in which it is his turn.
func TestStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mover{&desk{turns: map[string][]ivr.Turn{"near": {{}, inLine(), bye()}}}, make(chan struct{})}
		near := listener{newPerson("aino")}
		began := time.Now()
		time.AfterFunc(90*time.Second, func() { close(d.moved) })
		h := &liveline.Holder{Desk: d, Log: slog.New(slog.DiscardHandler)}
		if err := h.Hold(t.Context(), "near", inLine(), near); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("called up after %s", took)
		}
		near.wants(t, "next_in_line (waiting) next_in_line (waiting) goodbye")
		d.wants(t, "near 1 silence", "near 2 free")
	})
}

// While an agent is rung, the person hears what else there is, and one key takes
// it at any time: the agent's telephone stops ringing at once.
func TestKeyWhileAnAgentIsRung(t *testing.T) {
	for _, tt := range []struct {
		name  string
		keys  []string
		heard string
		told  []string
		after time.Duration
	}{
		{"the key at once", []string{"2"}, "connecting (waiting) goodbye", []string{"near 1 heard 2"}, 0},
		{"another key first", []string{"7", "2"}, "connecting (waiting) goodbye", []string{"near 1 heard 2"}, 0},
		{"no key", nil, "connecting (waiting) press_called (waiting) goodbye", []string{"near 1 noanswer no_answer"}, 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}}}
				l := line{ring: func(ctx context.Context, _ liveline.Call) (liveline.Leg, error) {
					select {
					case <-time.After(20 * time.Second):
						return nil, &liveline.NotTakenError{Outcome: ivr.Unanswered, Err: context.DeadlineExceeded}
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}}
				near := listener{newPerson("aino", tt.keys...)}
				first := ivr.Turn{No: 1, Say: say("connecting"), Connect: &ivr.Connect{
					To: "agents", Addr: "sip:anna@127.0.0.1", Talk: "far", Offer: &ivr.Prompt{Name: "press_called", Key: "2"},
				}}
				began := time.Now()
				h := &liveline.Holder{Desk: d, Line: l, Log: slog.New(slog.DiscardHandler)}
				if err := h.Hold(t.Context(), "near", first, near); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took != tt.after {
					t.Errorf("it took %s, want %s", took, tt.after)
				}
				near.wants(t, tt.heard)
				d.wants(t, tt.told...)
			})
		})
	}
}

// A slow person hears for a while where he stands in line.
type slow struct{ listener }

func (s slow) Play(ctx context.Context, lang string, words []ivr.Prompt) error {
	if err := s.listener.Play(ctx, lang, words); err != nil || words[0].Name != "next_in_line" {
		return err
	}
	select {
	case <-time.After(20 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Who is just being told his place when an agent is free hears no more of it: he
// is put through in that moment, and not when the words or the music are over.
func TestCalledUpInMidSentence(t *testing.T) {
	for _, after := range []time.Duration{7 * time.Second, 25 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			d := mover{&desk{turns: map[string][]ivr.Turn{"near": {{}, bye()}}}, make(chan struct{})}
			near := slow{listener{newPerson("aino")}}
			began := time.Now()
			time.AfterFunc(after, func() { close(d.moved) })
			h := &liveline.Holder{Desk: d, Log: slog.New(slog.DiscardHandler)}
			if err := h.Hold(t.Context(), "near", inLine(), near); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took != after {
				t.Errorf("called up after %s, want %s", took, after)
			}
			d.wants(t, "near 1 free")
		})
	}
}
