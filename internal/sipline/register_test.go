package sipline

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
)

// registering has the line tell the carrier where it is.
func registering(t *testing.T) func(*Config) {
	return func(c *Config) {
		withPassword(t)(c)
		withTrunk(func(trunk *Trunk) { trunk.Register = true })(c)
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
