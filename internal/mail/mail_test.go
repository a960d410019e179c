package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// server is an SMTP server that we did not write. It keeps the last letter.
type server struct {
	letters chan string
	refuse  error  // why it takes nothing
	at      string // the command that it answers so: MAIL, RCPT or DATA
	secret  bool   // wants a password
}

// says is the answer of a server to a command.
func (s *server) says(command string) error {
	if s.at == command {
		return s.refuse
	}
	return nil
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

type session struct {
	server *server
	known  bool
}

func (*session) Reset()                   {}
func (*session) Logout() error            { return nil }
func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.server.secret && !s.known {
		return smtp.ErrAuthRequired
	}
	return s.server.says("MAIL")
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.server.says("RCPT") }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if s.known = name == "desk" && password == "hunter2"; !s.known {
			return errors.New("wrong")
		}
		return nil
	}), nil
}

func (s *session) Data(r io.Reader) error {
	src, err := io.ReadAll(r)
	if err == nil {
		err = s.server.says("DATA")
	}
	if err == nil {
		s.server.letters <- string(src)
	}
	return err
}

// serve runs a server; it is told to encrypt by its certificate.
func serve(t *testing.T, s *server) (addr string, trust *tls.Config) {
	t.Helper()
	cert, pool := certificate(t)
	s.letters = make(chan string, 1)
	srv := smtp.NewServer(s)
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln) // it ends when it is closed
	}()
	t.Cleanup(func() {
		err := errors.Join(srv.Close(), ln.Close()) // it may not serve yet
		if err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		<-done
	})
	return ln.Addr().String(), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	read, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(read)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func fixed() time.Time { return time.Date(2026, 11, 23, 6, 30, 0, 0, time.UTC) }

// TestText sends a letter in all its forms through a server that asks for a
// password and for secrecy.
func TestText(t *testing.T) {
	t.Parallel()
	s := &server{secret: true}
	addr, trust := serve(t, s)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{Host: addr, TLS: startTLS, From: "Callbacks <desk@example.com>", Username: "desk", PasswordFile: file}
	for method, want := range map[string][]string{
		"":        {"text/plain", "text/html"},
		"PUBLISH": {"text/plain", "text/html", "text/calendar PUBLISH callbacks.ics"},
		"REQUEST": {"text/plain", "text/html", "text/calendar REQUEST"},
	} {
		write := func(context.Context, callback.Message) (Letter, error) {
			return Letter{To: "anna@example.com", Name: "Änna", Subject: "Lista: ääkköset", Text: "sanat", HTML: "<p>sanat</p>", Calendar: "BEGIN:VCALENDAR", Method: method}, nil
		}
		sender, err := New(c, Ports{Compose: write, Now: fixed, TLS: trust})
		if err != nil {
			t.Fatal(err)
		}
		if err := sender.Reach(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := sender.Text(t.Context(), callback.Message{ID: "ABC", Body: callback.ListLetter}); err != nil {
			t.Fatal(err)
		}
		msg, err := netmail.ReadMessage(strings.NewReader(<-s.letters))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || subject != "Lista: ääkköset" || msg.Header.Get("Message-Id") != "<ABC@example.com>" || msg.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("headers %v, subject %q (%v)", msg.Header, subject, err)
		}
		if got := parts(t, msg.Header.Get("Content-Type"), msg.Body); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got the parts %q, want %q", method, got, want)
		}
	}
}

// parts names what a letter consists of.
func parts(t *testing.T, kind string, body io.Reader) (all []string) {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		return []string{strings.TrimSpace(media + " " + params["method"])}
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		src, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range parts(t, p.Header.Get("Content-Type"), bytes.NewReader(src)) {
			all = append(all, strings.TrimSpace(name+" "+p.FileName()))
		}
	}
}

// TestOutcomes tells what is worth another try from what is not.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	busy := &smtp.SMTPError{Code: 451, Message: "later"}
	never := &smtp.SMTPError{Code: 550, Message: "nobody of that name"}
	for name, tt := range map[string]struct {
		refuse    error
		at        string
		compose   error
		address   string
		permanent bool
	}{
		"busy":               {refuse: busy, at: "MAIL", address: "anna@example.com"},
		"refused":            {refuse: never, at: "MAIL", address: "anna@example.com", permanent: true},
		"nobody there":       {refuse: never, at: "RCPT", address: "anna@example.com", permanent: true},
		"not yet known":      {refuse: busy, at: "RCPT", address: "anna@example.com"}, // greylisting
		"full":               {refuse: busy, at: "DATA", address: "anna@example.com"},
		"words not liked":    {refuse: never, at: "DATA", address: "anna@example.com", permanent: true},
		"no address":         {address: "anna", permanent: true},
		"address with lines": {address: "anna@example.com\r\nRCPT TO:<eve@example.com>", permanent: true},
		"no data":            {compose: errors.New("database is away"), address: "anna@example.com"},
		"withdrawn":          {compose: fmt.Errorf("%w: not his", scheduler.ErrPermanent), address: "anna@example.com", permanent: true},
	} {
		s := &server{refuse: tt.refuse, at: tt.at}
		addr, trust := serve(t, s)
		write := func(context.Context, callback.Message) (Letter, error) {
			return Letter{To: tt.address, Text: "words"}, tt.compose
		}
		sender, err := New(Config{Host: addr, TLS: startTLS, From: "desk@example.com"}, Ports{Compose: write, Now: fixed, TLS: trust})
		if err != nil {
			t.Fatal(err)
		}
		err = sender.Text(t.Context(), callback.Message{ID: "ABC", Body: callback.ListLetter, To: "anna"})
		if err == nil || !strings.Contains(err.Error(), "list to anna") || errors.Is(err, scheduler.ErrPermanent) != tt.permanent {
			t.Errorf("%s: got %v, want an error, permanent: %v", name, err, tt.permanent)
		}
		if said, ok := errors.AsType[*smtp.SMTPError](tt.refuse); ok && !strings.Contains(err.Error(), said.Message) {
			t.Errorf("%s: %v does not say why", name, err)
		}
	}
}

// TestServerAway tries again when nobody answers, and when the server goes away
// in the middle.
func TestServerAway(t *testing.T) {
	t.Parallel()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "220 mail.example.com\r\n") // the client may have gone
		_ = conn.Close()
		_ = ln.Close()
	}()
	write := func(context.Context, callback.Message) (Letter, error) {
		return Letter{To: "anna@example.com", Text: "words"}, nil
	}
	sender, err := New(Config{Host: ln.Addr().String(), TLS: inClear, From: "desk@example.com"}, Ports{Compose: write, Now: fixed})
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"goes away", "is not there"} {
		if err := sender.Text(t.Context(), callback.Message{ID: "ABC"}); err == nil || errors.Is(err, scheduler.ErrPermanent) {
			t.Errorf("a server that %s: %v", how, err)
		}
		<-done
	}
}

// TestStranger sends nothing to a server whose certificate nobody vouches for.
func TestStranger(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, &server{})
	write := func(context.Context, callback.Message) (Letter, error) { return Letter{To: "anna@example.com"}, nil }
	sender, err := New(Config{Host: addr, TLS: startTLS, From: "desk@example.com"}, Ports{Compose: write, Now: fixed})
	if err != nil {
		t.Fatal(err)
	}
	err = sender.Text(t.Context(), callback.Message{})
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) && (err == nil || !strings.Contains(err.Error(), "certificate")) {
		t.Errorf("got %v, want an error about the certificate", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := Config{Host: "smtp.example.com", TLS: startTLS, From: "desk@example.com"}
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"good":          {func(*Config) {}, ""},
		"none":          {func(c *Config) { *c = Config{TLS: "x"} }, ""},
		"way":           {func(c *Config) { c.TLS = "ssl" }, `mail.tls: "ssl" is none of`},
		"clear":         {func(c *Config) { c.TLS = inClear }, "mail.tls: letters have names"},
		"clear, inside": {func(c *Config) { c.TLS, c.Host = inClear, "127.0.0.1:25" }, ""},
		"from":          {func(c *Config) { c.From = "desk" }, "mail.from:"},
		"half":          {func(c *Config) { c.Username = "desk" }, "both"},
		"empty":         {func(c *Config) { c.Username, c.PasswordFile = "desk", empty }, "is empty"},
		"gone":          {func(c *Config) { c.Username, c.PasswordFile = "desk", empty+"x" }, "no such file"},
	} {
		c := good
		tt.change(&c)
		err := c.Check()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
