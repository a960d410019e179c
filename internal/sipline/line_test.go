package sipline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// patience is how long a test waits for what must come.
const patience = 5 * time.Minute

// desk answers with turns that were written beforehand: those of "in" for
// whoever calls in, and those of the talk's name for others.
type desk struct {
	mu     sync.Mutex
	turns  map[string][]ivr.Turn
	calls  []callback.Inbound
	told   []string
	names  map[string]string
	answer func(callback.Inbound) error
	news   chan string
}

func newDesk(turns map[string][]ivr.Turn) *desk {
	return &desk{turns: turns, names: map[string]string{}, news: make(chan string, 256)}
}

// put has the desk know one talk more.
func (d *desk) put(talk string, turns ...ivr.Turn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turns[talk] = turns
}

func (d *desk) Answer(_ context.Context, in callback.Inbound) (ivr.Turn, error) {
	d.mu.Lock()
	d.calls = append(d.calls, in)
	d.names[in.Talk] = "in"
	answer := d.answer
	d.mu.Unlock()
	if answer != nil {
		if err := answer(in); err != nil {
			return ivr.Turn{}, err
		}
	}
	return d.turn("in", 0), nil
}

func (d *desk) Next(_ context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	d.mu.Lock()
	if n := d.names[talk]; n != "" {
		talk = n
	}
	said := strings.TrimSpace(fmt.Sprintf("%s %d %s %s", talk, turn, e.Kind, e.Text))
	d.told = append(d.told, said)
	d.mu.Unlock()
	select {
	case d.news <- said:
	default:
	}
	return d.turn(talk, turn), nil
}

func (d *desk) turn(talk string, n int) ivr.Turn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n >= len(d.turns[talk]) {
		return ivr.Turn{No: n + 1, End: true}
	}
	t := d.turns[talk][n]
	t.No = n + 1
	return t
}

// hears waits until the desk is told something.
func (d *desk) hears(t *testing.T, want string) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-d.news:
			if got == want {
				return
			}
		case <-late:
			d.mu.Lock()
			defer d.mu.Unlock()
			t.Fatalf("the desk was told %q, never %q", d.told, want)
		}
	}
}

// heard is all that the desk was told.
func (d *desk) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

func (d *desk) caller() callback.Inbound {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.calls) == 0 {
		return callback.Inbound{}
	}
	return d.calls[len(d.calls)-1]
}

// voice says a prompt as its own words, so that a telephone can hear them.
type voice struct{}

func (voice) Say(_ string, p ivr.Prompt) []sounds.Clip { return []sounds.Clip{words(p.Name + p.Text)} }
func (voice) Waiting() sounds.Clip                     { return words("(waiting)") }
func (voice) Beep() sounds.Clip                        { return words("(beep)") }
func (voice) Take([]byte) (string, error)              { return "take", nil }

// words are followed by a tenth of a second of silence, so that the last ones
// are heard before the line hangs up.
func words(s string) sounds.Clip {
	clip := func(c media.Codec) []byte {
		b := []byte(s)
		for len(b)%media.FrameBytes != 0 || len(b) < 6*media.FrameBytes {
			b = append(b, c.Silence())
		}
		return b
	}
	return sounds.Clip{PCMU: clip(media.PCMU), PCMA: clip(media.PCMA)}
}

func say(names ...string) (all []ivr.Prompt) {
	for _, n := range names {
		all = append(all, ivr.Prompt{Name: n})
	}
	return all
}

func ask(name string) ivr.Turn {
	return ivr.Turn{Say: say(name), Listen: &ivr.Listen{Max: 1, Wait: time.Minute}}
}

func bye() ivr.Turn { return ivr.Turn{Say: say("goodbye"), End: true} }

// open starts a line on loopback; change may alter its configuration.
func open(t *testing.T, d *desk, change func(*Config)) *Line {
	t.Helper()
	c := Defaults()
	c.Listen = []string{"udp:127.0.0.1:0"}
	c.Trunks = map[string]Trunk{"carrier": {Host: "127.0.0.1:9", Allow: []string{"127.0.0.1"}}}
	if change != nil {
		change(&c)
	}
	l, err := New(c, Ports{Desk: d, Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l)
	return l
}

// serve runs a line for as long as the test, or until it is ended.
func serve(t *testing.T, l *Line) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx) }()
	end = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	<-l.Up()
	return end
}

func uri(l *Line, user string) string { return "sip:" + user + "@" + l.Addrs()[0].String() }

func telephone(t *testing.T, answer func(context.Context, *phone.Incoming)) *phone.Phone {
	t.Helper()
	return telephoneAt(t, "127.0.0.1:0", answer)
}

func telephoneAt(t *testing.T, listen string, answer func(context.Context, *phone.Incoming)) *phone.Phone {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: listen, Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// answers is a telephone that is picked up at once.
func answers(t *testing.T) (*phone.Phone, <-chan *phone.Call) {
	calls := make(chan *phone.Call, 4)
	return telephone(t, answering(t, calls)), calls
}

func answering(t *testing.T, calls chan<- *phone.Call) func(context.Context, *phone.Incoming) {
	return func(ctx context.Context, in *phone.Incoming) {
		_ = in.Ring()
		c, err := in.Accept(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		calls <- c
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	t.Cleanup(stop)
	return ctx
}

func wait[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s: waited for nothing", what)
		panic("unreachable")
	}
}

func listens(t *testing.T, c *phone.Call, want string) {
	t.Helper()
	if err := c.Hear(within(t), func(heard []byte) bool { return bytes.Contains(heard, []byte(want)) }); err != nil {
		t.Fatalf("%q was not heard, but %q: %v", want, c.Words(), err)
	}
}

// TestCallIn is a whole call: prompt, key, prompt, goodbye.
func TestCallIn(t *testing.T) {
	t.Parallel()
	d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), bye()}})
	l := open(t, d, nil)
	p := telephone(t, nil)
	c, err := p.Call(within(t), uri(l, "+358912345"), "+358401234567")
	if err != nil {
		t.Fatal(err)
	}
	listens(t, c, "welcome")
	press(t, c, "1")
	d.hears(t, "in 1 heard 1")
	listens(t, c, "goodbye")
	wait(t, c.Done(), "goodbye by the line")
	if got := d.caller(); got.From != "+358401234567" || got.To != "+358912345" || got.Line != "sip" || got.Talk == "" || got.Withheld {
		t.Errorf("the desk saw %+v", got)
	}
}

func TestCallerHangsUp(t *testing.T) {
	t.Parallel()
	d := newDesk(map[string][]ivr.Turn{"in": {ask("welcome"), bye()}})
	l := open(t, d, nil)
	c, err := telephone(t, nil).Call(within(t), uri(l, "1"), "+358401234567")
	if err != nil {
		t.Fatal(err)
	}
	listens(t, c, "welcome")
	if err := c.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	d.hears(t, "in 1 gone")
}

// TestRing is a call out, straight to a telephone.
func TestRing(t *testing.T) {
	t.Parallel()
	d := newDesk(map[string][]ivr.Turn{"agent": {ask("press_take"), bye()}})
	l := open(t, d, nil)
	p, calls := answers(t)
	dial := liveline.NewDialer(l.Holder())
	err := dial.Dial(within(t), callback.Ring{Talk: "agent", Addr: p.URI(), Ref: "ref-1", CallerID: "+358912345", Ring: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	c := wait(t, calls, "ringing telephone")
	if c.ID() != "ref-1" {
		t.Errorf("Call-ID %q, want that of the order", c.ID())
	}
	listens(t, c, "press_take")
	press(t, c, "1")
	d.hears(t, "agent 1 heard 1")
	listens(t, c, "goodbye")
	wait(t, c.Done(), "goodbye by the line")
	if err := dial.Drain(within(t)); err != nil {
		t.Error(err)
	}
}

// TestPromiseKept is what all of this is for: the agent takes the call, the
// customer is rung and takes it, and both hear each other.
func TestPromiseKept(t *testing.T) {
	t.Parallel()
	agent, agents := answers(t)
	customer, customers := answers(t)
	connect := ivr.Turn{Connect: &ivr.Connect{To: "customer", Addr: customer.URI(), Talk: "customer", Ref: "ref-c", Ring: time.Minute}}
	d := newDesk(map[string][]ivr.Turn{
		"agent":    {ask("press_take"), connect, ask("ask_solved"), bye()},
		"customer": {ask("callback_here"), {Connect: &ivr.Connect{To: ivr.Waiting}}, bye()},
	})
	l := open(t, d, nil)
	dial := liveline.NewDialer(l.Holder())
	if err := dial.Dial(within(t), callback.Ring{Talk: "agent", Addr: agent.URI(), Ref: "ref-a", Ring: time.Minute}); err != nil {
		t.Fatal(err)
	}
	a := wait(t, agents, "agent")
	listens(t, a, "press_take")
	press(t, a, "1")
	c := wait(t, customers, "customer")
	listens(t, a, "(waiting)")
	listens(t, c, "callback_here")
	press(t, c, "1")
	d.hears(t, "customer 1 heard 1")
	talkUntilHeard(t, a, c, "hello from the agent")
	talkUntilHeard(t, c, a, "hello from the customer")
	if err := c.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	d.hears(t, "agent 2 spoke")
	listens(t, a, "ask_solved")
	press(t, a, "1")
	listens(t, a, "goodbye")
	wait(t, a.Done(), "goodbye by the line")
	if err := dial.Drain(within(t)); err != nil {
		t.Error(err)
	}
	if n := l.Calls(); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

// press presses keys. The call may be over before the last one is let go.
func press(t *testing.T, c *phone.Call, keys string) {
	t.Helper()
	if err := c.Press(within(t), keys); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

// talkUntilHeard speaks until the other side hears it: the calls are joined a
// moment after the key.
func talkUntilHeard(t *testing.T, from, to *phone.Call, what string) {
	t.Helper()
	ctx := within(t)
	for {
		err := from.Say(ctx, []byte(what))
		if errors.Is(err, media.ErrKey) {
			_, err = from.Key(ctx) // the other side's key, let go when they were joined
		}
		if err != nil {
			t.Fatalf("%q was not heard, but %q: %v", what, to.Words(), err)
		}
		if bytes.Contains(to.Heard(), []byte(what)) {
			return
		}
	}
}
