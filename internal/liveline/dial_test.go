package liveline_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

func dialer(d *desk, l liveline.Line) *liveline.Dialer {
	return liveline.NewDialer(&liveline.Holder{Desk: d, Line: l, Name: "test", Log: slog.New(slog.DiscardHandler)})
}

var ring = callback.Ring{Callback: "c1", Talk: "agent", Addr: "sip:anna@example.com", Ref: "r1", Ring: 20 * time.Second}

func TestDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		anna := newPerson("anna", "1")
		d := &desk{turns: map[string][]ivr.Turn{"agent": {ask("press_take"), bye()}}}
		var got liveline.Call
		answer := make(chan struct{})
		dial := dialer(d, line{ring: func(_ context.Context, c liveline.Call) (liveline.Leg, error) {
			got = c
			c.Begun()
			<-answer
			return anna, nil
		}})
		if err := dial.Dial(t.Context(), ring); err != nil {
			t.Fatal(err)
		}
		d.wants(t) // the phone rings, and Dial is back
		close(answer)
		if err := dial.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		d.wants(t, "agent 0 begin", "agent 1 heard 1")
		anna.wants(t, "press_take goodbye")
		if got.Ref != ring.Ref || got.Addr != ring.Addr || got.Ring != ring.Ring {
			t.Errorf("rang %+v", got)
		}
		if err := dial.Dial(t.Context(), ring); !errors.Is(err, liveline.ErrClosed) {
			t.Errorf("Dial after Drain: %v", err)
		}
	})
}

func TestDialUnsent(t *testing.T) {
	d, cause := &desk{}, errors.New("all trunks are down")
	dial := dialer(d, line{ring: func(context.Context, liveline.Call) (liveline.Leg, error) {
		return nil, &liveline.NotTakenError{Outcome: ivr.Unsent, Err: cause}
	}})
	if err := dial.Dial(t.Context(), ring); !errors.Is(err, cause) {
		t.Errorf("Dial: %v, want %v", err, cause)
	}
	d.wants(t) // the scheduler says so, not the line
}

func TestDialNotTaken(t *testing.T) {
	d := &desk{}
	dial := dialer(d, line{ring: func(_ context.Context, c liveline.Call) (liveline.Leg, error) {
		c.Begun()
		return nil, &liveline.NotTakenError{Outcome: ivr.Busy, Err: errors.New("486")}
	}})
	if err := dial.Dial(t.Context(), ring); err != nil {
		t.Fatal(err)
	}
	if err := dial.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	d.wants(t, "agent 0 noanswer busy")
}

func TestDrainEndsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		anna := newPerson("anna")
		anna.stay = true
		d := &desk{turns: map[string][]ivr.Turn{"agent": {ask("press_take"), bye()}}}
		dial := dialer(d, answeredBy(anna))
		if err := dial.Dial(t.Context(), ring); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := dial.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %v", err)
		}
		d.wants(t, "agent 0 begin", "agent 1 gone")
	})
}

func TestDialGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		dial := dialer(&desk{}, line{ring: func(ctx context.Context, _ liveline.Call) (liveline.Leg, error) {
			<-ctx.Done() // no INVITE ever leaves
			return nil, &liveline.NotTakenError{Outcome: ivr.Unsent, Err: ctx.Err()}
		}})
		if err := dial.Dial(ctx, ring); err == nil {
			t.Error("a call that never left was reported as begun")
		}
	})
}
