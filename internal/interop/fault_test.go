package interop

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// oneQueue is a service with one agent, whose telephone is there.
func oneQueue(agent, trunk, sip string) string {
	return fmt.Sprintf(`sip:
  listen: [udp:SIP]
%s
  trunks: {carrier: {host: %s, max_calls: 500, calls_per_second: 100}}
callbacks: {slot: 1m, lead: 0s, permitted: "00:00-24:00", allow_regions: [FI]}
numbers: {"+358912345": {menu: main, queue: billing}}
agents: {anna: {name: Anna, phone: %q}}
queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}, dialing: agent_first, wrap_up: 1s}}
`, sip, trunk, agent)
}

// live is how many calls the service has up.
func (s *service) live() string {
	_, page := s.get("/metrics")
	for line := range strings.SplitSeq(page, "\n") {
		if n, ok := strings.CutPrefix(line, "holdless_calls_live "); ok {
			return n
		}
	}
	return "unknown"
}

// TestCustomerVanishes frees everybody when a customer is gone who never said
// goodbye: no sound comes from him any more.
func TestCustomerVanishes(t *testing.T) {
	t.Parallel()
	c := openCarrier(t)
	customer, agent := answers(t, "customer_vanishes", "-m", "1"), answers(t, "agent")
	const who = "+358401234300"
	c.connect(customer, who)
	s := serve(t, oneQueue(agent.uri("anna"), c.addr(), "  silence: 3s"))
	id := s.book("billing", who, nearMinute())
	p := s.comes(id, "done", 3*patience)
	if got := p.calls("customer"); len(got) != 1 || got[0] != "spoke" {
		t.Errorf("the calls to the customer ended %v", got)
	}
	customer.wait(patience)
	agent.leave()
	if !strings.Contains(s.log.String(), "no sound for") {
		t.Error("nobody noticed that the customer was gone")
	}
	eventually(t, patience, "no call is up", func() bool { return s.live() == "0" })
	var team []struct{ State string }
	eventually(t, patience, "the agent is free", func() bool {
		err := s.ask(&team, "agents", "list")
		return err == nil && len(team) == 1 && team[0].State == "available"
	})
}

const (
	floodRate = 2000 // INVITE a second
	floodTime = 5 * time.Second
)

// TestFlood has a stranger send INVITEs: he gets not a byte, the service does
// not grow, and the known trunk does not notice.
func TestFlood(t *testing.T) {
	t.Parallel()
	s := serve(t, oneQueue("sip:anna@127.0.0.1:9", openCarrier(t).addr(), ""))
	before := s.rss()
	stranger, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)})
	if err != nil {
		t.Skipf("127.0.0.2 is not an address of this machine: %v", err)
	}
	var answered atomic.Int64
	var reading sync.WaitGroup
	reading.Go(func() {
		b := make([]byte, 65536)
		for {
			n, _, err := stranger.ReadFromUDP(b)
			if err != nil {
				return
			}
			answered.Add(int64(n))
		}
	})
	known := calls(t, s, "caller_short", "+358401234302", "-s", number, "-m", "50", "-r", "10")
	sent := flood(t, stranger, s.sip)
	known.wait(patience)
	grown := s.rss() - before
	stranger.Close()
	reading.Wait()
	t.Logf("%d INVITEs in %v: %d bytes answered, %.0f MB more than before", sent, floodTime, answered.Load(), grown)
	if n := answered.Load(); n != 0 {
		t.Errorf("%d bytes were answered to a stranger", n)
	}
	if grown > 64 {
		t.Errorf("the service grew by %.0f MB", grown)
	}
	if strings.Count(s.log.String(), "\n") > 500 {
		t.Error("a stranger fills the log")
	}
}

// flood sends INVITEs of a new call each, at an even pace.
func flood(t *testing.T, from *net.UDPConn, to string) (sent int) {
	t.Helper()
	addr, err := net.ResolveUDPAddr("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < floodTime; <-tick.C {
		for due := int(time.Since(began).Seconds() * floodRate); sent < due; sent++ {
			_, _ = from.WriteToUDP(strange(from.LocalAddr(), to, sent), addr) // a full buffer is a lost packet
		}
	}
	return sent
}

func strange(from net.Addr, to string, n int) []byte {
	return bytes.ReplaceAll(fmt.Appendf(nil, `INVITE sip:+358912345@%[2]s SIP/2.0
Via: SIP/2.0/UDP %[1]s;rport;branch=z9hG4bK-%[3]d
From: <sip:+358401234303@%[1]s>;tag=%[3]d
To: <sip:+358912345@%[2]s>
Call-ID: flood-%[3]d
CSeq: 1 INVITE
Contact: <sip:stranger@%[1]s>
Max-Forwards: 70
Content-Length: 0

`, from, to, n), []byte("\n"), []byte("\r\n"))
}

// rss is how much memory the service has, in MB.
func (s *service) rss() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Skipf("this machine does not tell how much memory a program has: %v", err)
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		s.t.Fatal("the service has no memory")
	}
	kb, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return kb / 1024
}
