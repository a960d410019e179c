package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// askTime is how long somebody else may take to answer the doctor.
const askTime = 5 * time.Second

// trunks asks each trunk by OPTIONS, over its own transport, whether it is
// there, and as whom it sees us.
func (d *doctor) trunks(ctx context.Context) []symptom {
	all := d.config.SIP.Trunks
	if len(all) == 0 && d.config.Twilio.Enabled() {
		return nil
	}
	if len(all) == 0 {
		return []symptom{{poor, "trunks: there are none; nobody can call or be called", "add one to sip.trunks"}}
	}
	var found []symptom
	for _, name := range slices.Sorted(maps.Keys(all)) {
		found = append(found, d.trunk(ctx, name, all[name].Host)...)
	}
	return found
}

func (d *doctor) trunk(ctx context.Context, name, host string) []symptom {
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	q, err := d.question(ctx, host)
	var seen phone.Seen
	if err == nil {
		seen, err = phone.Ask(ctx, q)
	}
	if err != nil {
		return []symptom{{
			ill, fmt.Sprintf("trunk %s: no answer from %s to OPTIONS: %s", name, host, oneLine(err)),
			"see host, the firewall, and that the carrier knows our address",
		}}
	}
	if !seen.Date.IsZero() {
		d.watches = append(d.watches, watch{"trunk " + name, seen.Date, time.Now()})
	}
	answer := symptom{good, fmt.Sprintf("trunk %s: %s answers in %s", name, host, seen.Took.Round(time.Millisecond)), ""}
	if seen.Code >= 300 {
		answer = symptom{poor, fmt.Sprintf("trunk %s: %s answers OPTIONS with %d", name, host, seen.Code), "it is there; ask the carrier if calls fail"}
	}
	return append([]symptom{answer}, d.nat(name, seen)...)
}

// question finds out where the OPTIONS for a host must go (RFC 3263, 4).
func (d *doctor) question(ctx context.Context, host string) (phone.Question, error) {
	q := phone.Question{Network: "udp", Addr: host}
	if network, rest, ok := strings.Cut(host, ":"); ok && slices.Contains([]string{"udp", "tcp", "tls"}, network) {
		q.Network, q.Addr = network, rest
	}
	port := "5060" // RFC 3261, 19.1.2
	if q.Network == "tls" {
		port = "5061"
	}
	if _, _, err := net.SplitHostPort(q.Addr); err != nil {
		q.Name = strings.Trim(q.Addr, "[]")
		q.Addr = net.JoinHostPort(q.Name, port)
		if to, ok := lookUp(ctx, q.Network, q.Name); ok {
			q.Addr = to
		}
	}
	if q.Network != "tls" {
		return q, nil
	}
	conf, err := d.config.trunkTLS(q)
	q.TLS = conf
	return q, err
}

// lookUp asks the DNS for the first server of a name.
func lookUp(ctx context.Context, network, name string) (addr string, ok bool) {
	service, proto := "sip", network
	if network == "tls" {
		service, proto = "sips", "tcp"
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", false
	}
	_, all, err := net.DefaultResolver.LookupSRV(ctx, service, proto, name)
	if err != nil || len(all) == 0 {
		return "", false
	}
	return net.JoinHostPort(strings.TrimSuffix(all[0].Target, "."), strconv.Itoa(int(all[0].Port))), true
}

// trunkTLS checks trunks as the service does.
func (c config) trunkTLS(q phone.Question) (*tls.Config, error) {
	name := q.Name
	if name == "" {
		name, _, _ = net.SplitHostPort(q.Addr)
	}
	conf := &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	if c.SIP.TLS.CA != "" {
		pem, err := os.ReadFile(c.SIP.TLS.CA)
		if err != nil {
			return nil, fmt.Errorf("sip.tls.ca: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("sip.tls.ca: there is no certificate in it")
		}
	}
	if c.SIP.TLS.Cert != "" {
		own, err := tls.LoadX509KeyPair(c.SIP.TLS.Cert, c.SIP.TLS.Key)
		if err != nil {
			return nil, fmt.Errorf("sip.tls.cert: %w", err)
		}
		conf.Certificates = []tls.Certificate{own}
	}
	return conf, nil
}

// nat compares the address that we tell in Contact and SDP with the one that
// the trunk sees: sound goes to the address that is told.
func (d *doctor) nat(name string, seen phone.Seen) []symptom {
	told := d.told(seen.Local.Addr())
	const do = "write that into sip.public_ip, and forward the SIP port and sip.rtp_ports to this machine"
	switch by := seen.From.Addr(); {
	case by.IsValid() && by != told:
		return []symptom{{ill, fmt.Sprintf("trunk %s: it sees us as %s, and is told %s: callers would hear nothing", name, by, told), do}}
	case by.IsValid():
		return []symptom{{good, fmt.Sprintf("trunk %s: it sees us as %s, which is what it is told", name, by), ""}}
	case public(seen.Peer.Addr()) && !public(told):
		return []symptom{{
			ill, fmt.Sprintf("trunk %s: its address %s is public, and it is told the private %s: callers would hear nothing", name, seen.Peer.Addr(), told),
			"write the address that the internet sees into sip.public_ip, and forward the SIP port and sip.rtp_ports to this machine",
		}}
	}
	return nil
}

// told is the address of ours that stands in SDP.
func (d *doctor) told(route netip.Addr) netip.Addr {
	if ip, err := netip.ParseAddr(d.config.SIP.PublicIP); err == nil {
		return ip.Unmap()
	}
	for _, l := range d.config.SIP.Listen {
		_, addr, _ := strings.Cut(l, ":")
		if at, err := netip.ParseAddrPort(addr); err == nil && !at.Addr().IsUnspecified() {
			return at.Addr().Unmap()
		}
	}
	return route.Unmap()
}

// public reports whether the internet leads to an address. 100.64.0.0/10 is
// behind the NAT of a provider (RFC 6598).
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !netip.MustParsePrefix("100.64.0.0/10").Contains(ip)
}
