package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// paper is a certificate for loopback, and who believes it.
func paper(t *testing.T) (mine tls.Certificate, believers *x509.CertPool, cert, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	mine, believers = server.TLS.Certificates[0], x509.NewCertPool()
	believers.AddCert(server.Certificate())
	private, err := x509.MarshalPKCS8PrivateKey(mine.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return mine, believers, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: mine.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

// A sipMessage is one message of SIP over a stream.
type sipMessage struct {
	first  string
	header textproto.MIMEHeader
}

func readMessage(in *bufio.Reader) (sipMessage, error) {
	r := textproto.NewReader(in)
	first, err := r.ReadLine()
	if err != nil {
		return sipMessage{}, err
	}
	header, err := r.ReadMIMEHeader()
	if err != nil {
		return sipMessage{}, err
	}
	var n int64
	if _, err := fmt.Sscan(header.Get("Content-Length"), &n); err != nil {
		return sipMessage{}, fmt.Errorf("length of %s: %w", first, err)
	}
	_, err = io.CopyN(io.Discard, in, n)
	return sipMessage{first, header}, err
}

// answer answers a request with a status and nothing else.
func (m sipMessage) answer(status string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", status)
	for _, name := range []string{"Via", "From", "To", "Call-Id", "Cseq"} {
		for _, v := range m.header.Values(name) {
			if name == "To" {
				v += ";tag=edge"
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	return b.String() + "Content-Length: 0\r\n\r\n"
}

// edgeOverTLS is a carrier's machine that refuses all calls, and tells of them.
func edgeOverTLS(t *testing.T, mine tls.Certificate) (addr string, calls <-chan sipMessage) {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{mine}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	rung := make(chan sipMessage, 10)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go refuseAll(conn, rung)
		}
	}()
	return ln.Addr().String(), rung
}

func refuseAll(conn net.Conn, rung chan<- sipMessage) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		m, err := readMessage(in)
		if err != nil {
			return
		}
		status := "200 OK"
		switch method, _, _ := strings.Cut(m.first, " "); method {
		case "ACK":
			continue
		case "INVITE":
			status = "486 Busy Here"
			rung <- m
		}
		if _, err := io.WriteString(conn, m.answer(status)); err != nil {
			return
		}
	}
}

// The recipe for a trunk over TLS is good as it stands in the document: calls
// leave and come encrypted, with certificates that are checked.
func TestElasticTrunkOverTLS(t *testing.T) {
	t.Parallel()
	mine, believers, cert, key := paper(t)
	edge, rung := edgeOverTLS(t, mine)
	authorities := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authorities, []byte(cert), 0o600); err != nil {
		t.Fatal(err)
	}
	r := trunkService(t, recipe{
		mark: "host: tls:acme.pstn.twilio.com", files: map[string]string{"cert.pem": cert, "key.pem": key},
		change: []string{"acme.pstn.twilio.com", edge, "tls:0.0.0.0:5061", "tls:127.0.0.1:0", "tls: {", "tls: {ca: " + authorities + ", "},
	})
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ring := callback.Ring{Talk: "none", Addr: "+358407654321", Ref: "ref-1", CallerID: "+358912345", Ring: time.Minute}
	if err := r.dialer.Dial(ctx, ring); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-rung:
		if !strings.HasPrefix(m.first, "INVITE sip:+358407654321@") || !strings.Contains(m.header.Get("From"), "+358912345") ||
			!strings.Contains(m.header.Get("Via"), "/TLS ") {
			t.Errorf("the trunk was asked %q: %v", m.first, m.header)
		}
	case <-ctx.Done():
		t.Error("the trunk was never called")
	}
	callsOverTLS(ctx, t, r.line.Addrs()[0].String(), &tls.Config{RootCAs: believers, MinVersion: tls.VersionTLS12})
	r.stop()
	r.end(t)
}

// callsOverTLS calls the service as the trunk does, and hangs up.
func callsOverTLS(ctx context.Context, t *testing.T, addr string, conf *tls.Config) {
	t.Helper()
	conn, err := (&tls.Dialer{Config: conf}).DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	us := conn.LocalAddr().String()
	send := func(method, to, cseq, body string) {
		t.Helper()
		kind := ""
		if body != "" {
			kind = "Content-Type: application/sdp\r\n"
		}
		_, err := fmt.Fprintf(conn, "%[1]s sip:+358912345@%[2]s;transport=tls SIP/2.0\r\nVia: SIP/2.0/TLS %[3]s;branch=z9hG4bK%[1]s\r\n"+
			"Max-Forwards: 70\r\nFrom: <sip:+358401234567@%[3]s>;tag=edge\r\nTo: %[4]s\r\nCall-ID: over-tls\r\nCSeq: %[5]s\r\n"+
			"Contact: <sip:edge@%[3]s;transport=tls>\r\n%[6]sContent-Length: %[7]d\r\n\r\n%[8]s", method, addr, us, to, cseq, kind, len(body), body)
		if err != nil {
			t.Fatal(err)
		}
	}
	final := func() sipMessage {
		t.Helper()
		for {
			m, err := readMessage(in)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(m.first, "SIP/2.0 ") && !strings.HasPrefix(m.first, "SIP/2.0 1") {
				return m
			}
		}
	}
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	send("INVITE", "<sip:+358912345@"+addr+">", "1 INVITE", sdp)
	m := final()
	if !strings.HasPrefix(m.first, "SIP/2.0 200") {
		t.Fatalf("the call is answered %q", m.first)
	}
	send("ACK", m.header.Get("To"), "1 ACK", "")
	send("BYE", m.header.Get("To"), "2 BYE", "")
	if m := final(); !strings.HasPrefix(m.first, "SIP/2.0 200") {
		t.Errorf("BYE is answered %q", m.first)
	}
}
