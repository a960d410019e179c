package sipline

import (
	"fmt"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

// TestFlood is attack A4 and trap S7 from a source that is listed: above the
// cap each new call is answered once by 503, and live calls are not hurt.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := menu()
		l, p, _ := virtual(t, newNetwork(1), d, func(c *Config) { c.MaxCalls = 50 })
		up(p, "live")
		const calls = 1500
		for i := range calls {
			p.send(request("INVITE", fmt.Sprint("flood", i), toUs, 1, sdpOffer))
		}
		synctest.Wait()
		got := p.count()
		if got["SIP/2.0 503 Service Unavailable"] != calls-49 || got["SIP/2.0 200 OK"] != 49 {
			t.Errorf("answered %v, want 49 taken and the others sent away", got)
		}
		if n := l.Calls(); n != 50 {
			t.Errorf("%d calls are up, want 50", n)
		}
		pass(20 * time.Second)
		if got := p.count(); got["SIP/2.0 503 Service Unavailable"] != 0 {
			t.Errorf("%v: a refusal was repeated", got)
		}
		pass(time.Minute)
		if n := l.Calls(); n != 1 {
			t.Errorf("%d calls are up, want the one that was there before", n)
		}
	})
}

// TestRateOfOneSource holds that one source cannot take all the time there is.
func TestRateOfOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), menu(), nil)
		for i := range packetsBurst + 500 {
			p.send(request("OPTIONS", fmt.Sprint("o", i), toUs, 1))
			if i%500 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if got := l.Counts().Flooded; got < 400 {
			t.Errorf("%d messages above the rate were dropped, want 500 or a little less", got)
		}
		pass(5 * time.Second)
		p.all()
		p.send(request("OPTIONS", "later", toUs, 1))
		p.gets("SIP/2.0 200")
	})
}

// TestFloodOnLoopback is attack A4 with real sockets: strangers shout, the
// carrier's calls all stand, and memory does not grow. Memory is that of the
// whole process, so nothing else runs beside it.
func TestFloodOnLoopback(t *testing.T) {
	d := newDesk(map[string][]ivr.Turn{"in": {bye()}})
	l := open(t, d, nil) // 127.0.0.1 is the carrier
	stranger, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)}, net.UDPAddrFromAddrPort(l.Addrs()[0]))
	if err != nil {
		t.Skipf("no second address on loopback: %v", err)
	}
	defer stranger.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, stopped := make(chan struct{}), make(chan int)
	invite := []byte(request("INVITE", "s", toUs, 1, sdpOffer))
	go func() { // 2,000 a second
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for sent := 0; ; sent += 20 {
			select {
			case <-stop:
				stopped <- sent
				return
			case <-tick.C:
			}
			for range 20 {
				_, _ = stranger.Write(invite)
			}
		}
	}()
	p := telephone(t, nil)
	const calls = 10
	for i := range calls {
		c, err := p.Call(within(t), uri(l, "+358912345"), "+358401234567")
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		wait(t, c.Done(), "goodbye by the line")
	}
	close(stop)
	sent := <-stopped
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d INVITEs of strangers, %+v, heap %+d KB", sent, l.Counts(), grown>>10)
	if err := stranger.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := stranger.Read(make([]byte, 100)); err == nil {
		t.Errorf("%d bytes were answered", n)
	}
	if l.Counts().Denied == 0 {
		t.Error("no stranger was heard at all")
	}
	if grown > 20<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}
