package phone

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// TestNobodyThere calls a port at which nothing is: that is told long before
// the transaction would end.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = open(t, nil).Call(within(t), "sip:x@"+addr, "+358401234567")
	if err == nil || !strings.Contains(err.Error(), "nothing listens at "+addr) {
		t.Errorf("got %v, want that nothing listens at %s", err, addr)
	}
}

// TestLateAnswer calls somebody who is there, and busy, but says so only after
// somebody has looked.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p, ctx, failed := open(t, nil), within(t), make(chan error, 1)
	go func() {
		_, err := p.Call(ctx, "sip:x@"+conn.LocalAddr().String(), "+358401234567")
		failed <- err
	}()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	var invite []byte
	var caller net.Addr
	for looked := false; !looked || invite == nil; {
		b := make([]byte, 2000)
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		if string(b[:n]) == "\r\n\r\n" {
			looked = true
			continue
		}
		invite, caller = b[:n], from
	}
	msg, err := sip.ParseMessage(invite)
	if err != nil {
		t.Fatal(err)
	}
	busy := sip.NewResponseFromRequest(msg.(*sip.Request), 486, "Busy Here", nil)
	if _, err := conn.WriteTo([]byte(busy.String()), caller); err != nil {
		t.Fatal(err)
	}
	if refused, ok := errors.AsType[*RefusedError](wait(t, failed, "the answer")); !ok || refused.Code != 486 {
		t.Errorf("got %v, want that it is busy", refused)
	}
}
