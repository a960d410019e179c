package main

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// slowPaper holds whoever prints a text, until it is let go.
type slowPaper struct {
	printing func()
	let      chan struct{}
}

func (p slowPaper) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("  text ")) {
		p.printing()
		<-p.let
	}
	return len(line), nil
}

// The clock of the demo passes nothing by: while a text is on its way, however
// slowly, it runs like ours, and is not moved on to when others would send it.
func TestClockWaitsForTexts(t *testing.T) {
	t.Parallel()
	printing := make(chan struct{})
	paper := slowPaper{sync.OnceFunc(func() { close(printing) }), make(chan struct{})}
	st, err := newStage(t.Context(), paper, demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = st.during(t.Context(), func(ctx context.Context) error {
		_, err := st.service.desk.Book(ctx, callback.Request{
			Queue: demoQueue, Phone: demoCustomer, Topic: "billing", Lang: "en", At: st.clock.now().Add(time.Hour).Truncate(15 * time.Minute),
		})
		if err != nil {
			return err
		}
		defer close(paper.let)
		select {
		case <-printing:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		st.clock.mu.Lock()
		began := st.clock.began
		st.clock.mu.Unlock()
		if err := st.moveOn(ctx); err != nil {
			return err
		}
		st.clock.mu.Lock()
		defer st.clock.mu.Unlock()
		if !st.clock.began.Equal(began) {
			t.Error("the clock was moved on while a text was on its way")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
