package liveline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// desk answers each talk with turns that were written beforehand, and writes
// down what it was told.
type desk struct {
	mu    sync.Mutex
	turns map[string][]ivr.Turn
	told  []string
	fail  func(talk string, e ivr.Event) error
}

func (d *desk) Next(_ context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", talk, turn, e.Kind, e.Text)))
	if d.fail != nil {
		if err := d.fail(talk, e); err != nil {
			return ivr.Turn{}, err
		}
	}
	if turn >= len(d.turns[talk]) {
		return ivr.Turn{No: turn + 1, End: true}, nil
	}
	t := d.turns[talk][turn]
	t.No = turn + 1
	return t, nil
}

func (d *desk) wants(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if got := strings.Join(d.told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the desk was told:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

// person is somebody on the line who presses the keys that are written down,
// one for each time they are asked for.
type person struct {
	name   string
	keys   []string
	stay   bool // waits for ever when no key is left, instead of staying silent
	gone   chan struct{}
	once   sync.Once
	mu     sync.Mutex
	heard  []string
	bridge func(ctx context.Context, far liveline.Leg) error
	play   func(p ivr.Prompt)
}

func newPerson(name string, keys ...string) *person {
	return &person{name: name, keys: keys, gone: make(chan struct{})}
}

func (p *person) hangUp() { p.once.Do(func() { close(p.gone) }) }

func (p *person) left() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

func (p *person) hear(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, what)
}

func (p *person) wants(t *testing.T, want string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := strings.Join(p.heard, " "); got != want {
		t.Errorf("%s heard %q, want %q", p.name, got, want)
	}
}

func (p *person) Play(ctx context.Context, _ string, say []ivr.Prompt) error {
	if p.left() {
		return io.EOF
	}
	for _, s := range say {
		if p.play != nil {
			p.play(s)
		}
		p.hear(s.Name + s.Text)
	}
	return ctx.Err()
}

func (p *person) Keys(ctx context.Context, _ ivr.Listen) (string, error) {
	if p.left() {
		return "", io.EOF
	}
	p.mu.Lock()
	if len(p.keys) > 0 {
		k := p.keys[0]
		p.keys = p.keys[1:]
		p.mu.Unlock()
		return k, nil
	}
	p.mu.Unlock()
	if !p.stay {
		return "", nil
	}
	select {
	case <-p.gone:
		return "", io.EOF
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Record says whatever is written down for it, as for keys.
func (p *person) Record(ctx context.Context, _ ivr.Record) (string, error) {
	p.hear("(record)")
	return p.Keys(ctx, ivr.Listen{})
}

func (p *person) Wait(on bool) {
	if on {
		p.hear("(waiting)")
	}
}

func (p *person) Bridge(ctx context.Context, far liveline.Leg) error {
	p.hear("(" + far.(*person).name + ")")
	if p.bridge != nil {
		return p.bridge(ctx, far)
	}
	return nil
}

func (p *person) Confirm(context.Context) error { return nil }

func (p *person) Gone() <-chan struct{} { return p.gone }

func (p *person) Hangup(context.Context) error { p.hangUp(); return nil }

// line rings persons by address.
type line struct {
	ring  func(ctx context.Context, c liveline.Call) (liveline.Leg, error)
	refer func(addr string) error
}

func (l line) Ring(ctx context.Context, c liveline.Call) (liveline.Leg, error) { return l.ring(ctx, c) }

func (l line) Refer(_ context.Context, _ liveline.Leg, addr string) error {
	if l.refer == nil {
		return errors.New("refused")
	}
	return l.refer(addr)
}

// answeredLeg is a ring that a leg answers.
func answeredLeg(l liveline.Leg) func(context.Context, liveline.Call) (liveline.Leg, error) {
	return func(context.Context, liveline.Call) (liveline.Leg, error) { return l, nil }
}

// answeredBy is a line on which p answers every call.
func answeredBy(p *person) line {
	return line{ring: func(_ context.Context, c liveline.Call) (liveline.Leg, error) {
		if c.Begun != nil {
			c.Begun()
		}
		return p, nil
	}}
}
