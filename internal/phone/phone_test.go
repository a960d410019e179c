package phone

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// patience bounds what should happen at once, on a machine that is busy.
const patience = 5 * time.Minute

func open(t *testing.T, answer func(context.Context, *Incoming)) *Phone {
	t.Helper()
	p, err := Open(Config{Listen: "127.0.0.1:0", Answer: answer})
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

// pair is a call from one phone to another, seen from both ends.
func pair(t *testing.T) (near, far *Call) {
	t.Helper()
	calls := make(chan *Call, 1)
	b := open(t, func(ctx context.Context, in *Incoming) {
		if err := in.Ring(); err != nil {
			t.Error(err)
		}
		c, err := in.Accept(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		calls <- c
	})
	near, err := open(t, nil).Call(within(t), b.URI(), "+358401234567")
	if err != nil {
		t.Fatal(err)
	}
	return near, wait(t, calls, "answered call")
}

func TestWordsAreHeard(t *testing.T) {
	t.Parallel()
	near, far := pair(t)
	if err := near.Say(within(t), []byte("hello, this is the caller")); err != nil {
		t.Fatal(err)
	}
	hears(t, far, "hello, this is the caller")
	if err := far.Say(within(t), []byte("and this is the desk")); err != nil {
		t.Fatal(err)
	}
	hears(t, near, "and this is the desk")
}

func hears(t *testing.T, c *Call, want string) {
	t.Helper()
	if err := c.Hear(within(t), func(heard []byte) bool { return bytes.Contains(heard, []byte(want)) }); err != nil {
		t.Fatalf("%q was not heard: %v", want, err)
	}
	if got := c.Words(); got != want {
		t.Errorf("got words %q, want %q", got, want)
	}
}

func TestKeysArriveOnce(t *testing.T) {
	t.Parallel()
	near, far := pair(t)
	const keys = "1590*#"
	if err := near.Press(within(t), keys); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for range len(keys) {
		k, err := far.Key(within(t))
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, k)
	}
	if string(got) != keys {
		t.Errorf("got keys %q, want %q", got, keys)
	}
}

func TestHangup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ends func(near, far *Call) *Call
		want [2]Side
	}{
		{"the caller", func(near, _ *Call) *Call { return near }, [2]Side{ByUs, ByThem}},
		{"the called", func(_, far *Call) *Call { return far }, [2]Side{ByThem, ByUs}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			near, far := pair(t)
			if err := tt.ends(near, far).Hangup(within(t)); err != nil {
				t.Fatal(err)
			}
			wait(t, near.Done(), "near end")
			wait(t, far.Done(), "far end")
			if got := [2]Side{near.EndedBy(), far.EndedBy()}; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTonesAreTold(t *testing.T) {
	t.Parallel()
	near, far := pair(t)
	if err := near.Say(within(t), near.Tone(440, 25)); err != nil {
		t.Fatal(err)
	}
	strong := func(hz float64) func([]byte) bool {
		return func(heard []byte) bool {
			return len(heard) >= 1600 && far.Strength(heard[len(heard)-1600:], hz) > 0.9
		}
	}
	if err := far.Hear(within(t), strong(440)); err != nil {
		t.Errorf("440 Hz was not heard: %v", err)
	}
	if strong(697)(far.Heard()) {
		t.Error("697 Hz was heard, and nobody sent it")
	}
}

func TestNotAnswered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer func(context.Context, *Incoming)
		want   int
	}{
		{"nobody decides what to do", nil, sip.StatusBusyHere},
		{"left to ring by a handler", func(_ context.Context, in *Incoming) { in.Ring() }, sip.StatusTemporarilyUnavailable},
		{"rejected", func(_ context.Context, in *Incoming) { in.Refuse(sip.StatusGlobalDecline, "Decline") }, sip.StatusGlobalDecline},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, nil).Call(within(t), open(t, tt.answer).URI(), "caller")
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Code != tt.want {
				t.Errorf("got %v, want status %d", err, tt.want)
			}
		})
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	rings, gone, accepted := make(chan bool, 1), make(chan bool, 1), make(chan error, 1)
	b := open(t, func(ctx context.Context, in *Incoming) {
		in.Ring()
		rings <- true
		select {
		case <-in.Gone():
			gone <- true
		case <-ctx.Done():
		}
		_, err := in.Accept(ctx)
		accepted <- err
	})
	ctx, stop := context.WithCancel(within(t))
	called := make(chan error, 1)
	a := open(t, nil)
	go func() {
		_, err := a.Call(ctx, b.URI(), "caller")
		called <- err
	}()
	wait(t, rings, "ringing")
	stop()
	if err := wait(t, called, "end of the call"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	wait(t, gone, "CANCEL")
	if err := wait(t, accepted, "accept"); !errors.Is(err, ErrCancelled) {
		t.Errorf("accepted a call that was cancelled: %v", err)
	}
}

// TestManyProvisionals rings 30 times before it answers: a carrier may.
func TestManyProvisionals(t *testing.T) {
	t.Parallel()
	b := open(t, func(ctx context.Context, in *Incoming) {
		for range 30 {
			if err := in.Ring(); err != nil {
				t.Error(err)
			}
		}
		if _, err := in.Accept(ctx); err != nil {
			t.Error(err)
		}
	})
	c, err := open(t, nil).Call(within(t), b.URI(), "caller")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Hangup(within(t)); err != nil {
		t.Error(err)
	}
}

// TestLateOffer answers an INVITE that has no SDP: ours comes in the 200.
func TestLateOffer(t *testing.T) {
	t.Parallel()
	answered := make(chan *Call, 1)
	b := open(t, func(ctx context.Context, in *Incoming) {
		c, err := in.Accept(ctx)
		if err != nil {
			t.Error(err)
		}
		answered <- c
	})
	a := open(t, nil)
	s, err := a.newSound()
	if err != nil {
		t.Fatal(err)
	}
	invite, err := a.invite(b.URI(), "caller", nil)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := a.client.TransactionRequest(within(t), invite)
	if err != nil {
		t.Fatal(err)
	}
	res, err := a.final(within(t), invite, tx)
	if err != nil {
		t.Fatal(err)
	}
	sdp, err := s.answer(res.Body())
	if err != nil {
		t.Fatal(err)
	}
	c := a.newCall(called(invite, res), s)
	ack := c.dialog.ack(invite.CSeq().SeqNo)
	ack.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	ack.SetBody(sdp)
	if err := a.client.WriteRequest(ack, addVia); err != nil {
		t.Fatal(err)
	}
	far := wait(t, answered, "answered call")
	if err := far.Say(within(t), []byte("late")); err != nil {
		t.Fatal(err)
	}
	hears(t, c, "late")
}

// TestUnknownDialog refuses requests for calls that do not exist.
func TestUnknownDialog(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	for _, method := range []sip.RequestMethod{sip.BYE, sip.INFO} {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			if code := ask(t, b, method); code != sip.StatusCallTransactionDoesNotExists {
				t.Errorf("got %d, want 481", code)
			}
		})
	}
	if code := ask(t, b, sip.OPTIONS); code != sip.StatusOK {
		t.Errorf("OPTIONS: got %d, want 200", code)
	}
}

func ask(t *testing.T, b *Phone, method sip.RequestMethod) int {
	t.Helper()
	ua, err := sipgo.NewUA()
	if err != nil {
		t.Fatal(err)
	}
	defer ua.Close()
	client, err := sipgo.NewClient(ua, sipgo.WithClientHostname("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	target, err := b.uri(b.URI())
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(within(t), sip.NewRequest(method, target))
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func TestOpenOnTakenPort(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if p, err := Open(Config{Listen: c.LocalAddr().String()}); err == nil {
		p.Close()
		t.Error("opened a phone on a port that is taken")
	}
}

// TestTCP has two telephones speak over a connection.
func TestTCP(t *testing.T) {
	t.Parallel()
	calls := make(chan *Call, 1)
	b, err := Open(Config{Listen: "127.0.0.1:0", TCP: true, Answer: func(ctx context.Context, in *Incoming) {
		if c, err := in.Accept(ctx); err == nil {
			calls <- c
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	near, err := open(t, nil).Call(within(t), b.URI()+";transport=tcp", "+358401234567")
	if err != nil {
		t.Fatal(err)
	}
	far := wait(t, calls, "answered call")
	if got := far.dialog.transport; got != "TCP" {
		t.Errorf("they speak over %s", got)
	}
	if err := far.Say(within(t), []byte("hello over a connection")); err != nil {
		t.Fatal(err)
	}
	hears(t, near, "hello over a connection")
	if err := far.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	wait(t, near.Done(), "end of the call")
}

// TestWhatCannotBeRead holds that neither strangers nor a handler that breaks put
// a telephone out of service.
func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := open(t, func(context.Context, *Incoming) { panic("a broken handler") })
	conn, err := net.Dial("udp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, msg := range []string{
		"", "\r\n", "nonsense", "INVITE sip:x@y SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
		"INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n",
		"BYE sip:x@y SIP/2.0\r\nVia: \r\nFrom: <\r\nTo: \r\nCall-ID: \r\nCSeq: x\r\nContent-Length: -1\r\n\r\n",
	} {
		if _, err := conn.Write([]byte(msg)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		_, err = open(t, nil).Call(within(t), p.URI(), "+358401234567")
		if no, ok := errors.AsType[*RefusedError](err); !ok || no.Code != 500 {
			t.Errorf("a broken handler answers %v, want 500", err)
		}
	}
	if code := ask(t, p, sip.OPTIONS); code != 200 {
		t.Errorf("OPTIONS is answered %d", code)
	}
}
