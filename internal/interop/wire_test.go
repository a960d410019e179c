package interop

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A wire is a caller that is only a socket: it sends when it is told to, to
// the microsecond, which SIPp cannot.
type wire struct {
	conn *net.UDPConn

	mu    sync.Mutex
	calls map[string]chan string // what came, by Call-ID
}

func openWire(t testing.TB, s *service) *wire {
	t.Helper()
	to, err := net.ResolveUDPAddr("udp", s.sip)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{calls: map[string]chan string{}}
	if w.conn, err = net.DialUDP("udp", nil, to); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.conn.Close() })
	go w.listen()
	return w
}

func (w *wire) listen() {
	b := make([]byte, 65536)
	for {
		n, err := w.conn.Read(b)
		if err != nil {
			return
		}
		msg := string(b[:n])
		if id := callID.FindStringSubmatch(msg); id != nil {
			w.mu.Lock()
			c := w.calls[id[1]]
			w.mu.Unlock()
			if c != nil {
				c <- msg
			}
		}
	}
}

// A wireCall is one call of a wire.
type wireCall struct {
	*wire
	id  string
	tag string // of the other side, with its name: ;tag=...
	got chan string
}

func (w *wire) call(id string) *wireCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &wireCall{wire: w, id: id, got: make(chan string, 64)}
	w.calls[id] = c.got
	return c
}

const offer = `v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 9 RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000
`

// send sends a request. Requests of one transaction have one branch.
func (c *wireCall) send(method string, seq int, branch, body string) error {
	head := fmt.Sprintf(`%[1]s sip:+358912345@%[2]s SIP/2.0
Via: SIP/2.0/UDP %[3]s;rport;branch=z9hG4bK%[4]s%[5]s
From: <sip:+358401234500@%[3]s>;tag=%[5]s
To: <sip:+358912345@%[2]s>%[6]s
Call-ID: %[5]s
CSeq: %[7]d %[1]s
Contact: <sip:wire@%[3]s>
Max-Forwards: 70
`, method, c.conn.RemoteAddr(), c.conn.LocalAddr(), branch, c.id, c.tag, seq)
	if body != "" {
		head += "Content-Type: application/sdp\n"
	}
	head += fmt.Sprintf("Content-Length: %d\n\n", len(body)+strings.Count(body, "\n"))
	_, err := c.conn.Write(bytes.ReplaceAll([]byte(head+body), []byte("\n"), []byte("\r\n")))
	return err
}

var (
	final  = regexp.MustCompile(`^SIP/2\.0 ([2-6]\d\d) `)
	cseq   = regexp.MustCompile(`(?mi)^CSeq:\s*\d+ (\w+)`)
	theirs = regexp.MustCompile(`(?mi)^(?:To|t):.*(;tag=[^;\s]+)`)
)

// answer waits for the final answer to a request, and returns its code.
func (c *wireCall) answer(method string) (string, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case msg := <-c.got:
			code, of := final.FindStringSubmatch(msg), cseq.FindStringSubmatch(msg)
			if code == nil || of == nil || of[1] != method {
				continue
			}
			if tag := theirs.FindStringSubmatch(msg); tag != nil {
				c.tag = tag[1]
			}
			return code[1], nil
		case <-late.C:
			return "", errors.New("no answer to " + method)
		}
	}
}

// leave hangs up.
func (c *wireCall) leave() error {
	if err := c.send("BYE", 2, "bye", ""); err != nil {
		return err
	}
	if code, err := c.answer("BYE"); err != nil || code != "200" {
		return fmt.Errorf("the BYE was answered %s: %w", code, err)
	}
	return nil
}

// cancelled calls, gives up after so long, and hangs up if that was too late.
func (c *wireCall) cancelled(after time.Duration) (code string, err error) {
	if err := c.send("INVITE", 1, "in", offer); err != nil {
		return "", err
	}
	for began := time.Now(); time.Since(began) < after; { // no timer is as exact
	}
	if err := c.send("CANCEL", 1, "in", ""); err != nil {
		return "", err
	}
	if code, err = c.answer("INVITE"); err != nil {
		return "", err
	}
	switch code {
	case "487":
		return code, c.send("ACK", 1, "in", "")
	case "200":
		return code, errors.Join(c.send("ACK", 1, "ack", ""), c.leave())
	}
	return code, errors.New("answered " + code)
}

// TestCallersCancel lets callers give up within milliseconds, before, while and
// after they are answered. Each is told 487, or is let go; nothing stays behind.
func TestCallersCancel(t *testing.T) {
	t.Parallel()
	s := serve(t, oneQueue("sip:anna@127.0.0.1:9", openCarrier(t).addr(), ""))
	w := openWire(t, s)
	const n = 200
	codes := map[string]int{}
	for i := range n {
		code, err := w.call(fmt.Sprintf("cancel-%d", i)).cancelled(rand.N(3 * time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		codes[code]++
	}
	t.Logf("%d were told 487, %d answered and let go", codes["487"], codes["200"])
	eventually(t, patience, "no call is up", func() bool { return s.live() == "0" })
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the service wrote:\n%s", s.log.String())
	}
}
