package simulation

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// A wire is the way to a carrier in another process: a line of text for each
// call, and one back once it is counted.
type wire struct {
	conn  net.Conn
	mu    sync.Mutex
	waits map[string]chan struct{}
}

func (w *wire) say(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Fprintln(w.conn, what)
	return err
}

func (w *wire) read() {
	for in := bufio.NewScanner(w.conn); in.Scan(); {
		w.mu.Lock()
		if c := w.waits[in.Text()]; c != nil {
			close(c)
			delete(w.waits, in.Text())
		}
		w.mu.Unlock()
	}
}

// Ring implements [liveline.Line].
func (w *wire) Ring(ctx context.Context, c liveline.Call) (liveline.Leg, error) {
	if !c.Before.IsZero() && !time.Now().Before(c.Before) {
		return nil, unsent("too late")
	}
	counted := make(chan struct{})
	w.mu.Lock()
	w.waits[c.Ref] = counted
	w.mu.Unlock()
	if err := w.say("dial " + c.Ref + " " + c.Addr); err != nil {
		return nil, unsent(err.Error())
	}
	if c.Begun != nil {
		c.Begun()
	}
	select {
	case <-counted:
	case <-ctx.Done():
		return nil, &liveline.NotTakenError{Outcome: ivr.Unanswered, Err: ctx.Err()}
	}
	return &willing{gone: make(chan struct{})}, nil
}

// Refer implements [liveline.Line].
func (w *wire) Refer(context.Context, liveline.Leg, string) error { return errors.New("no") }

// Text implements [scheduler.Texter].
func (w *wire) Text(context.Context, callback.Message) error { return nil }

// A willing person takes every call, and speaks for a moment.
type willing struct {
	said []ivr.Prompt
	gone chan struct{}
	once sync.Once
}

func (p *willing) Play(_ context.Context, _ string, say []ivr.Prompt) error {
	p.said = say
	select {
	case <-p.gone:
		return io.EOF
	case <-time.After(5 * time.Millisecond):
		return nil
	}
}

func (p *willing) Record(context.Context, ivr.Record) (string, error) { return "", nil }

func (p *willing) Keys(context.Context, ivr.Listen) (string, error) {
	return key(p.said, "press_take") + key(p.said, "press_now") + key(p.said, "press_yes"), nil
}
func (p *willing) Wait(bool) {}
func (p *willing) Bridge(context.Context, liveline.Leg) error {
	<-time.After(40 * time.Millisecond)
	return nil
}
func (p *willing) Confirm(context.Context) error { return nil }
func (p *willing) Gone() <-chan struct{}         { return p.gone }
func (p *willing) Hangup(context.Context) error {
	p.once.Do(func() { close(p.gone) })
	return nil
}
