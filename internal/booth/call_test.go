package booth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// TestCall calls, hears real sound in the browser's form, and presses keys that
// arrive as RFC 4733 has them.
func TestCall(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, calls := other(t)
	s := newSite(t, peer)
	if got := s.post("key", url.Values{"key": {"1"}}); got != http.StatusConflict {
		t.Errorf("a key without a call answers %d", got)
	}
	far := s.calls(calls)
	go hum(ctx, far)
	if loud := s.hears(ctx); loud < 1000 {
		t.Errorf("the loudest sample is %d", loud)
	}
	for _, key := range []string{"5", "#"} {
		if got := s.post("key", url.Values{"key": {key}}); got != http.StatusNoContent {
			t.Errorf("key %s answers %d", key, got)
		}
		if got, err := far.Key(ctx); err != nil || string(got) != key {
			t.Errorf("the other end got %q, %v", got, err)
		}
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if res, err := http.PostForm(s.http.URL+"/phone/key", url.Values{"key": {"7"}}); err != nil || res.Body.Close() != nil {
				t.Errorf("one of two keys at once: %v", err)
			}
		})
	}
	for range 2 {
		if got, err := far.Key(ctx); err != nil || got != '7' {
			t.Errorf("of two keys at once the other end got %q, %v", got, err)
		}
	}
	both.Wait()
	for _, bad := range []string{"", "11", "A", "é"} {
		if got := s.post("key", url.Values{"key": {bad}}); got != http.StatusBadRequest {
			t.Errorf("key %q answers %d", bad, got)
		}
	}
	s.post("hangup", nil)
	s.until(Idle)
	<-far.Done()
}

// TestStreamsEnd tells nothing more to whoever is not let in any more: neither
// what the telephone does, nor what it hears.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, calls := other(t)
	s := newSite(t, peer)
	go hum(ctx, s.calls(calls))
	streams := map[string]*http.Response{}
	for _, path := range []string{"events", "sound"} {
		res := s.get(ctx, path)
		defer res.Body.Close()
		if _, err := res.Body.Read(make([]byte, 1)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		streams[path] = res
	}
	s.out.Store(true)
	for path, res := range streams {
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	s.post("hangup", nil)
	s.until(Idle)
}

// TestRing takes a call, is busy for another, and refuses one.
func TestRing(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, _ := other(t)
	s := newSite(t, peer)
	ended := make(chan error, 1)
	ring := func() {
		c, err := peer.Call(ctx, s.own.URI(), "+358912345")
		if err == nil {
			<-c.Done()
		}
		ended <- err
	}
	go ring()
	s.until(Ringing)
	var refused *phone.RefusedError
	if _, err := peer.Call(ctx, s.own.URI(), "+358912345"); !errors.As(err, &refused) || refused.Code != 486 {
		t.Errorf("a second call: %v, want 486", err)
	}
	s.post("answer", nil)
	s.until(Up)
	s.post("hangup", nil)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	s.until(Idle)
	go ring()
	s.until(Ringing)
	s.post("hangup", nil)
	if err := <-ended; !errors.As(err, &refused) || refused.Code != 486 {
		t.Errorf("a call that is refused: %v, want 486", err)
	}
	s.until(Idle)
}

// TestNobody tells that nobody answers, and can be used again.
func TestNobody(t *testing.T) {
	t.Parallel()
	peer, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"}) // always busy
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	s := newSite(t, peer)
	s.post("call", nil)
	late := time.After(limit)
	for now, more := s.shown(s.Context()); now.State != Idle || len(now.Lines) == 0; now, more = s.shown(s.Context()) {
		select {
		case <-more:
		case <-late:
			t.Fatalf("%+v", now)
		}
	}
	if now, _ := s.shown(s.Context()); !strings.Contains(now.Lines[0].Words, "486") {
		t.Errorf("it says %q", now.Lines)
	}
}

// TestOtherNumbers calls the number that was chosen, and none but its own.
func TestOtherNumbers(t *testing.T) {
	t.Parallel()
	called := make(chan string, 1)
	b := New(Config{
		Dial: []Number{{"+358912345", "en", "English"}, {"+3589123451", "fi", "Suomi"}}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Call: func(_ context.Context, number string) (*phone.Call, error) {
			called <- number
			return nil, errors.New("nobody is there")
		},
	})
	for _, tt := range []struct {
		number string
		code   int
		want   string
	}{
		{"", http.StatusNoContent, "+358912345"},
		{"+3589123451", http.StatusNoContent, "+3589123451"},
		{"+358700123", http.StatusBadRequest, ""},
	} {
		if code := post(b, "call", url.Values{"number": {tt.number}}.Encode()); code != tt.code {
			t.Errorf("%q answers %d, want %d", tt.number, code, tt.code)
		}
		if tt.want == "" {
			continue
		}
		if number := <-called; number != tt.want {
			t.Errorf("%q calls %s, want %s", tt.number, number, tt.want)
		}
		for now, more := b.shown(t.Context()); now.State != Idle; now, more = b.shown(t.Context()) {
			<-more
		}
	}
}
