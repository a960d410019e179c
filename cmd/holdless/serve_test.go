package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/scheduler"
)

// TestDrain lets a live call finish, and takes no other, after SIGTERM.
func TestDrain(t *testing.T) {
	t.Parallel()
	r := serving(t)
	p, call := r.call(t)
	r.stop()
	eventually(t, "not ready", func() bool {
		code, body := r.get(t, "/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "draining")
	})
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if _, err := p.Call(ctx, "sip:+358912345@"+r.line.Addrs()[0].String(), "+358401234568"); err == nil {
		t.Error("a new call was taken")
	}
	select {
	case <-call.Done():
		t.Fatal("the live call was cut off")
	default:
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}
	r.end(t)
}

// TestHurry ends live calls at the second SIGTERM.
func TestHurry(t *testing.T) {
	t.Parallel()
	r := serving(t)
	_, call := r.call(t)
	r.stop()
	close(r.hurry)
	select {
	case <-call.Done():
	case <-time.After(patience):
		t.Error("the call goes on")
	}
	r.end(t)
}

// TestSignals sends itself what an operator sends.
func TestSignals(t *testing.T) {
	keep := make(chan os.Signal, 1) // so that a signal too many does not end the test
	signal.Notify(keep, syscall.SIGTERM)
	defer signal.Stop(keep)
	ctx, hurry, stop := signals(t.Context())
	defer stop()
	for _, next := range []<-chan struct{}{ctx.Done(), hurry} {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		select {
		case <-next:
		case <-time.After(patience):
			t.Fatal("SIGTERM did nothing")
		}
	}
}

// TestSecondServiceIsRefused keeps two programs from one database.
func TestSecondServiceIsRefused(t *testing.T) {
	t.Parallel()
	r := serving(t)
	var out, errs bytes.Buffer
	code := execute(t.Context(), []string{"serve", "-c", r.file}, stdio{strings.NewReader(""), &out, &errs})
	if code != exitConfig || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("got %d %q, want %d and one line", code, errs.String(), exitConfig)
	}
	r.stop()
	r.end(t)
}

// TestServeCommand runs the command as it is typed until it is told to end.
func TestServeCommand(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log logBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"serve", "-c", written(t, ""), "--drain", "1s"}, stdio{strings.NewReader(""), io.Discard, &log})
	}()
	eventually(t, "service started", func() bool { return strings.Contains(log.String(), "service started") })
	stop()
	select {
	case code := <-ended:
		if code != exitDone {
			t.Errorf("got %d, want 0:\n%s", code, log.String())
		}
	case <-time.After(patience):
		t.Fatal("serve does not end")
	}
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// carrier is a telephone that answers OPTIONS, as a trunk does.
func carrier(t *testing.T) string {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p.Addr()
}

// TestTakenOver ends a service that the others took for dead, with an exit
// code that makes its supervisor start it again.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	r := serving(t)
	now := time.Now()
	eventually(t, "declared dead, after its first beat", func() bool {
		return nil == r.store.Update(t.Context(), func(tx callback.Tx) error {
			return tx.Beat(callback.Node{Boot: r.desk.Boot, Host: "other", StartedAt: now, DeadAt: now})
		})
	})
	select {
	case err := <-r.ended:
		if codeOf(err) != exitWrong || !errors.Is(err, scheduler.ErrTakenOver) {
			t.Errorf("got %d %v, want %d and ErrTakenOver", codeOf(err), err, exitWrong)
		}
	case <-time.After(2 * patience):
		t.Error("the service goes on")
	}
}
