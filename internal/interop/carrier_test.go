package interop

import (
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A carrier is the trunk: it answers OPTIONS, and puts each call through to
// the telephone that has the number. It only passes messages on, so that what
// is spoken is the SIP of those on both sides.
type carrier struct {
	t       testing.TB
	outside *net.UDPConn

	mu      sync.Mutex
	service *net.UDPAddr
	phones  map[string]*net.UDPConn // by number
	calls   map[string]*net.UDPConn // by Call-ID
	invited map[string]time.Time    // when a number was first called
}

func openCarrier(t testing.TB) *carrier {
	t.Helper()
	c := &carrier{
		t: t, phones: map[string]*net.UDPConn{}, calls: map[string]*net.UDPConn{}, invited: map[string]time.Time{},
	}
	var err error
	if c.outside, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.outside.Close() })
	go c.serve()
	return c
}

func (c *carrier) addr() string { return c.outside.LocalAddr().String() }

// connect gives a telephone its numbers.
func (c *carrier) connect(phone *sipp, numbers ...string) {
	c.t.Helper()
	inside, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: phone.port})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { inside.Close() })
	go c.back(inside)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range numbers {
		c.phones[n] = inside
	}
}

// back passes on what a telephone says.
func (c *carrier) back(inside *net.UDPConn) {
	b := make([]byte, 65536)
	for {
		n, err := inside.Read(b)
		if err != nil {
			return
		}
		c.mu.Lock()
		to := c.service
		c.mu.Unlock()
		_, _ = c.outside.WriteToUDP(b[:n], to)
	}
}

func (c *carrier) serve() {
	b := make([]byte, 65536)
	for {
		n, from, err := c.outside.ReadFromUDP(b)
		if err != nil {
			return
		}
		msg := string(b[:n])
		if strings.HasPrefix(msg, "OPTIONS ") {
			_, _ = c.outside.WriteToUDP([]byte(okay(msg)), from)
			continue
		}
		if phone := c.route(msg, from); phone != nil {
			_, _ = phone.Write(b[:n])
		}
	}
}

var (
	dialled = regexp.MustCompile(`^INVITE sip:([^@]+)@`)
	callID  = regexp.MustCompile(`(?mi)^(?:Call-ID|i):\s*(\S+)`)
)

// route finds the telephone that a message is for.
func (c *carrier) route(msg string, from *net.UDPAddr) *net.UDPConn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.service = from
	id := callID.FindStringSubmatch(msg)
	if id == nil {
		return nil
	}
	if phone := c.calls[id[1]]; phone != nil {
		return phone
	}
	to := dialled.FindStringSubmatch(msg)
	if to == nil {
		return nil
	}
	if _, ok := c.invited[to[1]]; !ok {
		c.invited[to[1]] = time.Now()
	}
	c.calls[id[1]] = c.phones[to[1]]
	return c.phones[to[1]]
}

// calledAt is when a number was first called.
func (c *carrier) calledAt(number string) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.invited[number]
	return at, ok
}

// okay answers a request by 200.
func okay(msg string) string {
	out := []string{"SIP/2.0 200 OK"}
	for line := range strings.SplitSeq(msg, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "via", "v", "from", "f", "call-id", "i", "cseq":
			out = append(out, line)
		case "to", "t":
			out = append(out, line+";tag=carrier")
		}
	}
	return strings.Join(append(out, "Content-Length: 0", "", ""), "\r\n")
}
