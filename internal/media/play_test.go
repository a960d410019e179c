package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

func TestPlayIsHeard(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	heard := hear(caller)
	first := bytes.Repeat([]byte("good evening "), 40)
	second := []byte("short")
	if err := callee.Play(t.Context(), first, nil, second); err != nil {
		t.Fatal(err)
	}
	heard.until(t, append(first, second...))
	st := callee.Stats()
	if st.Sent < 5 || st.Foreign != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestKeyEndsPlay(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	sent := make(chan error, 1)
	go func() { sent <- caller.SendKeys(t.Context(), "7") }()
	long := make([]byte, 60*8000)
	if err := callee.Play(t.Context(), long); !errors.Is(err, ErrKey) {
		t.Fatalf("Play ended with %v, want ErrKey", err)
	}
	if err := callee.Play(t.Context(), long); !errors.Is(err, ErrKey) {
		t.Fatalf("Play with a key waiting ended with %v, want ErrKey", err)
	}
	if k := key(t, callee); k != '7' {
		t.Errorf("key %q", k)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestLoopGoesOnThroughKeys(t *testing.T) {
	t.Parallel()
	caller, callee := call(t, newEngine(t))
	heard := hear(caller)
	clip := bytes.Repeat([]byte("music. "), 23)[:160]
	callee.Loop(clip)
	callee.Inject('5')
	heard.until(t, bytes.Repeat(clip, 4))
	if k := key(t, callee); k != '5' {
		t.Errorf("key %q", k)
	}
	if err := callee.Play(t.Context(), []byte("done")); err != nil {
		t.Fatal(err)
	}
	heard.until(t, []byte("done"))
}

func TestPlayEnds(t *testing.T) {
	t.Parallel()
	long := make([]byte, 60*8000)
	for _, tt := range []struct {
		name string
		end  func(*Stream, context.CancelFunc)
		want error
	}{
		{"stop", func(s *Stream, _ context.CancelFunc) { s.Stop() }, ErrStopped},
		{"another sound", func(s *Stream, _ context.CancelFunc) { s.Loop(long) }, ErrStopped},
		{"close", func(s *Stream, _ context.CancelFunc) { s.Close() }, io.EOF},
		{"context", func(_ *Stream, stop context.CancelFunc) { stop() }, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, s := call(t, newEngine(t))
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			done := make(chan error, 1)
			go func() { done <- s.Play(ctx, long) }()
			for !s.saying() {
				<-time.After(time.Millisecond)
			}
			tt.end(s, stop)
			if err := <-done; !errors.Is(err, tt.want) {
				t.Errorf("Play ended with %v, want %v", err, tt.want)
			}
		})
	}
}

func (s *Stream) saying() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sound != nil
}
