package phone

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// A Question is an OPTIONS for another end (RFC 3261, 11), over its transport.
type Question struct {
	Network string      // udp, tcp or tls
	Addr    string      // host:port
	Name    string      // as the other end calls itself; the host of Addr when empty
	TLS     *tls.Config // for tls
}

// Seen is what an answer tells.
type Seen struct {
	Code  int
	Local netip.AddrPort // where we asked from
	From  netip.AddrPort // where the other end saw us (RFC 3581, 4); zero when it does not tell
	Peer  netip.AddrPort // who answered
	Date  time.Time      // the other end's clock (RFC 3261, 20.17); zero when it does not tell
	Took  time.Duration
}

// Ask puts a question without a telephone that listens, and waits for the
// answer as long as ctx lasts.
func Ask(ctx context.Context, q Question) (Seen, error) {
	conn, err := q.dial(ctx)
	if err != nil {
		return Seen{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // it is closed again below
	defer stop()
	seen, err := q.ask(ctx, conn)
	if ctx.Err() != nil {
		err = fmt.Errorf("no answer: %w", context.Cause(ctx))
	}
	return seen, errors.Join(err, ignoreClosed(conn.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (q Question) dial(ctx context.Context) (net.Conn, error) {
	switch q.Network {
	case "tls":
		return (&tls.Dialer{Config: q.TLS}).DialContext(ctx, "tcp", q.Addr)
	case "tcp", "udp":
		return (&net.Dialer{}).DialContext(ctx, q.Network, q.Addr)
	}
	return nil, fmt.Errorf("%q is none of udp, tcp, tls", q.Network)
}

func (q Question) ask(ctx context.Context, conn net.Conn) (Seen, error) {
	branch := "z9hG4bK" + rand.Text() // RFC 3261, 8.1.1.7
	msg, began := q.message(conn.LocalAddr().String(), branch), time.Now()
	done := make(chan struct{})
	defer close(done)
	if q.Network == "udp" {
		go repeat(conn, msg, done)
	} else if _, err := io.WriteString(conn, msg); err != nil {
		return Seen{}, err
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	for ctx.Err() == nil {
		res, err := q.read(in)
		if err != nil {
			return Seen{}, err
		}
		if via := res.Via(); via == nil || via.Params == nil || branchOf(via) != branch || res.StatusCode < 200 {
			continue
		}
		seen := seenIn(res)
		seen.Took = time.Since(began)
		seen.Local, _ = netip.ParseAddrPort(conn.LocalAddr().String())
		seen.Peer, _ = netip.ParseAddrPort(conn.RemoteAddr().String())
		return seen, nil
	}
	return Seen{}, ctx.Err()
}

// repeat sends a question until it is answered (RFC 3261, 17.1.2.2: T1, doubled).
func repeat(conn net.Conn, msg string, done <-chan struct{}) {
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 4*time.Second) {
		if _, err := io.WriteString(conn, msg); err != nil {
			return // the reader hears of it too
		}
		select {
		case <-time.After(pause):
		case <-done:
			return
		}
	}
}

func (q Question) message(local, branch string) string {
	name := q.Name
	if name == "" {
		name, _, _ = net.SplitHostPort(q.Addr)
	}
	uri := "sip:" + name
	return strings.Join([]string{
		"OPTIONS " + uri + " SIP/2.0",
		"Via: SIP/2.0/" + strings.ToUpper(q.Network) + " " + local + ";rport;branch=" + branch,
		"Max-Forwards: 70",
		"From: <sip:holdless@" + local + ">;tag=" + rand.Text(),
		"To: <" + uri + ">",
		"Call-ID: " + rand.Text(),
		"CSeq: 1 OPTIONS",
		"Contact: <sip:holdless@" + local + ">",
		"Accept: application/sdp",
		"Content-Length: 0", "", "",
	}, "\r\n")
}

// read reads one answer: a packet, or as much of a stream.
func (q Question) read(in *bufio.Reader) (*sip.Response, error) {
	var head strings.Builder
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		blank := strings.TrimRight(line, "\r\n") == ""
		if blank && head.Len() == 0 {
			continue // RFC 3261, 7.5: what keeps a stream alive
		}
		head.WriteString(line)
		if name, value, ok := strings.Cut(line, ":"); ok && isLength(name) {
			length, _ = strconv.Atoi(strings.TrimSpace(value)) // what is no number has no body
		}
		if blank {
			break
		}
		if head.Len() > 64<<10 {
			return nil, errors.New("the answer is no SIP")
		}
	}
	body := make([]byte, max(0, min(length, 64<<10)))
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	msg, err := sip.ParseMessage([]byte(head.String() + string(body)))
	if err != nil {
		return nil, fmt.Errorf("the answer is no SIP: %w", err)
	}
	res, ok := msg.(*sip.Response)
	if !ok {
		return nil, errors.New("the answer is a question")
	}
	return res, nil
}

func isLength(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return name == "content-length" || name == "l" // RFC 3261, 20.14
}

func branchOf(via *sip.ViaHeader) string {
	branch, _ := via.Params.Get("branch")
	return branch
}

// seenIn reads what an answer tells about us, and about its sender's clock.
func seenIn(res *sip.Response) Seen {
	seen := Seen{Code: res.StatusCode}
	received, _ := res.Via().Params.Get("received")
	rport, _ := res.Via().Params.Get("rport")
	if received == "" && rport != "" { // RFC 3581, 4 asks for both; some tell the port alone
		received = res.Via().Host
	}
	if ip, err := netip.ParseAddr(strings.Trim(received, "[]")); err == nil {
		port, _ := strconv.ParseUint(rport, 10, 16) // 0 when it is not told
		seen.From = netip.AddrPortFrom(ip.Unmap(), uint16(port))
	}
	if h := res.GetHeader("Date"); h != nil {
		if at, err := time.Parse(time.RFC1123, h.Value()); err == nil {
			seen.Date = at
		}
	}
	return seen
}
