package sms

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

const fakesmsc = "/usr/lib/kannel/test/fakesmsc"

// needs skips a test by the name of the program that is not there.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s", p)
		}
	}
}

// given are the ports that tests of this run have got: who has one may not have
// opened it yet.
var given sync.Map

// freePort finds a port of this machine that nobody has.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		// Below those that the kernel gives to whoever asks for any: the
		// program that is to have it comes a moment later.
		port := 10_000 + rand.IntN(10_000)
		ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer ln.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// A process is a program that runs beside the test, and ends with it.
type process struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

// start runs a program until the test ends.
func start(t *testing.T, dir, name string, args ...string) *process {
	t.Helper()
	p := &process{news: make(chan struct{}, 1)}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...) //nolint:gosec // our own arguments
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.add(s.Text())
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		<-read
		_ = cmd.Wait() // it was told to end
		kill.Stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(name), p.said(60))
		}
	})
	return p
}

func (p *process) add(line string) {
	p.mu.Lock()
	p.lines = append(p.lines, line)
	p.mu.Unlock()
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// said returns the last lines, or all of them.
func (p *process) said(last int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.lines
	if last >= 0 {
		lines = lines[max(0, len(lines)-last):]
	}
	return strings.Join(lines, "\n")
}

// says waits until a program has said something, so many times.
func (p *process) says(t *testing.T, what string, times int) {
	t.Helper()
	late := time.After(patience)
	for {
		if strings.Count(p.said(-1), what) >= times {
			return
		}
		select {
		case <-p.news:
		case <-late:
			t.Fatalf("it never said %q %d times", what, times)
		}
	}
}

// A gateway is a Kannel of its own, between a driver and an SMSC.
type gateway struct {
	dir     string
	smsc    int // the port of the SMSC
	sendsms int
	driver  *Kannel
	till    *till
	hooks   *httptest.Server
	gone    *switchboard
	bearer  *process
}

// A switchboard stands before webhooks, and can be cut off: it hangs up, or
// says that it is busy, in turn.
type switchboard struct {
	mu      sync.Mutex
	cut     bool
	times   int
	refused chan struct{}
	next    http.Handler
}

func (s *switchboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	cut := s.cut
	s.times++
	busy := s.times%2 == 0
	s.mu.Unlock()
	if !cut {
		s.next.ServeHTTP(w, r)
		return
	}
	select {
	case s.refused <- struct{}{}:
	default:
	}
	if busy {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		conn.Close()
	}
}

// refuses waits until it has turned away so many.
func (s *switchboard) refuses(t *testing.T, times int) {
	t.Helper()
	late := time.After(patience)
	for range times {
		select {
		case <-s.refused:
		case <-late:
			t.Fatal("Kannel brought nothing, or did not bring it again")
		}
	}
}

func (s *switchboard) set(cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = cut
}

// newGateway runs Kannel with its own configuration on ports of this machine.
// What else it needs of an SMSC is the group that is given.
func newGateway(t *testing.T, smsc func(port int) string) *gateway {
	t.Helper()
	needs(t, "bearerbox", "smsbox")
	g := &gateway{dir: t.TempDir(), smsc: freePort(t), sendsms: freePort(t), till: newTill()}
	g.gone = &switchboard{refused: make(chan struct{}, 1)}
	g.hooks = httptest.NewServer(g.gone)
	t.Cleanup(g.hooks.Close)
	secret := secretFile(t, "s3cret")
	c := Defaults()
	c.Driver, c.From, c.PerSecond = "kannel", service, 100
	c.Kannel = KannelConfig{
		URL:      fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", g.sendsms),
		Username: "holdless", PasswordFile: secretFile(t, "passw0rd"), SecretFile: secret,
	}
	p := ports(t, g.till)
	p.Base = g.hooks.URL
	var err error
	if g.driver, err = newKannel(c, p); err != nil {
		t.Fatal(err)
	}
	g.gone.next = g.driver.Webhooks()
	g.write(t, smsc(g.smsc))
	return g
}

// write writes the configuration of Kannel as docs/texts.md has it.
func (g *gateway) write(t *testing.T, smsc string) {
	t.Helper()
	admin, box := freePort(t), freePort(t)
	var b bytes.Buffer
	fmt.Fprintf(&b, `
group = core
admin-port = %d
admin-password = nobody
admin-interface = 127.0.0.1
smsbox-port = %d
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
dlr-storage = internal
store-type = file
store-location = %s/store

%s

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = %d
sendsms-port = %d
sendsms-interface = 127.0.0.1
mo-recode = true
http-request-retry = 100000
http-queue-delay = 1

group = sendsms-user
username = holdless
password = passw0rd
max-messages = 4
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
post-url = "%s/sms/v1/kannel/mo?secret=s3cret&from=%%p&to=%%P&id=%%I&charset=%%C"
`, admin, box, g.dir, smsc, box, g.sendsms, g.hooks.URL)
	file := filepath.Join(g.dir, "kannel.conf")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	g.bearer = start(t, g.dir, "bearerbox", "-v", "0", file)
	g.bearer.says(t, "MAIN: Start-up done", 1)
	smsbox := start(t, g.dir, "smsbox", "-v", "0", file)
	g.bearer.says(t, "Client connected from", 1) // what comes before it waits for a minute
	// It takes requests before it knows its own connection, and dies of the first.
	smsbox.says(t, "heartbeat_thread", 1)
	reachable(t, g.sendsms)
}

// reachable waits until something listens on a port.
func reachable(t *testing.T, port int) {
	t.Helper()
	late, tick := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("nobody listens on %d: %v", port, err)
		}
	}
}

// text sends one message by the gateway.
func (g *gateway) text(t *testing.T, id, body string) {
	t.Helper()
	m := callback.Message{ID: id, To: string(aino), Body: body}
	if err := g.driver.Text(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// fake is the SMSC that ships with Kannel for tests.
func fake(port int) string {
	return fmt.Sprintf("group = smsc\nsmsc = fake\nsmsc-id = fake\nport = %d\nconnect-allow-ip = 127.0.0.1", port)
}

// handset runs a telephone behind the fake SMSC that sends texts.
func (g *gateway) handset(t *testing.T, count int, texts ...string) *process {
	t.Helper()
	args := append([]string{"-H", "127.0.0.1", "-r", fmt.Sprint(g.smsc), "-i", "0.2", "-m", fmt.Sprint(count)}, texts...)
	return start(t, g.dir, fakesmsc, args...)
}

// downtime is how long the desk is down while people write: until Kannel has
// noticed, or as long as HOLDLESS_KANNEL_DOWN says, as make kannel does.
func downtime(t *testing.T) <-chan time.Time {
	t.Helper()
	text := os.Getenv("HOLDLESS_KANNEL_DOWN")
	if text == "" {
		text = "0s"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return time.After(d)
}

// TestKannelTakesTexts proves that a text in any alphabet reaches the desk,
// and that none is lost while the desk is down.
func TestKannelTakesTexts(t *testing.T) {
	t.Parallel()
	needs(t, fakesmsc)
	g := newGateway(t, fake)
	g.gone.set(true)
	g.handset(t, 3, "358401234567 +358912345678 text 4 kiitos", "358401234567 +358912345678 text STOP",
		"358401234567 +358912345678 text tack så mycket")
	g.gone.refuses(t, 4)
	<-downtime(t)
	if n := len(g.till.bodies()); n != 0 {
		t.Fatalf("%d texts got through what was cut", n)
	}
	g.gone.set(false)
	g.till.until(t, "three texts", func(d *till) bool { return len(d.texts) >= 3 })
	for _, in := range g.till.bodies() {
		if in.From != aino || in.To != service {
			t.Errorf("from %q to %q", in.From, in.To)
		}
	}
}

// TestKannelSendsTexts proves that what we hand over leaves, and that we are
// told.
func TestKannelSendsTexts(t *testing.T) {
	t.Parallel()
	needs(t, fakesmsc)
	g := newGateway(t, fake)
	phone := g.handset(t, 0, "358401234567 +358912345678 text unused")
	g.bearer.says(t, "client connected", 1)
	g.text(t, "token-short", "We will call you today at 15:30.")
	phone.says(t, "We will call you today at 15:30.", 1)
	g.till.until(t, "the receipts", func(d *till) bool {
		return d.told("token-short", callback.ReceiptTaken) && d.told("token-short", callback.ReceiptArrived)
	})
}
