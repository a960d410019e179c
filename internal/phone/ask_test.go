package phone

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// answer is an answer to a request: what it says about us replaces rport.
func answer(req, about, more string) string {
	head, _, _ := strings.Cut(req, "\r\n\r\n")
	var b strings.Builder
	b.WriteString("SIP/2.0 200 OK\r\n")
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "Via":
			b.WriteString(strings.Replace(line, ";rport;", about, 1) + "\r\n")
		case "From", "To", "Call-ID", "CSeq":
			b.WriteString(line + "\r\n")
		}
	}
	b.WriteString(more + "Content-Length: 0\r\n\r\n")
	return b.String()
}

const (
	behindNAT = ";received=203.0.113.9;rport=40001;"
	dated     = "Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
)

// serve answers each OPTIONS on a stream.
func serve(t *testing.T, ln net.Listener) string {
	t.Helper()
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				if n, err := conn.Read(buf); err == nil {
					said := answer(string(buf[:n]), behindNAT, dated)
					_, _ = io.WriteString(conn, "\r\n"+said[:20]) // in two pieces
					_, _ = io.WriteString(conn, said[20:])
				}
			}()
		}
	}()
	return ln.Addr().String()
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"sip.example.net"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// Every transport asks and is answered, and tells how the other end sees us.
func TestAsk(t *testing.T) {
	t.Parallel()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { udp.Close() })
	go func() {
		buf := make([]byte, 4096)
		for asked := 0; ; asked++ {
			n, from, err := udp.ReadFrom(buf)
			if err != nil {
				return
			}
			if asked == 0 {
				_, _ = udp.WriteTo([]byte("SIP/2.0 100 Trying\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKother\r\nContent-Length: 0\r\n\r\n"), from)
				continue // lost: it is asked again
			}
			_, _ = udp.WriteTo([]byte(answer(string(buf[:n]), behindNAT, dated)), from)
		}
	}()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert, pool := certificate(t)
	over, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []Question{
		{Network: "udp", Addr: udp.LocalAddr().String()},
		{Network: "tcp", Addr: serve(t, tcp)},
		{Network: "tls", Addr: serve(t, over), Name: "sip.example.net", TLS: &tls.Config{RootCAs: pool, ServerName: "sip.example.net"}},
	}
	for _, q := range tests {
		t.Run(q.Network, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			seen, err := Ask(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			if seen.Code != 200 || seen.From.String() != "203.0.113.9:40001" || seen.Date.Hour() != 12 ||
				seen.Local.Addr().String() != "127.0.0.1" || seen.Peer.String() != q.Addr {
				t.Errorf("got %+v", seen)
			}
		})
	}
	t.Run("a certificate of nobody", func(t *testing.T) {
		t.Parallel()
		q := tests[2]
		q.TLS = &tls.Config{ServerName: "sip.example.net"}
		if seen, err := Ask(t.Context(), q); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %+v, %v", seen, err)
		}
	})
}

// Who does not answer, or does not speak SIP, is told from one who does.
func TestAskNobody(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	go func() {
		conn, err := web.Accept()
		if err == nil {
			_, _ = conn.Read(make([]byte, 64<<10)) // who closes with something unread takes back what it said
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			conn.Close()
		}
	}()
	tests := []struct {
		q    Question
		wait time.Duration
		want string
	}{
		{Question{Network: "udp", Addr: silent.LocalAddr().String()}, 2 * time.Second, "no answer"},
		{Question{Network: "tcp", Addr: web.Addr().String()}, time.Minute, "no SIP"},
		{Question{Network: "sctp", Addr: web.Addr().String()}, time.Minute, "none of udp, tcp, tls"},
	}
	for _, tt := range tests {
		ctx, stop := context.WithTimeout(t.Context(), tt.wait)
		_, err := Ask(ctx, tt.q)
		stop()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %s", tt.q, err, tt.want)
		}
	}
}
