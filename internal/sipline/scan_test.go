package sipline

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
)

// TestScanners is attack A7: whoever tries out numbers and names from the
// address of a trunk learns nothing from what does not make a call, neither who
// is there nor which version of what answers.
func TestScanners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), nil)
		own := regexp.MustCompile(`(?m)^(Via|To|Call-ID|CSeq): .*\r\n`)
		for _, method := range []string{"OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "PUBLISH"} {
			var answers []string
			for _, who := range []string{"+358912345", "+358999999", "anna", "nobody"} {
				msg := strings.Replace(request(method, method+who, "<sip:"+who+"@10.0.0.1>", 1), "+358912345@10.0.0.1 SIP", who+"@10.0.0.1 SIP", 1)
				p.send(msg)
				answers = append(answers, own.ReplaceAllString(p.gets("SIP/2.0 "), ""))
			}
			for _, a := range answers[1:] {
				if a != answers[0] {
					t.Errorf("%s is answered %q and %q", method, answers[0], a)
				}
			}
			for _, name := range []string{"Server", "User-Agent"} {
				if got := field(answers[0], name); got != "" {
					t.Errorf("%s: %s %q", method, name, got)
				}
			}
		}
	})
}

// TestReflection is attack A5: who sends in the name of a trunk has us send the
// trunk hardly more than he sends himself, as long as no call comes of it, and no
// message twice.
func TestReflection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _ := virtual(t, newNetwork(1), menu(), func(c *Config) { c.MaxCalls = 1 })
		up(p, "c1")
		p.all()
		tests := map[string]func(n int) string{
			"INVITE above the limit": func(n int) string { return request("INVITE", fmt.Sprint("i", n), toUs, 1, sdpOffer) },
			"REGISTER":               func(n int) string { return request("REGISTER", fmt.Sprint("r", n), toUs, 1) },
			"unknown method":         func(n int) string { return request("NONSENSE", fmt.Sprint("n", n), toUs, 1) },
			"malformed": func(n int) string {
				return strings.Replace(request("INVITE", fmt.Sprint("m", n), toUs, 1), "CSeq: 1 INVITE", "CSeq: x", 1)
			},
		}
		for name, build := range tests {
			in, out := 0, 0
			for n := range 20 {
				msg := build(n)
				in += len(msg)
				p.send(msg)
			}
			pass(32 * 1e9)
			all := p.all()
			for _, msg := range all {
				out += len(msg)
			}
			if len(all) > 20 || float64(out)/float64(in) > 1.2 {
				t.Errorf("%s: %d bytes in 20 messages are answered by %d in %d", name, in, out, len(all))
			}
		}
	})
}
