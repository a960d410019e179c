package sipline

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/liveline"
)

// starved is a listener that has no file descriptors left for a while.
type starved struct {
	net.Listener
	fails atomic.Int64
}

func (s *starved) Accept() (net.Conn, error) {
	if s.fails.Add(-1) >= 0 {
		return nil, syscall.EMFILE
	}
	return s.Listener.Accept()
}

// TestAcceptErrors is trap S3: out of file descriptors now is not out of
// service for ever.
func TestAcceptErrors(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &starved{Listener: inner}
	s.fails.Store(4)
	l, err := newLine(trunkAt("127.0.0.1"), Ports{Desk: menu(), Voice: voice{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	l.addStreams("tcp", s, inner.Addr())
	serve(t, l)
	if got := overTCP(t, l, []byte(request("OPTIONS", "c1", toUs, 1))); got != 200 {
		t.Errorf("OPTIONS is answered %d", got)
	}
}

func tcp(c *Config) { c.Listen = []string{"tcp:127.0.0.1:0"} }

func dialTCP(t *testing.T, l *Line) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestConnectionsAreFew is attack A6: one source has so many connections and
// no more.
func TestConnectionsAreFew(t *testing.T) {
	t.Parallel()
	l := open(t, newDesk(nil), tcp)
	var conns []net.Conn
	for i := range maxStreamsSource {
		c := dialTCP(t, l)
		conns = append(conns, c)
		if got := exchange(t, c, request("OPTIONS", fmt.Sprint("c", i), toUs, 1)); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Fatalf("got %q", got)
		}
	}
	if _, err := dialTCP(t, l).Read(make([]byte, 1)); err == nil {
		t.Error("one connection too many was served")
	}
	if err := conns[0].Close(); err != nil {
		t.Fatal(err)
	}
	for i := 100; ; i++ { // its place is free once the line has seen the end
		c := dialTCP(t, l)
		if _, err := c.Write([]byte(request("OPTIONS", fmt.Sprint("c", i), toUs, 1))); err == nil {
			if _, err := c.Read(make([]byte, 100)); err == nil {
				return
			}
		}
	}
}

func TestStrangersOverTCP(t *testing.T) {
	t.Parallel()
	l := open(t, newDesk(nil), func(c *Config) {
		tcp(c)
		c.Trunks["carrier"] = Trunk{Host: "192.0.2.1", Keepalive: time.Hour}
	})
	conn := dialTCP(t, l)
	_, _ = conn.Write([]byte(request("OPTIONS", "c", toUs, 1)))
	if b, _ := io.ReadAll(conn); len(b) > 0 {
		t.Errorf("a stranger was told %q", b)
	}
}

// exchange sends and returns what comes back.
func exchange(t *testing.T, c net.Conn, msg string) string {
	t.Helper()
	if _, err := c.Write([]byte(msg)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 65536)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestFraming holds that messages are put together and taken apart.
func TestFraming(t *testing.T) {
	t.Parallel()
	l := open(t, newDesk(nil), tcp)
	one, two := request("OPTIONS", "one", toUs, 1), request("OPTIONS", "two", toUs, 2)
	t.Run("in pieces", func(t *testing.T) {
		c := dialTCP(t, l)
		for _, piece := range []string{one[:1], one[1:40], one[40 : len(one)-1]} {
			if _, err := c.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
		}
		if got := exchange(t, c, one[len(one)-1:]); !strings.Contains(got, "Call-ID: one") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		c := dialTCP(t, l)
		got := exchange(t, c, one+two)
		for strings.Count(got, "SIP/2.0 200") < 2 {
			b := make([]byte, 65536)
			n, err := c.Read(b)
			if err != nil {
				t.Fatalf("got %q: %v", got, err)
			}
			got += string(b[:n])
		}
	})
	t.Run("keep-alive", func(t *testing.T) {
		if got := exchange(t, dialTCP(t, l), "\r\n\r\n"); got != "\r\n" {
			t.Errorf("a ping is answered by %q", got)
		}
	})
	t.Run("without a length", func(t *testing.T) {
		c := dialTCP(t, l)
		got := exchange(t, c, strings.Replace(one, "Content-Length: 0\r\n", "", 1))
		if !strings.HasPrefix(got, "SIP/2.0 400") {
			t.Errorf("got %q", got)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the stream goes on: %v", err)
		}
	})
	t.Run("without an end", func(t *testing.T) {
		c := dialTCP(t, l)
		_, _ = c.Write([]byte("OPTIONS sip:a@b SIP/2.0\r\nX: " + strings.Repeat("A", 4*maxMessage)))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the line waits for ever")
		}
	})
}

// TestCallsOverStreams places a call over TCP and over TLS: the connection is
// ours, and what comes back on it is guarded as everything is.
func TestCallsOverStreams(t *testing.T) {
	t.Parallel()
	cert, key, ca := certificate(t)
	for _, network := range []string{"tcp", "tls"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if network == "tls" {
				pair, err := tls.LoadX509KeyPair(cert, key)
				if err != nil {
					t.Fatal(err)
				}
				inner = tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
			}
			defer inner.Close()
			invite := make(chan string, 1)
			go carrierOverStream(inner, invite)
			l := open(t, newDesk(nil), func(c *Config) {
				c.TLS.CA = ca
				c.Trunks["carrier"] = Trunk{Host: network + ":" + inner.Addr().String(), Keepalive: time.Hour}
			})
			done := ring(t, l, liveline.Call{Ref: "over-" + network})
			got := wait(t, invite, "INVITE")
			if !strings.Contains(field(got, "Via"), "SIP/2.0/"+strings.ToUpper(network)) {
				t.Errorf("Via %q", field(got, "Via"))
			}
			if err := wait(t, done, "end of the call"); err != nil {
				t.Error(err)
			}
		})
	}
}

// carrierOverStream answers one call and hangs up once it is acknowledged.
func carrierOverStream(inner net.Listener, invite chan<- string) {
	conn, err := inner.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	var buf []byte
	var ok string
	for {
		size, _ := frame(buf)
		if size == 0 {
			b := make([]byte, 4096)
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			buf = append(buf, b[:n]...)
			continue
		}
		msg := string(buf[:size])
		buf = buf[size:]
		switch {
		case strings.HasPrefix(msg, "INVITE "):
			invite <- msg
			sdp := strings.ReplaceAll(sdpOffer, "10.0.0.9", "127.0.0.1")
			ok = answer(msg, "200 OK", "carrier", "Contact: <sip:carrier@127.0.0.1>", sdp)
			_, _ = conn.Write([]byte(ok))
		case strings.HasPrefix(msg, "ACK "):
			_, _ = conn.Write([]byte("BYE sip:holdless@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKbye\r\nFrom: " +
				field(ok, "To") + "\r\nTo: " + field(ok, "From") + "\r\nCall-ID: " + field(ok, "Call-ID") +
				"\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"))
		case strings.HasPrefix(msg, "OPTIONS "):
			_, _ = conn.Write([]byte(answer(msg, "200 OK", "carrier")))
		}
	}
}

// TestTLSIn takes a request over TLS.
func TestTLSIn(t *testing.T) {
	t.Parallel()
	cert, key, ca := certificate(t)
	l := open(t, newDesk(nil), func(c *Config) {
		c.Listen = []string{"tls:127.0.0.1:0"}
		c.TLS = TLS{Cert: cert, Key: key}
	})
	pool := x509.NewCertPool()
	b, err := os.ReadFile(ca)
	if err != nil || !pool.AppendCertsFromPEM(b) {
		t.Fatal(err)
	}
	c, err := tls.Dial("tcp", l.Addrs()[0].String(), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := exchange(t, c, request("OPTIONS", "c", toUs, 1)); !strings.HasPrefix(got, "SIP/2.0 200") {
		t.Errorf("got %q", got)
	}
}

// certificate writes a certificate for loopback, its key, and itself as its
// own authority.
func certificate(t *testing.T) (cert, key, ca string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{netip.MustParseAddr("127.0.0.1").AsSlice()},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, cert
}
