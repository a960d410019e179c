package simulation

import (
	"context"
	"fmt"
	"sync"
	"testing/synctest"
)

// Turns let one after the other go on where many would go on at the same
// instant. Whom the runtime runs first is chance that no seed decides; who is
// given the next turn here follows from the seed. Whoever has a turn goes on
// until nothing in the bubble can go on without time or a turn.
type turns struct {
	w       *world
	arrived chan struct{}

	mu    sync.Mutex
	queue []*waiting
}

// A waiting one is a goroutine that wants to go on.
type waiting struct {
	name string
	lot  float64
	turn chan struct{}
}

// begin makes what must be of the bubble.
func (t *turns) begin() { t.arrived = make(chan struct{}, 1) }

// wait returns when it is the turn of whoever has this name.
func (t *turns) wait(key ...any) {
	name := fmt.Sprint(key...)
	one := &waiting{name: name, lot: t.w.moment("turn", name), turn: make(chan struct{})}
	t.mu.Lock()
	t.queue = append(t.queue, one)
	t.mu.Unlock()
	select {
	case t.arrived <- struct{}{}:
	default:
	}
	<-one.turn
}

// conduct gives turns until there is nobody left who will want one.
func (t *turns) conduct(over <-chan struct{}) {
	for {
		select {
		case <-t.arrived:
		case <-over:
			return
		}
		for synctest.Wait(); t.next(); synctest.Wait() {
		}
	}
}

// next gives one turn, if somebody waits.
func (t *turns) next() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		return false
	}
	first := 0
	for i, one := range t.queue {
		switch f := t.queue[first]; {
		case i > 0 && one.name == f.name:
			t.w.violated("order", "two go by the name %s, and nothing says which is first", f.name)
		case one.lot < f.lot:
			first = i
		}
	}
	close(t.queue[first].turn)
	t.queue = append(t.queue[:first], t.queue[first+1:]...)
	return true
}

type nameKey struct{}

// named says who asks, so that it is known whose turn it is.
func named(ctx context.Context, key ...any) context.Context {
	return context.WithValue(ctx, nameKey{}, fmt.Sprint(key...))
}

func nameOf(ctx context.Context) string {
	name, _ := ctx.Value(nameKey{}).(string)
	return name
}
