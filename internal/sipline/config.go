package sipline

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/internal/media"
)

// Config says where calls come in and where they go out.
type Config struct {
	// Listen lists where to listen: udp:, tcp: or tls:, then an address.
	Listen []string `yaml:"listen"`
	// PublicIP is the address that others are told, when it is not the one that
	// is listened on, as behind NAT.
	PublicIP string `yaml:"public_ip"`
	// RTPPorts is the range of ports for sound; a call takes two.
	RTPPorts string `yaml:"rtp_ports"`
	// MaxCalls is how many calls may be up at once, all trunks together.
	MaxCalls int `yaml:"max_calls"`
	// Silence ends a call from which no sound has come for so long.
	Silence time.Duration `yaml:"silence"`
	// Session is how long a call may last without a sign of life in its
	// signalling (RFC 4028).
	Session time.Duration `yaml:"session"`
	// TLS has the certificate for tls: listeners.
	TLS TLS `yaml:"tls"`
	// Trunks are the carriers and switchboards that calls come from and go to.
	Trunks map[string]Trunk `yaml:"trunks"`
}

// TLS names the files of a certificate.
type TLS struct {
	// Cert is the certificate chain, PEM.
	Cert string `yaml:"cert"`
	// Key is its private key, PEM.
	Key string `yaml:"key"`
	// CA is a PEM file of the authorities that trunks are checked against;
	// those of the system when it is missing.
	CA string `yaml:"ca"`
}

// A Trunk is one carrier, or one switchboard.
type Trunk struct {
	// Host is where calls go: [udp:|tcp:|tls:]name-or-address[:port]. A name
	// without a port is looked up as RFC 3263 says.
	Host string `yaml:"host"`
	// Allow lists the networks that calls may come from; the addresses of Host
	// are allowed without being listed.
	Allow []string `yaml:"allow"`
	// Username is for carriers that ask for a password.
	Username string `yaml:"username"`
	// PasswordFile has the password on its first line.
	PasswordFile string `yaml:"password_file"`
	// Realm is the realm the password is for; the name in Host when missing.
	Realm string `yaml:"realm"`
	// Register tells the carrier where we are (RFC 3261, 10).
	Register bool `yaml:"register"`
	// CallerID is the number to show when a call names none.
	CallerID string `yaml:"caller_id"`
	// MaxCalls is how many calls may be up at once; 30 when 0.
	MaxCalls int `yaml:"max_calls"`
	// CallsPerSecond is how many calls may begin each second; 5 when 0.
	CallsPerSecond float64 `yaml:"calls_per_second"`
	// Order is the order in which trunks are tried, then their names.
	Order int `yaml:"order"`
	// TrustIdentity believes what the trunk says about callers in
	// P-Asserted-Identity (RFC 3325).
	TrustIdentity bool `yaml:"trust_identity"`
	// Redirect follows a 3xx to another number on the same trunk.
	Redirect bool `yaml:"redirect"`
	// Keepalive is how often the trunk is asked whether it is there; 30s when 0.
	Keepalive time.Duration `yaml:"keepalive"`
}

// Defaults returns the configuration of a line that nobody has configured.
func Defaults() Config {
	return Config{
		Listen:   []string{"udp:127.0.0.1:5060"},
		RTPPorts: "20000-29999",
		MaxCalls: 500,
		Silence:  30 * time.Second,
		Session:  30 * time.Minute,
	}
}

// withDefaults fills in what a trunk leaves open.
func (t Trunk) withDefaults() Trunk {
	t.MaxCalls = cmp.Or(t.MaxCalls, 30)
	t.CallsPerSecond = cmp.Or(t.CallsPerSecond, 5)
	t.Keepalive = cmp.Or(t.Keepalive, 30*time.Second)
	return t
}

// Check reports every mistake at once.
func (c Config) Check() error {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	if len(c.Listen) == 0 {
		note(errors.New("listen: at least one address is needed, as udp:127.0.0.1:5060"))
	}
	for _, s := range c.Listen {
		if _, err := parseEndpoint(s); err != nil {
			note(fmt.Errorf("listen: %w", err))
		}
	}
	if _, err := c.media(); err != nil {
		note(err)
	}
	if c.MaxCalls < 1 {
		note(errors.New("max_calls: must be 1 or more"))
	}
	if c.Silence < time.Second {
		note(errors.New("silence: must be 1s or more"))
	}
	if c.Session < minSession {
		note(fmt.Errorf("session: must be %v or more (RFC 4028, 4)", minSession))
	}
	if err := c.TLS.check(c.listensTLS()); err != nil {
		note(fmt.Errorf("tls: %w", err))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Trunks)) {
		if err := c.Trunks[name].check(); err != nil {
			note(fmt.Errorf("trunks: %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (t Trunk) check() error {
	var errs []error
	if _, err := parseTarget(t.Host); err != nil {
		errs = append(errs, fmt.Errorf("host: %w", err))
	}
	for _, a := range t.Allow {
		if _, err := parsePrefix(a); err != nil {
			errs = append(errs, fmt.Errorf("allow: %w", err))
		}
	}
	if (t.Username == "") != (t.PasswordFile == "") {
		errs = append(errs, errors.New("username and password_file belong together"))
	}
	if _, err := t.password(); err != nil {
		errs = append(errs, fmt.Errorf("password_file: %w", err))
	}
	if t.Register && t.Username == "" {
		errs = append(errs, errors.New("register: needs a username"))
	}
	if t.MaxCalls < 0 || t.CallsPerSecond < 0 || t.Keepalive < 0 {
		errs = append(errs, errors.New("max_calls, calls_per_second and keepalive cannot be negative"))
	}
	return errors.Join(errs...)
}

// media returns what package media has to know: once for IPv4 and once for
// IPv6, as far as they are listened on.
func (c Config) media() ([]media.Config, error) {
	low, high, err := c.ports()
	if err != nil {
		return nil, err
	}
	public, err := c.public()
	if err != nil {
		return nil, err
	}
	var all []media.Config
	for _, s := range c.Listen {
		e, err := parseEndpoint(s)
		ip := e.addr.Addr()
		if err != nil || slices.ContainsFunc(all, func(m media.Config) bool { return m.IP.Is4() == ip.Is4() }) {
			continue // Check says so itself, or this family is there already
		}
		m := media.Config{IP: ip, MinPort: low, MaxPort: high}
		if public.IsValid() && public.Is4() == ip.Is4() {
			m.Public = public
		}
		if ip.IsUnspecified() && !m.Public.IsValid() {
			return nil, errors.New("public_ip: needed when every address is listened on")
		}
		all = append(all, m)
	}
	return all, nil
}

func (c Config) ports() (low, high int, err error) {
	from, to, ok := strings.Cut(c.RTPPorts, "-")
	low, err1 := strconv.Atoi(strings.TrimSpace(from))
	high, err2 := strconv.Atoi(strings.TrimSpace(to))
	if !ok || err1 != nil || err2 != nil || low < 1024 || high > 65535 || high <= low {
		return 0, 0, fmt.Errorf("rtp_ports: %q is not a range of ports such as 20000-29999", c.RTPPorts)
	}
	return low, high, nil
}

func (c Config) public() (netip.Addr, error) {
	if c.PublicIP == "" {
		return netip.Addr{}, nil
	}
	ip, err := netip.ParseAddr(c.PublicIP)
	if err != nil {
		return ip, fmt.Errorf("public_ip: %q is not an IP address", c.PublicIP)
	}
	return ip.Unmap(), nil
}

// An endpoint is a transport and an address of ours.
type endpoint struct {
	network string // "udp", "tcp", "tls"
	addr    netip.AddrPort
}

func parseEndpoint(s string) (endpoint, error) {
	network, addr, ok := strings.Cut(s, ":")
	if !ok || !slices.Contains([]string{"udp", "tcp", "tls"}, network) {
		return endpoint{}, fmt.Errorf("%q begins with none of udp:, tcp: and tls: as it should", s)
	}
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return endpoint{}, fmt.Errorf("%q is not an IP address and a port, as udp:127.0.0.1:5060", s)
	}
	return endpoint{network, netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())}, nil
}

// A target is where calls of a trunk go, as it was configured.
type target struct {
	network string
	host    string
	port    int // 0: ask the DNS
}

func parseTarget(s string) (target, error) {
	t := target{network: "udp", host: s}
	for _, n := range []string{"udp", "tcp", "tls"} {
		if rest, ok := strings.CutPrefix(s, n+":"); ok {
			t.network, t.host = n, rest
		}
	}
	if host, port, err := net.SplitHostPort(t.host); err == nil {
		t.host = bracketed(host)
		if t.port, err = strconv.Atoi(port); err != nil || t.port < 1 || t.port > 65535 {
			return t, fmt.Errorf("%q has no port from 1 to 65535", s)
		}
	}
	if t.host == "" || strings.ContainsAny(t.host, " /@<>\"") {
		return t, fmt.Errorf("%q is not a name or an address", s)
	}
	return t, nil
}

// parsePrefix reads a network, or a single address.
func parsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is not a network such as 203.0.113.0/24", s)
	}
	return p.Masked(), nil
}
