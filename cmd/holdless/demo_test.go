package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
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
	inOrder(t, out.String(), readme(t)...)
}

// readme is what README says that its first command prints, which must be the
// demo: what stays the same every time.
func readme(t *testing.T) (parts []string) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(string(src))
	if len(all) < 2 || all[0].text != "go run ./cmd/holdless demo --script \"1 1 1\"\n" || all[0].kind != "sh" {
		t.Fatalf("README begins with %+v", all[0])
	}
	away := regexp.MustCompile(`^(Sun \d\d:\d\d)?\s*(\S+)\s+|http://\S+|…`) // the day, the columns, addresses, and what is left out
	for line := range strings.Lines(all[1].text) {
		for part := range strings.SplitSeq(away.ReplaceAllString(strings.TrimSpace(line), "\n$2\n"), "\n") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) < 30 {
		t.Fatalf("README shows only %q", parts)
	}
	return parts
}

// TestDemoCommand runs the demo as a newcomer does: the desk is open without
// signing in, with a day on it, the telephone and the texts are there, and while
// nobody is on the telephone time flies: six minutes are over before the test is.
func TestDemoCommand(t *testing.T) {
	t.Parallel()
	var out, errs logBuffer
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"demo", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"}, stdio{in: strings.NewReader(""), out: &out, err: &errs})
	}()
	desk := regexp.MustCompile(`Desk\s+(http://\S+?)/\n`)
	eventually(t, "the demo says where the desk is", func() bool { return desk.MatchString(out.String()) })
	site := desk.FindStringSubmatch(out.String())[1]
	inOrder(t, out.String(), "Telephone  "+site+"/phone/", "Texts      "+site+"/demo/sms", "60 times as fast", "Ctrl-C")
	for path, words := range map[string]string{"/": "Maija (example)", "/phone/": "Your telephone", "/demo/sms": "358401112201", "/users": "Make an account"} {
		eventually(t, path+" is there", func() bool {
			res, err := http.Get(site + path)
			if err != nil {
				return false
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			return err == nil && res.StatusCode == http.StatusOK && strings.Contains(string(body), words)
		})
	}
	if at := clockAt(t, site, "10:04"); at < "10:04" {
		t.Errorf("after a while it is %s", at)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("it ends with %d %s", code, errs.String())
	}
}

// clockAt watches the clock of the telephone until it shows a time, or later, and
// returns what it showed last.
func clockAt(t *testing.T, site, want string) (at string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site+"/phone/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	shown := regexp.MustCompile(`"clock":"\w+ (\d\d:\d\d)"`)
	for in := bufio.NewScanner(res.Body); at < want && in.Scan(); {
		if found := shown.FindStringSubmatch(in.Text()); found != nil {
			at = found[1]
		}
	}
	return at
}

// TestCrowd keeps the promise to the first of those who are booked in the demo:
// robots take the calls, press the key that they are asked for, and answer the
// text after it.
func TestCrowd(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, end := context.WithTimeout(t.Context(), patience)
	defer end()
	err = st.during(all, func(ctx context.Context) error {
		robots, enough := context.WithCancel(ctx)
		var hands sync.WaitGroup
		hands.Go(func() { st.serveAsAgent(robots) })
		hands.Go(func() { st.crowdAnswers(robots) })
		defer hands.Wait()
		defer enough()
		found, err := st.service.desk.List(ctx, callback.Filter{Phone: crowd[0].number})
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%d promises: %w", len(found), err)
		}
		st.clock.jump(found[0].DueAt)
		eventually(t, "the robots have spoken", func() bool {
			c, _, err := st.service.desk.Show(ctx, found[0].ID)
			return err == nil && (c.State == callback.Wrapup || c.State == callback.Done)
		})
		for rating := ""; rating != crowd[0].answer; {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("the answer is %q", rating)
			}
			var err2 error
			rating, err2 = st.rating(ctx)
			if err := errors.Join(err2, st.moveOn(ctx)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
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
		st.clock.allow(60)
		go st.hasten(rest)
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

// TestSecondDemo runs beside another program that has the ports of the demo,
// takes others, and says where it is; a port that was asked for is not changed.
func TestSecondDemo(t *testing.T) {
	t.Parallel()
	var at net.ListenConfig
	pages, err := at.Listen(t.Context(), "tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	calls, err := at.ListenPacket(t.Context(), "udp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer calls.Close()
	taken := demoOptions{http: pages.Addr().String(), sip: calls.LocalAddr().String()}
	for _, tt := range []struct {
		asked string
		want  string
	}{{"", ""}, {"http", "--http: "}, {"sip", "--sip: "}} {
		o := taken
		err := o.room(t.Context(), func(flag string) bool { return flag == tt.asked })
		switch {
		case tt.want == "" && (err != nil || o.http != anyPort || o.sip != anyPort):
			t.Errorf("it listens at %s and %s, %v", o.http, o.sip, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || codeOf(err) != exitConfig):
			t.Errorf("with --%s: %v", tt.asked, err)
		}
	}
	free := demoOptions{http: anyPort, sip: anyPort}
	if err := free.room(t.Context(), func(string) bool { return true }); err != nil {
		t.Error(err)
	}
}
