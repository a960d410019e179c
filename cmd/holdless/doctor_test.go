package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/twiliosim"
)

// says joins what the doctor says, one thing in a line.
func says(all []symptom) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s %s -> %s\n", s.grade, s.what, s.do)
	}
	return b.String()
}

// The address that a trunk sees, and the one that it is told, must be one.
func TestDoctorNAT(t *testing.T) {
	t.Parallel()
	at := func(s string) netip.AddrPort {
		if s == "" {
			return netip.AddrPort{}
		}
		return netip.MustParseAddrPort(s)
	}
	tests := []struct {
		name                              string
		publicIP, listen, local, from, by string
		want                              string
	}{
		{"no NAT", "", "udp:192.0.2.7:5060", "192.0.2.7:4000", "192.0.2.7:4000", "198.51.100.1:5060", "ok   trunk t: it sees us as 192.0.2.7"},
		{"NAT, and nobody said so", "", "udp:10.0.0.7:5060", "10.0.0.7:4000", "203.0.113.9:61000", "198.51.100.1:5060", "FAIL trunk t: it sees us as 203.0.113.9, and is told 10.0.0.7"},
		{"NAT, and said so", "203.0.113.9", "udp:10.0.0.7:5060", "10.0.0.7:4000", "203.0.113.9:61000", "198.51.100.1:5060", "ok   trunk t: it sees us as 203.0.113.9"},
		{"NAT, and said otherwise", "203.0.113.8", "udp:10.0.0.7:5060", "10.0.0.7:4000", "203.0.113.9:61000", "198.51.100.1:5060", "FAIL trunk t: it sees us as 203.0.113.9, and is told 203.0.113.8"},
		{"told nothing, private and public", "", "udp:10.0.0.7:5060", "10.0.0.7:4000", "", "198.51.100.1:5060", "FAIL trunk t: its address 198.51.100.1 is public, and it is told the private 10.0.0.7"},
		{"told nothing, all private", "", "udp:10.0.0.7:5060", "10.0.0.7:4000", "", "10.0.0.1:5060", ""},
		{"listens everywhere", "", "udp:0.0.0.0:5060", "10.0.0.7:4000", "", "198.51.100.1:5060", "FAIL trunk t: its address 198.51.100.1 is public"},
		{"behind the NAT of a provider", "", "udp:100.64.1.1:5060", "100.64.1.1:4000", "", "198.51.100.1:5060", "FAIL"},
	}
	for _, tt := range tests {
		var d doctor
		d.config.SIP.PublicIP, d.config.SIP.Listen = tt.publicIP, []string{tt.listen}
		got := says(d.nat("t", phone.Seen{Local: at(tt.local), From: at(tt.from), Peer: at(tt.by)}))
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if strings.HasPrefix(got, "FAIL") && !strings.Contains(got, "sip.public_ip") {
			t.Errorf("%s: does not say what to do: %q", tt.name, got)
		}
	}
}

// A trunk is asked over its own transport; who is not there is a fault.
func TestDoctorTrunks(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := tcp.Addr().String()
	if err := tcp.Close(); err != nil {
		t.Fatal(err)
	}
	file := written(t, fmt.Sprintf(`sip:
  listen: [udp:127.0.0.1:0]
  trunks: {near: {host: "udp:%s"}, gone: {host: "tcp:%s"}, safe: {host: "tls:%s"}}
`, carrier(t), gone, gone))
	code, out, _ := holdless(t, "doctor", "-c", file)
	for _, want := range []string{"ok    trunk near: udp:", "it sees us as 127.0.0.1", "FAIL  trunk gone: no answer from tcp:", "FAIL  trunk safe: no answer from tls:", "the firewall"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if code != exitWrong {
		t.Errorf("got %d", code)
	}
}

func TestDoctorClock(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := []struct {
		name string
		off  time.Duration
		want string
	}{
		{"right", 2 * time.Second, "ok   the clock shows"},
		{"slow", -20 * time.Second, "warn the clock is -20s off that of trunk t"},
		{"wrong", 2 * time.Hour, "FAIL the clock is 2h0m0s off that of trunk t"},
	}
	for _, tt := range tests {
		d := doctor{config: defaults(), watches: []watch{{"trunk t", now, now.Add(tt.off)}}}
		if got := says(d.clock(t.Context())); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The version of zone rules is told by the rules, not by the date of a file.
func TestZoneRules(t *testing.T) {
	t.Parallel()
	if got := knownRules(time.LoadLocation); got == "" {
		t.Error("this machine knows none of the rules")
	}
	old := func(name string) (*time.Location, error) {
		switch name {
		case "America/Coyhaique":
			return nil, os.ErrNotExist
		case "America/Asuncion":
			return time.FixedZone(name, -4*3600), nil // as it was before 2025a
		case "Asia/Almaty":
			return time.FixedZone(name, 5*3600), nil
		}
		return time.UTC, nil
	}
	if got := knownRules(old); got != "2024a" {
		t.Errorf("got %q, want 2024a", got)
	}
	dir := t.TempDir()
	if got := zoneVersion(dir); got != "" {
		t.Errorf("a version out of nothing: %q", got)
	}
	write(t, filepath.Join(dir, "tzdata.zi"), "# version 2026a\n# more\n")
	if got := zoneVersion(dir); got != "2026a" {
		t.Errorf("got %q", got)
	}
}

// A driver of texts at whose address nobody is, is a fault.
func TestDoctorTexts(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := doctor{config: defaults()}
	d.config.SMS.Driver = "http"
	d.config.SMS.HTTP.URL = "http://" + ln.Addr().String() + "/send?to={{query .To}}"
	if got := says(d.texts(t.Context())); !strings.HasPrefix(got, "ok   texts: driver http") {
		t.Errorf("got %q", got)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if got := says(d.texts(t.Context())); !strings.HasPrefix(got, "FAIL texts: nobody at 127.0.0.1:") || !strings.Contains(got, "sms.http.url") {
		t.Errorf("got %q", got)
	}
}

const (
	ours  = "https://cb.example.org"
	known = callback.Phone("+358912345")
)

// rightNumber is a number at Twilio as docs/twilio.md has it.
func rightNumber() twiliosim.Number {
	return twiliosim.Number{
		Number: string(known), VoiceURL: ours + "/twilio/v1/voice#rc=2", VoiceFallbackURL: "https://handler.twilio.com/twiml/EH1",
		StatusURL: ours + "/twilio/v1/status", SMSURL: ours + "/twilio/v1/message#rc=2",
	}
}

// examined is a doctor for an account with one number.
func examined(t *testing.T, n twiliosim.Number, edit func(*config, *twiliosim.Sim)) string {
	t.Helper()
	sim, err := twiliosim.New(twiliosim.Config{Public: ours})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	if n.Number != "" {
		sim.AddNumber(n)
	}
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, sim.AuthToken+"\n")
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, sim.Secret+"\n")
	c := defaults()
	c.Data = t.TempDir()
	c.HTTP.PublicURL, c.Numbers = ours, map[callback.Phone]callback.Route{known: {Menu: "main", Queue: "q"}}
	c.Twilio.AccountSID, c.Twilio.APIKey, c.Twilio.AuthTokenFile, c.Twilio.APISecretFile = sim.Account, sim.Key, token, secret
	c.Twilio.CallerID, c.Twilio.MaxCalls, c.SMS.Driver = known, 10, byTwilio
	if edit != nil {
		edit(&c, sim)
	}
	d := doctor{config: c, twilio: sim.Transport()}
	return says(d.account(t.Context()))
}

// Whatever keeps Twilio from asking us is found, and said what to do about it.
func TestDoctorTwilio(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		number func(*twiliosim.Number)
		edit   func(*config, *twiliosim.Sim)
		want   string // "" for nothing but ok
	}{
		{"all is well", nil, nil, ""},
		{"a wrong secret", nil, func(c *config, _ *twiliosim.Sim) {
			if err := os.WriteFile(c.Twilio.APISecretFile, []byte("wrong\n"), 0o600); err != nil {
				panic(err)
			}
		}, "FAIL Twilio: look at account"},
		{"no file with the secret", nil, func(c *config, _ *twiliosim.Sim) { c.Twilio.APISecretFile += ".not" }, "FAIL twilio.api_secret_file"},
		{"another's number", func(n *twiliosim.Number) { n.Number = "+358955555" }, nil, "FAIL Twilio: +358912345 is no number of the account"},
		{"asks another", func(n *twiliosim.Number) { n.VoiceURL = "https://demo.twilio.com/voice.xml" }, nil, "FAIL Twilio: +358912345 asks https://demo.twilio.com/voice.xml when it is called -> write https://cb.example.org/twilio/v1/voice there"},
		{"asks no more than once", func(n *twiliosim.Number) { n.VoiceURL = ours + "/twilio/v1/voice" }, nil, "warn Twilio: +358912345 does not ask again when we are slow"},
		{"nobody when we are down", func(n *twiliosim.Number) { n.VoiceFallbackURL = "" }, nil, "warn Twilio: +358912345 has nobody to ask when we are down"},
		{"us when we are down", func(n *twiliosim.Number) { n.VoiceFallbackURL = ours + "/twilio/v1/fallback" }, nil, "warn Twilio: +358912345 asks us again when we are down"},
		{"tells no end", func(n *twiliosim.Number) { n.StatusURL = "" }, nil, "warn Twilio: +358912345 does not tell us when a call ends"},
		{"texts elsewhere", func(n *twiliosim.Number) { n.SMSURL = "https://demo.twilio.com/sms" }, nil, "FAIL Twilio: +358912345 asks https://demo.twilio.com/sms when it gets a text"},
		{"takes no texts", func(n *twiliosim.Number) { n.SMSURL = "" }, nil, "FAIL Twilio: +358912345 takes no texts"},
		{"texts by another driver", func(n *twiliosim.Number) { n.SMSURL = "" }, func(c *config, _ *twiliosim.Sim) { c.SMS.Driver = "log" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := rightNumber()
			if tt.number != nil {
				tt.number(&n)
			}
			got := examined(t, n, tt.edit)
			if tt.want == "" && (strings.Contains(got, "FAIL") || strings.Contains(got, "warn") || !strings.Contains(got, "+358912345 asks us")) {
				t.Errorf("got\n%s", got)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("%q is not in\n%s", tt.want, got)
			}
			for line := range strings.Lines(got) {
				if !strings.HasPrefix(line, "ok") && strings.HasSuffix(line, "-> \n") {
					t.Errorf("does not say what to do: %s", line)
				}
			}
		})
	}
}
