package sipline

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

func secret(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(name, []byte("Circle of Life\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestDigest uses the example of RFC 7616, 3.9.1, with a nonce that is used
// once and a cnonce of our own.
func TestDigest(t *testing.T) {
	t.Parallel()
	c := &challenge{realm: "http-auth@example.org", nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm: "SHA-256"}
	a1 := c.hash("Mufasa:" + c.realm + ":Circle of Life")
	a2 := c.hash("GET:/dir/index.html")
	got := c.hash(strings.Join([]string{a1, c.nonce, "00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth", a2}, ":"))
	if want := "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"; got != want {
		t.Errorf("SHA-256: got %s, want %s", got, want)
	}
	c.algorithm = "MD5"
	a1, a2 = c.hash("Mufasa:"+c.realm+":Circle of Life"), c.hash("GET:/dir/index.html")
	got = c.hash(strings.Join([]string{a1, c.nonce, "00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth", a2}, ":"))
	if want := "8ca523f5e9506fed4657c9700eebdbec"; got != want {
		t.Errorf("MD5: got %s, want %s", got, want)
	}
}

// withPassword gives the carrier a password.
func withPassword(t *testing.T) func(*Config) {
	return func(c *Config) {
		trunk := c.Trunks["carrier"]
		trunk.Username, trunk.PasswordFile, trunk.Realm = "anna", secret(t), "carrier.example"
		c.Trunks["carrier"] = trunk
	}
}

const asks = `WWW-Authenticate: Digest realm="carrier.example", nonce="n1", qop="auth", algorithm=`

func TestPassword(t *testing.T) {
	tests := []struct {
		name    string
		asks    []string
		want    string // in the second INVITE
		outcome ivr.Outcome
	}{
		{"MD5", []string{asks + "MD5"}, "algorithm=MD5", ""},
		{"none named", []string{strings.TrimSuffix(asks, ", algorithm=")}, "algorithm=MD5", ""},
		{"the better one", []string{asks + "MD5", asks + "SHA-256"}, "algorithm=SHA-256", ""},
		{"another realm", []string{strings.Replace(asks, "carrier.example", "evil.example", 1) + "MD5"}, "", ivr.Carrier},
		{"unknown algorithm", []string{asks + "SHA-512-256"}, "", ivr.Carrier},
		{"another scheme", []string{`WWW-Authenticate: Basic realm="carrier.example"`}, "", ivr.Carrier},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := virtual(t, newNetwork(1), newDesk(nil), withPassword(t))
				done := ring(t, l, liveline.Call{})
				first := p.gets("INVITE ")
				p.send(answer(first, "401 Unauthorized", "carrier", tt.asks...))
				p.gets("ACK ")
				if tt.want == "" {
					if got := outcome(t, done); got != tt.outcome {
						t.Error(got)
					}
					synctest.Wait()
					if got := p.count(); got["INVITE"] > 0 {
						t.Error("the password was used")
					}
					return
				}
				second := p.gets("INVITE ")
				auth := field(second, "Authorization")
				if !strings.Contains(auth, tt.want) || !strings.Contains(auth, `username="anna"`) || field(second, "CSeq") != "2 INVITE" {
					t.Errorf("second INVITE %q has %q", field(second, "CSeq"), auth)
				}
				p.send(answer(second, "401 Unauthorized", "carrier", tt.asks...))
				if got := outcome(t, done); got != ivr.Carrier {
					t.Errorf("a refused password: %s", got)
				}
				synctest.Wait()
				if got := p.count(); got["INVITE"] > 0 {
					t.Error("a refused password is sent again")
				}
			})
		})
	}
}

// registering has the line tell the carrier where it is.
func registering(t *testing.T) func(*Config) {
	return func(c *Config) {
		withPassword(t)(c)
		trunk := c.Trunks["carrier"]
		trunk.Register = true
		c.Trunks["carrier"] = trunk
	}
}

// registers is what a carrier does with a REGISTER: it asks for the password,
// and remembers the line for so long. It returns the REGISTER that it took.
func (p *peer) registers(granted string) string {
	p.t.Helper()
	p.send(answer(p.gets("REGISTER "), "401 Unauthorized", "r", asks+"MD5"))
	r := p.gets("REGISTER ")
	p.send(answer(r, "200 OK", "r", "Contact: "+field(r, "Contact")+";expires="+granted))
	return r
}

// TestRegistrationIsTakenBack is RFC 3261, 10.2.2: at its end a line that the
// carrier knows, or may know, asks to be forgotten.
func TestRegistrationIsTakenBack(t *testing.T) {
	tests := []struct {
		name string
		then func(p *peer) (known string) // before the end
	}{
		{"while it registers", func(p *peer) string { return p.gets("REGISTER ") }},
		{"while it is registered", func(p *peer) string { return p.registers("120") }},
		{"while it registers again", func(p *peer) string { p.registers("120"); return p.gets("REGISTER ") }},
		{"after a refusal", func(p *peer) string {
			defer func() { p.send(answer(p.gets("REGISTER "), "503 Service Unavailable", "r")) }()
			return p.registers("120")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := still(t, newNetwork(1), newDesk(nil), registering(t))
				end := serve(t, l)
				contact := field(tt.then(p), "Contact")
				synctest.Wait()
				p.all()
				var over sync.WaitGroup
				over.Go(end)
				last := p.registers("0")
				if field(last, "Expires") != "0" || field(last, "Contact") != contact {
					t.Errorf("the last word was Expires %q for %q, want 0 for %q", field(last, "Expires"), field(last, "Contact"), contact)
				}
				over.Wait()
				if l.Trunks()[0].Registered {
					t.Error("the trunk is still registered")
				}
			})
		})
	}
}

// TestNeverRegistered: whom the carrier has refused has nothing to take back.
func TestNeverRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := still(t, newNetwork(1), newDesk(nil), registering(t))
		end := serve(t, l)
		p.send(answer(p.gets("REGISTER "), "403 Forbidden", "r"))
		synctest.Wait()
		end()
		if n := p.count()["REGISTER"]; n != 0 {
			t.Errorf("%d REGISTER after a refusal", n)
		}
	})
}

func TestRegister(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(nil), registering(t))
		first := p.gets("REGISTER ")
		if !strings.HasPrefix(first, "REGISTER sip:10.0.0.9:5060 ") || !strings.Contains(field(first, "To"), "anna@10.0.0.9") {
			t.Errorf("got %q", first)
		}
		p.send(answer(first, "401 Unauthorized", "r", asks+"MD5"))
		second := p.gets("REGISTER ")
		if !strings.Contains(field(second, "Authorization"), `uri="sip:10.0.0.9:5060"`) {
			t.Errorf("credentials %q", field(second, "Authorization"))
		}
		p.send(answer(second, "200 OK", "r", "Contact: "+field(second, "Contact")+";expires=120"))
		synctest.Wait()
		if s := l.Trunks()[0]; !s.Registered || !s.Usable() {
			t.Errorf("the trunk is %+v", s)
		}
		began := time.Now()
		third := p.gets("REGISTER ")
		if took := time.Since(began).Round(time.Second); took != time.Minute {
			t.Errorf("registered again after %v, want half of what was granted", took)
		}
		if field(third, "Call-ID") != field(first, "Call-ID") || field(third, "CSeq") != "3 REGISTER" || field(second, "CSeq") != "2 REGISTER" {
			t.Errorf("the third has the number %q after %q, under %q", field(third, "CSeq"), field(second, "CSeq"), field(third, "Call-ID"))
		}
		p.send(answer(third, "503 Service Unavailable", "r"))
		synctest.Wait()
		if l.Trunks()[0].Registered {
			t.Error("the trunk is registered after a refusal")
		}
		began = time.Now()
		p.send(answer(p.gets("REGISTER "), "423 Interval Too Brief", "r", "Min-Expires: 7200"))
		if took := time.Since(began); took < registerAgain/2 || took > 2*registerAgain {
			t.Errorf("tried again after %v", took)
		}
		if got := field(p.gets("REGISTER "), "Expires"); got != "7200" {
			t.Errorf("asks for %s s", got)
		}
	})
}

// TestGranted holds that the time of others who are registered by the same name
// is not taken for ours.
func TestGranted(t *testing.T) {
	us := way{host: "192.0.2.9", port: 5060}
	tests := []struct {
		contacts []string
		want     time.Duration
	}{
		{[]string{"<sip:x@192.0.2.7>;expires=5", "<sip:x@192.0.2.9:5060>;expires=120"}, 2 * time.Minute},
		{[]string{"<sip:x@198.51.100.1:7000>;expires=60"}, time.Minute}, // as the carrier sees us
		{[]string{"<sip:x@192.0.2.9:5060>"}, time.Hour},
	}
	for _, tt := range tests {
		res := sip.NewResponse(200, "OK")
		for _, c := range tt.contacts {
			msg, err := sip.ParseMessage([]byte("SIP/2.0 200 OK\r\nContact: " + c + "\r\n\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			res.AppendHeader(msg.(*sip.Response).Contact())
		}
		if got := grantedFor(res, us, time.Hour); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.contacts, got, tt.want)
		}
	}
}

func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, log := newNetwork(1), &sayings{}
		l, p, _ := still(t, n, newDesk(nil), func(c *Config) {
			trunk := c.Trunks["carrier"]
			trunk.Keepalive = 30 * time.Second
			c.Trunks["carrier"] = trunk
		})
		l.log = slog.New(log)
		serve(t, l)
		synctest.Wait()
		if !l.Trunks()[0].Reachable {
			t.Error("the trunk answers and is not reachable")
		}
		if err := p.end.Close(); err != nil {
			t.Fatal(err)
		}
		pass(45 * time.Second)
		if !l.Trunks()[0].Reachable {
			t.Error("one silence is taken for the end")
		}
		pass(time.Minute)
		if s := l.Trunks()[0]; s.Reachable || s.Err != "OPTIONS: no answer" {
			t.Errorf("a silent trunk is %+v", s)
		}
		back := n.peer(t, "10.0.0.9:5060", p.line)
		pass(time.Minute)
		back.all()
		if s := l.Trunks()[0]; !s.Reachable || s.Err != "" {
			t.Errorf("a trunk that is back is %+v", s)
		}
		want := []string{"trunk does not answer", "trunk answers again"}
		if got := log.said(); !slices.Equal(got, want) {
			t.Errorf("the log says %q, want %q", got, want)
		}
	})
}

// TestWhyNotUsable holds that a trunk which takes no calls says why, from the
// first moment on.
func TestWhyNotUsable(t *testing.T) {
	for name, tt := range map[string]struct {
		asks []string // with a 401
		want string
	}{
		"not asked yet":         {nil, "not registered: it has not answered yet"},
		"a password that fails": {[]string{asks + "MD5"}, "not registered: the trunk refuses the password"},
		"another realm": {
			[]string{strings.Replace(asks, "carrier.example", "asterisk", 1) + "MD5"},
			`not registered: the trunk asks for a password for another realm: "asterisk", and not "carrier.example"; if that is right, write it into realm`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, p, _ := still(t, newNetwork(1), newDesk(nil), registering(t))
				if got := l.Trunks()[0].Err; got != "it has not answered OPTIONS yet" {
					t.Errorf("before it was asked: %q", got)
				}
				serve(t, l)
				for r := p.gets("REGISTER "); len(tt.asks) > 0; r = p.gets("REGISTER ") {
					p.send(answer(r, "401 Unauthorized", "r", tt.asks...))
					if synctest.Wait(); !strings.HasSuffix(l.Trunks()[0].Err, "yet") {
						break
					}
				}
				synctest.Wait()
				if got := l.Trunks()[0]; got.Usable() || got.Err != tt.want {
					t.Errorf("got %q, want %q", got.Err, tt.want)
				}
			})
		})
	}
}

func TestRedirect(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l, p, _ := virtual(t, newNetwork(1), newDesk(nil), func(c *Config) {
				trunk := c.Trunks["carrier"]
				trunk.Redirect = allowed
				c.Trunks["carrier"] = trunk
			})
			var asked []string
			l.check = func(addr string) error { asked = append(asked, addr); return nil }
			done := ring(t, l, liveline.Call{Addr: "+358401234567"})
			p.send(answer(p.gets("INVITE "), "302 Moved Temporarily", "c", "Contact: <sip:+358409999999@evil.example>"))
			if !allowed {
				if got := outcome(t, done); got != ivr.Carrier {
					t.Error(got)
				}
				return
			}
			invite := p.gets("INVITE ")
			if !strings.HasPrefix(invite, "INVITE sip:+358409999999@10.0.0.9:5060 ") {
				t.Errorf("followed to %q", firstLine(invite))
			}
			if want := []string{"+358401234567", "+358409999999"}; !reflect.DeepEqual(asked, want) {
				t.Errorf("the rules were asked about %q, want %q", asked, want)
			}
			p.send(answer(invite, "486 Busy Here", "c"))
			if got := outcome(t, done); got != ivr.Busy {
				t.Error(got)
			}
		})
	}
}

// names is a DNS of our own.
type names struct {
	srv   map[string][]*net.SRV
	hosts map[string][]netip.Addr
	slow  time.Duration
	fail  bool
	asked int
}

var errName = errors.New("no such host")

func (n *names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if r := n.srv["_"+service+"._"+proto+"."+name]; r != nil && !n.fail {
		return "", r, nil
	}
	return "", nil, errName
}

func (n *names) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	n.asked++
	select {
	case <-time.After(n.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := n.hosts[host]; r != nil && !n.fail {
		return r, nil
	}
	return nil, errName
}

// TestResolve is RFC 3263 and fault F9.
func TestResolve(t *testing.T) {
	dns := func() *names {
		return &names{
			srv: map[string][]*net.SRV{
				"_sip._udp.carrier.example":  {{Target: "b.carrier.example.", Port: 5070}, {Target: "a.carrier.example.", Port: 5080}},
				"_sips._tcp.carrier.example": {{Target: "a.carrier.example.", Port: 5061}},
			},
			hosts: map[string][]netip.Addr{
				"a.carrier.example": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")},
				"b.carrier.example": {netip.MustParseAddr("192.0.2.2")},
				"plain.example":     {netip.MustParseAddr("192.0.2.3")},
			},
		}
	}
	tests := []struct{ host, want string }{
		{"carrier.example", "192.0.2.2:5070 192.0.2.1:5080 [2001:db8::1]:5080"},
		{"tls:carrier.example", "192.0.2.1:5061 [2001:db8::1]:5061"},
		{"plain.example", "192.0.2.3:5060"},
		{"tls:plain.example", "192.0.2.3:5061"},
		{"plain.example:5090", "192.0.2.3:5090"},
		{"192.0.2.9", "192.0.2.9:5060"},
		{"[2001:db8::9]:5070", "[2001:db8::9]:5070"},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			target, err := parseTarget(tt.host)
			if err != nil {
				t.Fatal(err)
			}
			p := &place{target: target, resolver: dns(), now: time.Now}
			addrs, err := p.addrs(t.Context())
			var got []string
			for _, a := range addrs {
				got = append(got, a.String())
			}
			if err != nil || strings.Join(got, " ") != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	t.Run("the last good answer stands", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := dns()
			p := &place{target: target{network: "udp", host: "plain.example"}, resolver: d, now: time.Now}
			if _, err := p.addrs(t.Context()); err != nil {
				t.Fatal(err)
			}
			asked := d.asked
			if _, err := p.addrs(t.Context()); err != nil || d.asked != asked {
				t.Errorf("asked again at once: %v", err)
			}
			pass(time.Hour)
			d.slow = time.Minute
			began := time.Now()
			addrs, err := p.addrs(t.Context())
			if err != nil || len(addrs) != 1 || time.Since(began) > resolveWithin {
				t.Errorf("got %v (%v) after %v", addrs, err, time.Since(began))
			}
		})
	})
	t.Run("nothing is known", func(t *testing.T) {
		p := &place{target: target{network: "udp", host: "nowhere.example"}, resolver: dns(), now: time.Now}
		if _, err := p.addrs(t.Context()); !errors.Is(err, errName) {
			t.Errorf("got %v", err)
		}
	})
}

func parsed(t *testing.T, msg string) *sip.Request {
	t.Helper()
	m, err := parse([]byte(msg))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*sip.Request)
}

func TestCaller(t *testing.T) {
	t.Parallel()
	invite := func(from string, more ...string) string {
		return strings.Replace(request("INVITE", "c", toUs, 1, more...), "From: <sip:+358401234567@10.0.0.9>", "From: "+from, 1)
	}
	const claimed = "<sip:+358401234567@h>"
	tests := []struct {
		name, msg string
		trusted   bool
		want      string
		withheld  bool
	}{
		{"plain", invite(claimed), false, "+358401234567", false},
		{"separators", invite("<sip:+358-40-123%204567@h>"), false, "+358401234567", false},
		{"parameters", invite("<sip:+358401234567;cpc=ordinary@h>"), false, "+358401234567", false},
		{"anonymous", invite("\"Anonymous\" <sip:anonymous@anonymous.invalid>"), false, "", true},
		{"no user", invite("<sip:h>"), false, "", true},
		{"privacy", invite(claimed, "Privacy: id"), false, "", true},
		{"no privacy", invite(claimed, "Privacy: none"), false, "+358401234567", false},
		{"identity of a stranger", invite(claimed, "P-Asserted-Identity: <sip:+358409999999@h>"), false, "+358401234567", false},
		{"identity of a trusted trunk", invite(claimed, "P-Asserted-Identity: \"A\" <sip:+358409999999@h>"), true, "+358409999999", false},
		{"identity and privacy", invite(claimed, "P-Asserted-Identity: <sip:+358409999999@h>", "Privacy: id;critical"), true, "", true},
		{"an extension", invite("<sip:anna@h>"), false, "anna", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, withheld := caller(parsed(t, tt.msg), tt.trusted)
			if string(got) != tt.want || withheld != tt.withheld {
				t.Errorf("got %q, %v, want %q, %v", string(got), withheld, tt.want, tt.withheld)
			}
		})
	}
}

func TestDialled(t *testing.T) {
	t.Parallel()
	base := request("INVITE", "c", toUs, 1)
	tests := []struct{ uri, want string }{
		{"sip:+358912345@10.0.0.1", "+358912345"},
		{"sip:+358-9-12345@10.0.0.1;user=phone", "+358912345"},
		{"tel:+358912345", "+358912345"},
		{"sip:10.0.0.1", "+358912345"}, // from the To field
	}
	for _, tt := range tests {
		msg := strings.Replace(base, "INVITE sip:+358912345@10.0.0.1", "INVITE "+tt.uri, 1)
		if got := dialled(parsed(t, msg)); string(got) != tt.want {
			t.Errorf("%s: got %q, want %q", tt.uri, string(got), tt.want)
		}
	}
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	if err := Defaults().Check(); err != nil {
		t.Errorf("the defaults are wrong: %v", err)
	}
	c := Config{
		Listen: []string{"5060", "udp:here:5060"}, PublicIP: "me", RTPPorts: "1-2", TLS: TLS{Cert: "x"},
		Trunks: map[string]Trunk{
			"a": {Host: "", Allow: []string{"everybody"}, Username: "u", Register: true, MaxCalls: -1},
			"b": {Host: "host:99999", Register: true},
		},
	}
	err := c.Check()
	if err == nil {
		t.Fatal("nothing is wrong with it")
	}
	for _, want := range []string{
		`"5060"`, `"udp:here:5060"`, "rtp_ports", "max_calls", "silence", "session", "cert and key",
		"trunks: a: host", "everybody", "username and password_file", "cannot be negative", "trunks: b: host", "register: needs a username",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
	gone := filepath.Join(t.TempDir(), "gone")
	secure := Defaults()
	secure.Listen = []string{"tls:127.0.0.1:5061"}
	wantMistake := func(want string) {
		t.Helper()
		if err := secure.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	wantMistake("tls: cert and key are needed")
	secure.TLS = TLS{Cert: gone, Key: gone, CA: gone}
	wantMistake("tls: cert: open " + gone)
	wantMistake("ca: open " + gone)
	secure.Trunks = map[string]Trunk{"a": {Host: "127.0.0.1", Username: "u", PasswordFile: gone}}
	wantMistake("trunks: a: password_file: open " + gone)
	every := Defaults()
	every.Listen = []string{"udp:0.0.0.0:5060"}
	if err := every.Check(); err == nil || !strings.Contains(err.Error(), "public_ip") {
		t.Errorf("every address and no public one: %v", err)
	}
}

// sayings is a log of which only the messages are kept.
type sayings struct {
	mu  sync.Mutex
	all []string
}

func (s *sayings) Enabled(context.Context, slog.Level) bool { return true }
func (s *sayings) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *sayings) WithGroup(string) slog.Handler            { return s }

// Handle implements [slog.Handler].
func (s *sayings) Handle(_ context.Context, r slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, r.Message)
	return nil
}

func (s *sayings) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}
