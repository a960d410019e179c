package sipline

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A network is one without sockets, so that a bubble of virtual time can
// hold it. It can lose packets, double them, and bring them late.
type network struct {
	loss, twice   float64
	delay, jitter time.Duration

	mu   sync.Mutex
	rng  *rand.Rand
	ends map[string]*end
}

func newNetwork(seed uint64) *network {
	return &network{rng: rand.New(rand.NewPCG(seed, 1)), ends: map[string]*end{}}
}

type datagram struct {
	data []byte
	from net.Addr
}

// An end is one address on the network. It is a [net.PacketConn].
type end struct {
	net    *network
	addr   *net.UDPAddr
	in     chan datagram
	closed chan struct{}
	once   sync.Once
}

// listen opens an address. With port 0 it gets whatever is sent to that host
// and no other end takes.
func (n *network) listen(addr string) *end {
	e := &end{
		net: n, addr: net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)),
		in: make(chan datagram, 4096), closed: make(chan struct{}),
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ends[e.addr.String()] = e
	return e
}

func (n *network) find(to net.Addr) *end {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.ends[to.String()]; e != nil {
		return e
	}
	host, _, _ := net.SplitHostPort(to.String())
	return n.ends[net.JoinHostPort(host, "0")]
}

// fate says after which delays a packet arrives: not at all, once or twice.
func (n *network) fate() (delays []time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	copies := 1
	if n.rng.Float64() < n.twice {
		copies = 2
	}
	for range copies {
		if n.rng.Float64() < n.loss {
			continue
		}
		d := n.delay
		if n.jitter > 0 {
			d += time.Duration(n.rng.Int64N(int64(n.jitter)))
		}
		delays = append(delays, d)
	}
	return delays
}

func (e *end) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case d := <-e.in:
		return copy(b, d.data), d.from, nil
	case <-e.closed:
		return 0, nil, net.ErrClosed
	}
}

func (e *end) WriteTo(b []byte, to net.Addr) (int, error) {
	d := datagram{append([]byte(nil), b...), e.addr}
	for _, delay := range e.net.fate() {
		deliver := func() {
			if far := e.net.find(to); far != nil {
				select {
				case far.in <- d:
				default:
				}
			}
		}
		if delay == 0 {
			deliver()
			continue
		}
		time.AfterFunc(delay, deliver)
	}
	return len(b), nil
}

func (e *end) Close() error                     { e.once.Do(func() { close(e.closed) }); return nil }
func (e *end) LocalAddr() net.Addr              { return e.addr }
func (e *end) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (e *end) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (e *end) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

// A peer is somebody who speaks SIP by hand: it sends what it is told, and
// writes down what it gets.
type peer struct {
	t     *testing.T
	end   *end
	line  net.Addr
	got   chan string
	quiet atomic.Bool // does not even answer OPTIONS and BYE
}

// peer puts somebody at an address, who talks to the line.
func (n *network) peer(t *testing.T, addr string, line net.Addr) *peer {
	t.Helper()
	p := &peer{t: t, end: n.listen(addr), line: line, got: make(chan string, 4096)}
	go p.read()
	t.Cleanup(func() { p.end.Close() })
	return p
}

func (p *peer) read() {
	b := make([]byte, 65536)
	for {
		n, _, err := p.end.ReadFrom(b)
		if err != nil {
			return
		}
		msg := string(b[:n])
		if !p.quiet.Load() && (strings.HasPrefix(msg, "OPTIONS ") || strings.HasPrefix(msg, "BYE ") || strings.HasPrefix(msg, "CANCEL ")) {
			p.send(answer(msg, "200 OK", ""))
		}
		if strings.HasPrefix(msg, "OPTIONS ") {
			continue
		}
		p.got <- msg
	}
}

func (p *peer) send(msg string) {
	if _, err := p.end.WriteTo([]byte(msg), p.line); err != nil {
		p.t.Error(err)
	}
}

// gets waits for a message that begins so, and leaves out others.
func (p *peer) gets(begin string) string {
	p.t.Helper()
	late := time.NewTimer(2 * time.Minute)
	defer late.Stop()
	var others []string
	for {
		select {
		case msg := <-p.got:
			if strings.HasPrefix(msg, begin) {
				return msg
			}
			others = append(others, firstLine(msg))
		case <-late.C:
			p.t.Fatalf("%s never came, but %q", begin, others)
		}
	}
}

// all takes what has come so far.
func (p *peer) all() (msgs []string) {
	for {
		select {
		case msg := <-p.got:
			msgs = append(msgs, msg)
		default:
			return msgs
		}
	}
}

// count counts what has come so far by its first line.
func (p *peer) count() map[string]int {
	lines := map[string]int{}
	for _, msg := range p.all() {
		line := firstLine(msg)
		if !strings.HasPrefix(line, "SIP/") {
			line, _, _ = strings.Cut(line, " ")
		}
		lines[line]++
	}
	return lines
}

func firstLine(msg string) string {
	line, _, _ := strings.Cut(msg, "\r\n")
	return line
}

// field returns the value of a header field.
func field(msg, name string) string {
	for _, line := range headLines([]byte(msg)) {
		n, v, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(n), name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// answer builds the answer to a request. Tag names the side that answers.
func answer(req, status, tag string, more ...string) string {
	to := field(req, "To")
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	body := ""
	var head []string
	for _, m := range more {
		if strings.HasPrefix(m, "v=0") {
			body = m
			head = append(head, "Content-Type: application/sdp")
			continue
		}
		head = append(head, m)
	}
	lines := append([]string{
		"SIP/2.0 " + status, "Via: " + field(req, "Via"), "From: " + field(req, "From"), "To: " + to,
		"Call-ID: " + field(req, "Call-ID"), "CSeq: " + field(req, "CSeq"),
	}, head...)
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	return strings.Join(lines, "\r\n")
}

const sdpOffer = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n" +
	"m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"

// request builds a request from 10.0.0.9 as a trunk sends it.
func request(method, callID, to string, seq int, more ...string) string {
	body := ""
	var head []string
	for _, m := range more {
		if strings.HasPrefix(m, "v=0") {
			body = m
			head = append(head, "Content-Type: application/sdp")
			continue
		}
		head = append(head, m)
	}
	cseq := method
	lines := append([]string{
		method + " sip:+358912345@10.0.0.1 SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK%s%s%d", callID, method, seq),
		"From: <sip:+358401234567@10.0.0.9>;tag=them", "To: " + to,
		"Call-ID: " + callID, fmt.Sprintf("CSeq: %d %s", seq, cseq), "Max-Forwards: 70",
		"Contact: <sip:carrier@10.0.0.9:5060>",
	}, head...)
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	return strings.Join(lines, "\r\n")
}

const toUs = "<sip:+358912345@10.0.0.1>"
