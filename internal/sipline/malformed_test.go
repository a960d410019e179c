package sipline

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/ivr"
)

func TestMethodsAreCaseSensitive(t *testing.T) { // trap S11
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		p.send(strings.ReplaceAll(request("INVITE", "c1", toUs, 1, sdpOffer), "INVITE", "invite"))
		p.gets("SIP/2.0 501")
	})
}

// TestSmuggling is attack A9: what could be read in two ways is not read.
func TestSmuggling(t *testing.T) {
	options := request("OPTIONS", "c1", toUs, 1, "X-Foo: bar")
	tests := []struct{ name, from, to string }{
		{"bare LF", "X-Foo: bar\r\n", "X-Foo: bar\nVia: evil\r\n"},
		{"bare CR", "X-Foo: bar\r\n", "X-Foo: bar\rVia: evil\r\n"},
		{"NUL", "X-Foo: bar", "X-Foo: b\x00r"},
		{"escape", "X-Foo: bar", "X-Foo: \x1b[2J"},
		{"two lengths", "X-Foo: bar", "Content-Length: 5"},
		{"two Call-IDs", "X-Foo: bar", "i: other"},
		{"two CSeqs", "X-Foo: bar", "CSeq: 7 OPTIONS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, p, _ := virtual(t, newNetwork(1), menu(), nil)
				p.send(strings.Replace(options, tt.from, tt.to, 1))
				got := p.gets("SIP/2.0 ")
				if !strings.HasPrefix(got, "SIP/2.0 400") {
					t.Errorf("answered %q", firstLine(got))
				}
				if !clean([]byte(got)) || strings.Contains(got, "evil") {
					t.Errorf("echoed %q", got)
				}
			})
		})
	}
}

// TestMalformed sends 6,000 messages, each with one field broken in one way:
// nothing breaks, and no control character comes back (target T3).
func TestMalformed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, _ := virtual(t, newNetwork(1), newDesk(map[string][]ivr.Turn{}), func(c *Config) { c.MaxCalls = 100000 })
		l.guard.packets.open()
		l.guard.invites.open()
		sent := 0
		for msg := range malformed() {
			p.send(msg)
			if sent++; sent%50 == 0 {
				synctest.Wait()
				for _, got := range p.all() {
					if !clean([]byte(got)) {
						t.Fatalf("control characters came back: %q", got)
					}
				}
			}
		}
		if sent < 6000 {
			t.Errorf("%d messages, want 6000", sent)
		}
		if got := l.Counts(); got.Panics != 0 {
			t.Errorf("%d messages broke something", got.Panics)
		}
		p.all()
		p.send(request("OPTIONS", "after", toUs, 1))
		p.gets("SIP/2.0 200")
	})
}

// malformed breaks every field of an INVITE in every way.
func malformed() func(yield func(string) bool) {
	base := strings.Split(request("INVITE", "ID", toUs, 1,
		"Session-Expires: 1800", "Supported: timer", "Require: timer", "Record-Route: <sip:10.0.0.9;lr>",
		"P-Asserted-Identity: <sip:+358401234567@h>", "Privacy: none", "Allow: INVITE", "Accept: application/sdp",
		"Diversion: <sip:1@h>", "Proxy-Require: x", "Subject: hello", "User-Agent: x", "Min-SE: 90",
		"Authorization: Digest realm=x", "Route: <sip:10.0.0.1;lr>", sdpOffer), "\r\n")
	return func(yield func(string) bool) {
		n := 0
		for i := range base {
			for _, broken := range breaks(base[i]) {
				lines := append([]string(nil), base...)
				lines[i] = broken
				n++
				msg := strings.ReplaceAll(strings.Join(lines, "\r\n"), "ID", fmt.Sprint("m", n))
				if !yield(msg) {
					return
				}
			}
		}
	}
}

// breaks returns a line of a message, broken in many ways.
func breaks(line string) (all []string) {
	name, value, _ := strings.Cut(line, ":")
	junk := []string{
		"", " ", "\t", "\x00", "\n", "\r", "\x1b[2J", "\x7f", "%00", "%n%s%x", "'", "\"", "\\", "<", ">", "<>", ";", ";;;;", ",", ",,,,",
		"=", "@", ":", "::::", "-1", "0", "2147483648", "4294967296", "99999999999999999999", "1e9", "0x41", "\xff\xfe", "\u202e", "ä",
		"sip:", "sip:@", "sip:a@", "sip:a@[", "sip:a@[::1", "sip:a@]", "tel:", "<sip:a@b", "sip:a@b>", "\"<sip:a@b>", "a b c d e f",
		"SIP/2.0/UDP", "SIP/9.9/UDP h;branch=z9hG4bK", "INVITE", "1 ", " INVITE", "../../etc/passwd", "{}", "[]", "null", "$(id)",
	}
	for _, j := range junk {
		all = append(all, name+": "+j, name+": "+value+j, name+": "+j+value, j, name+j)
	}
	for _, n := range []int{10, 100, 1000, 4000, 15000, 20000} {
		for _, c := range []string{"A", " ", ";", ",", "(", "\"", "<", "%41"} {
			all = append(all, name+": "+strings.Repeat(c, n))
		}
	}
	all = append(all, line+"\r\n"+line, line+"\r\n "+line, name+" : "+value, strings.ToUpper(line), strings.ToLower(line), name)
	return all
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte(request("INVITE", "c1", toUs, 1, sdpOffer)))
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n"))
	f.Add([]byte("\r\n\r\n"))
	g := &guard{
		listed: func(netip.Addr) bool { return true }, admit: func(string) *rejection { return nil },
		live: func(string) bool { return false }, now: time.Now, log: slog.New(slog.DiscardHandler),
		packets: newBuckets(1e9, 1e9), invites: newBuckets(1e9, 1e9), guests: map[netip.Addr]int{},
	}
	src := netip.MustParseAddrPort("192.0.2.1:5060")
	f.Fuzz(func(t *testing.T, data []byte) {
		v := g.judge(src, data)
		if g.counts.panics.Load() > 0 {
			t.Fatal("it panicked")
		}
		if v.pass && len(v.answer) > 0 {
			t.Error("let in and refused")
		}
		if !clean(v.answer) {
			t.Errorf("control characters in %q", v.answer)
		}
		if _, err := frame(data); err == nil && len(data) > maxMessage+4096 && !bytes.Contains(data, []byte("\r\n\r\n")) {
			t.Error("a head without end is waited for")
		}
	})
}
