package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// TestDemo plays the whole story over real SIP, RTP and RFC 4733 keys.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var log logBuffer
	began := time.Now()
	err := playScript(t.Context(), &out, demoOptions{cue: patience, log: slog.New(slog.NewTextHandler(&log, nil))}, []string{"1", "1", "1"})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), log.String())
	}
	t.Logf("played in %v", time.Since(began))
	inOrder(t, out.String(),
		"dials +358912345",
		"to the caller: Welcome.", "caller    presses 1",
		"today at 10:15", "caller    presses 1",
		"+358 401 234 567", "caller    presses 1",
		"We will call you today at 10:15", "caller    hangs up",
		"moves on to the promised time",
		"Aino’s telephone rings", "to the agent: A callback is due", "agent     presses 1",
		"the customer’s telephone rings", "to the customer: Hello.", "customer  presses 1",
		"hear each other", "customer  hangs up",
		"text      to +358401234567: How satisfied were you", "answers the text with 5",
		"satisfaction 5 of 5 is stored", "The promise was kept.",
	)
}

func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, p := range parts {
		_, after, found := strings.Cut(rest, p)
		if !found {
			t.Fatalf("%q is not there, or not in its place:\n%s", p, text)
		}
		rest = after
	}
}

// TestDemoThatGoesWrong tells which promise was not made, and ends with 1.
func TestDemoThatGoesWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, keys, want string
	}{
		{"the caller presses nothing", "", "the caller books"},
		{"the caller asks for a person first", "1 0", "the caller books"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := holdless(t, "demo", "--script", tt.keys)
			if code != exitWrong || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("got %d %q, want %d and %q in one line", code, errs, exitWrong, tt.want)
			}
		})
	}
}

// holdless runs a command in this process.
func holdless(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	code = execute(ctx, args, stdio{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

// TestGuest plays the demo with a telephone of one's own: it calls, books, is
// called back, and the text after it is answered on the page.
func TestGuest(t *testing.T) {
	t.Parallel()
	calls := make(chan *phone.Call, 1)
	own, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", Answer: func(ctx context.Context, in *phone.Incoming) {
		if c, err := in.Accept(ctx); err == nil {
			calls <- c
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	st, err := newStage(t.Context(), io.Discard, demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: own.Addr(), guest: true, cue: patience, log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	err = st.during(ctx, func(ctx context.Context) error {
		rest, enough := context.WithCancel(ctx)
		defer enough()
		go st.hasten(rest, 60)
		go st.serveAsAgent(rest)
		return st.playGuest(ctx, own, calls)
	})
	if err != nil {
		t.Error(err)
	}
}

func (st *stage) playGuest(ctx context.Context, own *phone.Phone, calls <-chan *phone.Call) error {
	call, err := own.Call(ctx, "sip:"+demoNumber+"@"+st.service.line.Addrs()[0].String(), demoCustomer)
	if err != nil {
		return err
	}
	for range 3 {
		if err := st.pressWhenAsked(ctx, callerPart, call, "1"); err != nil {
			return err
		}
	}
	if err := st.end(ctx, callerPart, call); err != nil {
		return err
	}
	promised, err := st.promised(ctx)
	if err != nil {
		return err
	}
	st.clock.jump(promised.DueAt)
	select {
	case call = <-calls:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := st.pressWhenAsked(ctx, customerPart, call, "1"); err != nil {
		return err
	}
	if err := call.Hangup(ctx); err != nil {
		return err
	}
	for {
		select {
		case text := <-st.texts:
			if !st.asks(ctx, text.ID) {
				continue
			}
			res, err := http.PostForm("http://"+st.service.http.Addr().String()+"/demo/sms", url.Values{"from": {demoCustomer}, "body": {"4"}})
			if err != nil {
				return err
			}
			defer res.Body.Close()
			if stored, err := st.rating(ctx); err != nil || stored != "4" {
				return fmt.Errorf("%q is stored, and 4 was answered: %w", stored, err)
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	c := newClock(time.UTC, 1000)
	began := c.now()
	if got := began.Format("15:04"); got != "09:58" {
		t.Errorf("it begins at %s, want 09:58", got)
	}
	c.jump(began.Add(-time.Hour))
	if c.now().Before(began) {
		t.Error("it went back")
	}
	c.pace(1)
	c.jump(began.Add(24 * time.Hour))
	if d := c.now().Sub(began.Add(24 * time.Hour)); d < 0 || d > time.Minute {
		t.Errorf("after a jump it is %s off", d)
	}
}
