package liveline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// TestTalks holds the written talks over live calls without a wire.
func TestTalks(t *testing.T) {
	t.Parallel()
	linetest.Run(t, "../../ivr/testdata", func(t *testing.T, desk *callback.Desk) linetest.Phone {
		c := &caller{
			t: t, desk: desk, heard: make(chan string, 1), keys: make(chan string),
			agent: make(chan ivr.Event), waits: make(chan struct{}, 1), gone: make(chan struct{}), over: make(chan error, 1),
		}
		t.Cleanup(c.leave)
		return c
	})
}

// patience is how long a test waits for what must come at once.
const patience = 5 * time.Minute

var errTooLong = errors.New("nothing came")

// caller is a person on a live call, the leg of that call, and the line on
// which the agent is rung.
type caller struct {
	t    *testing.T
	desk *callback.Desk

	words []string       // said and not yet reported
	heard chan string    // what was said until the line waits
	keys  chan string    // pressed; "" for silence
	agent chan ivr.Event // what the agent's phone does
	waits chan struct{}  // the sound of waiting is on
	gone  chan struct{}
	once  sync.Once
	over  chan error

	waiting atomic.Bool // for another party
}

func (c *caller) Call(from callback.Phone) error {
	turn, err := c.desk.Answer(c.t.Context(), callback.Inbound{
		Talk: "talk-1", Line: "sip", From: from, To: linetest.Number, Withheld: from == "",
	})
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	h := &liveline.Holder{Desk: c.desk, Line: c, Name: "sip", Log: slog.New(slog.DiscardHandler)}
	go func() { c.over <- h.Hold(context.WithoutCancel(c.t.Context()), "talk-1", turn, c) }()
	return nil
}

func (c *caller) Do(e ivr.Event) error {
	var acts chan<- string
	switch e.Kind {
	case ivr.Gone:
		c.leave()
		return nil
	case ivr.Spoke, ivr.NoAnswer:
		select {
		case c.agent <- e:
			return nil
		case <-time.After(patience):
			return errTooLong
		}
	default:
		acts = c.keys
	}
	select {
	case acts <- e.Text:
		return nil
	case <-time.After(patience):
		return errTooLong
	}
}

func (c *caller) Hears(words string) error {
	select {
	case got := <-c.heard:
		if got != words {
			return fmt.Errorf("\nheard %s\n want %s", got, words)
		}
		return nil
	case <-time.After(patience):
		return errTooLong
	}
}

func (c *caller) Over() error {
	select {
	case err := <-c.over:
		return err
	case <-time.After(patience):
		return errTooLong
	}
}

// tell reports what was said, now that the line waits.
func (c *caller) tell() {
	select {
	case c.heard <- strings.Join(c.words, " "):
	case <-c.gone:
	}
	c.words = nil
}

func (c *caller) leave() { c.once.Do(func() { close(c.gone) }) }

func (c *caller) Play(_ context.Context, lang string, say []ivr.Prompt) error {
	for _, p := range say {
		c.words = append(c.words, sounds.Text(lang, p))
	}
	return nil
}

func (c *caller) Keys(ctx context.Context, l ivr.Listen) (string, error) {
	if l.Hold || !c.waiting.Load() {
		c.tell()
	}
	select {
	case keys := <-c.keys:
		return keys, nil
	case <-c.gone:
		return "", io.EOF
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Record takes what is said as what is pressed.
func (c *caller) Record(ctx context.Context, _ ivr.Record) (string, error) {
	return c.Keys(ctx, ivr.Listen{})
}

// Wait tells the one who is rung that all was said.
func (c *caller) Wait(on bool) {
	c.waiting.Store(on)
	select {
	case <-c.waits:
	default:
	}
	if on {
		c.waits <- struct{}{}
	}
}

// Bridge lasts until the agent, who has no more to say, hangs up.
func (c *caller) Bridge(context.Context, liveline.Leg) error { return nil }

func (c *caller) Confirm(context.Context) error { return nil }

func (c *caller) Gone() <-chan struct{} { return c.gone }

func (c *caller) Hangup(context.Context) error {
	c.tell()
	return nil
}

// Ring rings the agent, who takes the call or does not, as the talk says.
func (c *caller) Ring(_ context.Context, call liveline.Call) (liveline.Leg, error) {
	if call.Addr != linetest.AgentAddr {
		return nil, fmt.Errorf("ring %q, who is not an agent", call.Addr)
	}
	<-c.waits // for whoever is rung: all was said
	c.tell()
	select {
	case e := <-c.agent:
		if e.Kind == ivr.NoAnswer {
			return nil, &liveline.NotTakenError{Outcome: ivr.Outcome(e.Text), Err: io.EOF}
		}
		return newPerson("anna", "1"), nil
	case <-c.gone:
		return nil, io.EOF
	}
}

func (c *caller) Refer(context.Context, liveline.Leg, string) error {
	return errors.New("refused")
}
