package hooks_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store/storetest"
)

// moving is a name that leads elsewhere each time somebody asks.
const moving = "crm.example."

// outside is an address of the public internet. Nothing goes there: who
// connects from this machine to itself alone gets no further.
const outside = "93.184.216.34"

// A resolver answers for one name, each time with the next addresses; at the
// end with the last ones.
type resolver struct {
	answers [][]string
	mu      sync.Mutex
	asked   int // for an address of IPv4
}

// dial is asked instead of a name server.
func (r *resolver) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go r.serve(theirs)
	return ours, nil
}

// serve answers one question, as over TCP (RFC 1035, 4.2.2): with its length
// first.
func (r *resolver) serve(conn net.Conn) {
	defer conn.Close()
	size := make([]byte, 2)
	if _, err := io.ReadFull(conn, size); err != nil {
		return // who asks has given up
	}
	question := make([]byte, binary.BigEndian.Uint16(size))
	if _, err := io.ReadFull(conn, question); err != nil {
		return
	}
	answer := r.answer(question)
	_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)) // who asks may have given up
}

// answer writes the answer to a question (RFC 1035, 4.1). Of IPv6 there is
// nothing.
func (r *resolver) answer(question []byte) []byte {
	end := 12 + bytes.IndexByte(question[12:], 0) + 5 // the name, its type and its class
	var found []string
	if question[end-3] == 1 { // A
		found = r.next()
	}
	out := append(question[:2:2], 0x81, 0x80, 0, 1, 0, byte(len(found)), 0, 0, 0, 0)
	out = append(out, question[12:end]...)
	for _, ip := range found {
		address := netip.MustParseAddr(ip).As4()
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // that name, A, IN, for no time at all
		out = append(out, address[:]...)
	}
	return out
}

func (r *resolver) next() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := min(r.asked, len(r.answers)-1)
	r.asked++
	return r.answers[at]
}

func (r *resolver) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// rebound is a program at a name that leads to one place after the other.
func rebound(t *testing.T, private bool, answers ...[]string) (*crm, *resolver) {
	t.Helper()
	c := open(t, storetest.New(t), func(e *hooks.Endpoint) {
		at, err := url.Parse(e.URL)
		if err != nil {
			t.Fatal(err)
		}
		e.URL, e.Private = "http://"+moving+":"+at.Port()+"/", private
	})
	names := &resolver{answers: answers}
	c.p.SetPatience(5 * time.Minute)
	c.p.SetFrom(net.Dialer{
		Timeout: 5 * time.Minute, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)},
		Resolver: &net.Resolver{PreferGo: true, Dial: names.dial},
	})
	return c, names
}

// TestRebinding holds that an address is judged as it is connected to, and each
// time: whoever answers for a name may say something else a moment later.
func TestRebinding(t *testing.T) {
	t.Parallel()
	public, inner := []string{outside}, []string{"127.0.0.1"}
	for name, tt := range map[string]struct {
		answers [][]string
		why     string // of the last try
	}{
		"inside from the second answer on": {[][]string{public, inner}, hooks.ErrInner.Error()},
		"inside once":                      {[][]string{inner, public}, ""},
		"both at once":                     {[][]string{{outside, "127.0.0.1"}}, ""},
		"both, the other way round":        {[][]string{{"127.0.0.1", outside}}, ""},
		"inside":                           {[][]string{inner}, hooks.ErrInner.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, names := rebound(t, false, tt.answers...)
			c.happens("callback.booked")
			c.step()
			c.wait(time.Hour)
			c.step()
			if got := c.taken(); len(got) > 0 {
				t.Errorf("a program inside is asked: %+v", got)
			}
			if d := c.log()[0]; d.Tries != 2 || d.Err == "" || tt.why != "" && d.Err != tt.why {
				t.Errorf("the log has %+v", d)
			}
			if n := names.times(); n != 2 {
				t.Errorf("the name was looked up %d times for two tries", n)
			}
		})
	}
}

// TestAsksNoProxy holds that a proxy of the environment, which would connect to
// what it likes, is not asked.
func TestAsksNoProxy(t *testing.T) {
	t.Parallel()
	c, _ := rebound(t, true, []string{"127.0.0.1"})
	to, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "http", Host: moving}})
	if err != nil || to == nil || to.String() != noProxy {
		t.Fatalf("the environment names the proxy %v, %v", to, err)
	}
	c.happens("callback.booked")
	c.step()
	if got := c.taken(); len(got) != 1 {
		t.Errorf("it is told %d times: %+v", len(got), c.log())
	}
}
