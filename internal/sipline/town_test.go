package sipline

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// A town has one line to the desks of all visitors, one telephone for all who
// call, and one for all agents: a clock for each would be most of the work. Each
// visitor dials a number of his own, and has an agent of that name.
type town struct {
	line            *Line
	callers, agents *phone.Phone

	mu       sync.Mutex
	visitors []*visitor
	talks    map[string]*visitor
}

var (
	_ Desk           = (*town)(nil)
	_ liveline.Mover = (*town)(nil)
)

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{callers: telephone(t, nil), talks: map[string]*visitor{}}
	w.agents = telephone(t, func(ctx context.Context, in *phone.Incoming) {
		if v := w.at(in.To()); v != nil {
			v.rings(ctx, in)
		}
	})
	c := Defaults()
	c.Listen = []string{"udp:127.0.0.1:0"}
	c.Trunks = map[string]Trunk{"carrier": {Host: "127.0.0.1:9", Allow: []string{"127.0.0.1"}, MaxCalls: 500}}
	var err error
	if w.line, err = New(c, Ports{Desk: w, Voice: speaker{}, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	serve(t, w.line)
	return w
}

// visitor has somebody move in.
func (w *town) visitor(t *testing.T, desk *callback.Desk) linetest.Phone {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	name := strconv.Itoa(len(w.visitors))
	v := &visitor{
		t: t, town: w, desk: desk, phone: w.callers, uri: uri(w.line, name),
		acts: make(chan ivr.Event), agent: make(chan *phone.Call, 1),
	}
	for agent, a := range desk.Agents {
		a.Phone = fmt.Sprintf("sip:%s@%s", name, w.agents.Addr())
		desk.Agents[agent] = a
	}
	w.visitors = append(w.visitors, v)
	return v
}

// at returns who has a number.
func (w *town) at(name string) *visitor {
	n, err := strconv.Atoi(name)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || n < 0 || n >= len(w.visitors) {
		return nil
	}
	return w.visitors[n]
}

// Answer has the visitor's own desk answer, which may take longer on a machine
// that is busy with other tests than a caller would wait.
func (w *town) Answer(ctx context.Context, in callback.Inbound) (ivr.Turn, error) {
	v := w.at(string(in.To))
	if v == nil {
		return ivr.Turn{}, callback.ErrNotFound
	}
	in.To = linetest.Number
	turn, err := v.desk.Answer(context.WithoutCancel(ctx), in)
	return w.learn(v, in.Talk, turn), err
}

// Next has the desk of the talk answer, however long it takes.
func (w *town) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	v := w.of(talk)
	if v == nil {
		return ivr.Turn{}, callback.ErrNotFound
	}
	next, err := v.desk.Next(context.WithoutCancel(ctx), talk, turn, e)
	return w.learn(v, talk, next), err
}

// Moved has the desk of the talk say when it moves it on.
func (w *town) Moved(talk string, turn int) (<-chan struct{}, func()) {
	return w.of(talk).desk.Moved(talk, turn)
}

// of returns whose a talk is.
func (w *town) of(talk string) *visitor {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.talks[talk]
}

// learn notes whose a talk is, and that of the agent who is rung in it. Keys are
// pressed as fast as a busy machine lets them be: where there is one that ends an
// input, no pause does.
func (w *town) learn(v *visitor, talk string, turn ivr.Turn) ivr.Turn {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.talks[talk] = v
	if turn.Connect != nil {
		w.talks[turn.Connect.Talk] = v
	}
	v.room = 0
	if l := turn.Listen; l != nil && l.Finish == finish {
		patient := *l
		patient.Gap = slowly
		turn.Listen, v.room = &patient, l.Max
	}
	return turn
}

// finish is the key that ends an input of several.
const finish = "#"

// keyed returns what has to be pressed for somebody to be heard.
func (w *town) keyed(v *visitor, keys string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(keys) < v.room {
		return keys + finish
	}
	return keys
}
