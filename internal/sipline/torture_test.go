package sipline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// torture returns the messages of RFC 4475 and RFC 5118 with what is to be
// done with each. They lie beside the repository.
func torture(t *testing.T) []tortureCase {
	t.Helper()
	root := os.Getenv("HOLDLESS_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "torture")
	f, err := os.Open(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Skipf("torture messages are not here: set HOLDLESS_SHARED (%v)", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []tortureCase
	for _, row := range rows[1:] {
		data, err := os.ReadFile(filepath.Join(dir, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, tortureCase{name: strings.TrimSuffix(row[0], ".dat"), class: row[4], expected: row[5], data: data})
	}
	if len(all) != 62 { // 50 for RFC 4475, 12 for RFC 5118
		t.Fatalf("%d torture messages are here, want 62", len(all))
	}
	return all
}

type tortureCase struct {
	name, class, expected string
	data                  []byte
}

var codes = regexp.MustCompile(`\b([1-6])(\d\d|xx)\b`)

// accepts reports whether an answer is one that the RFC has in mind; 0 is no
// answer at all.
func (c tortureCase) accepts(code int) bool {
	switch {
	case c.class == "DROP", strings.Contains(c.expected, "(response)"):
		return code == 0
	case code == 0:
		return c.expected == "-" || strings.Contains(c.expected, "drop")
	case bytes.HasPrefix(c.data, []byte("REGISTER")) && code == 405:
		return true // we are no registrar, and may say so
	case c.expected == "-":
		return code == 400
	case slices.Contains([]string{"rfc4475-wsinv", "rfc4475-inv2543"}, c.name) && code == 400:
		return true // the branch of RFC 2543 is not served
	case c.class == "EITHER" && (code/100 == 2 || code == 400 || code == 481 || code == 501):
		return true
	}
	for _, m := range codes.FindAllStringSubmatch(c.expected, -1) {
		if m[2] == "xx" && strconv.Itoa(code/100) == m[1] || m[1]+m[2] == strconv.Itoa(code) {
			return true
		}
	}
	return false
}

// code returns the first final answer among messages, 0 when there is none.
func code(msgs []string) int {
	for _, m := range msgs {
		if rest, ok := strings.CutPrefix(m, "SIP/2.0 "); ok && !strings.HasPrefix(rest, "1") {
			n, _ := strconv.Atoi(rest[:3])
			return n
		}
	}
	return 0
}

// TestTortureUDP is attack A1: each message is treated as its RFC says, and
// the line goes on. A line of its own hears each: some of them share a
// Call-ID, and the second of two is rightly a loop while the first still rings.
func TestTortureUDP(t *testing.T) {
	t.Parallel()
	for _, c := range torture(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(1)
			l, _, _ := virtual(t, n, newDesk(nil), func(c *Config) {
				c.Trunks["tester"] = Trunk{Host: "192.0.2.200:5060", Allow: []string{"192.0.2.200"}, Keepalive: time.Hour}
			})
			p := n.peer(t, "192.0.2.200:0", net.UDPAddrFromAddrPort(l.sockets[0].addr))
			p.send(string(c.data))
			if got := settle(p, c); !c.accepts(got) {
				t.Errorf("answered %d, want %s", got, c.expected)
			}
			if got := l.Counts(); got.Panics != 0 {
				t.Errorf("%d messages broke something", got.Panics)
			}
		})
	}
}

// settle waits for the answer to a message; a second message, which must be
// answered, tells when there will be none.
func settle(p *peer, c tortureCase) int {
	probe := "OPTIONS sip:probe@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.200;branch=z9hG4bK" + c.name +
		"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: probe-" + c.name + "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
	late := time.After(patience)
	var got []string
	p.send(probe)
	for probed := false; ; {
		select {
		case m := <-p.got:
			if strings.Contains(m, "Call-ID: probe-"+c.name) {
				probed = true
				if c.accepts(0) {
					return code(got)
				}
			} else {
				got = append(got, m)
			}
			if probed && code(got) != 0 {
				return code(got)
			}
		case <-late:
			if !probed {
				p.t.Fatalf("%s: the line is deaf", c.name)
			}
			return code(got)
		}
	}
}

// TestTortureTCP sends the same over connections.
func TestTortureTCP(t *testing.T) {
	t.Parallel()
	for _, c := range torture(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := open(t, newDesk(nil), func(c *Config) { c.Listen = []string{"tcp:127.0.0.1:0"} })
			got := overTCP(t, l, c.data)
			// RFC 3261, 20.14: on a stream the length must be told.
			untold := !regexp.MustCompile(`(?mi)^(content-length|l)\s*:`).Match(c.data)
			if !c.accepts(got) && (!untold || got != 400) {
				t.Errorf("answered %d, want %s", got, c.expected)
			}
			if got := overTCP(t, l, []byte(request("OPTIONS", "after", toUs, 1))); got != 200 {
				t.Errorf("after that OPTIONS is answered %d", got)
			}
		})
	}
}

// overTCP sends a message on a connection of its own and returns how it was
// answered.
func overTCP(t *testing.T, l *Line, data []byte) int {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var got []byte
	b := make([]byte, 65536)
	for code(strings.SplitAfter(string(got), "\r\n\r\n")) == 0 {
		n, err := conn.Read(b)
		got = append(got, b[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			// Perhaps it waits for more: now it hears that there is no more.
			if err := errors.Join(conn.(*net.TCPConn).CloseWrite(), conn.SetReadDeadline(time.Now().Add(patience))); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			break
		}
	}
	return code(strings.SplitAfter(string(got), "\r\n\r\n"))
}
