package sipline

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// withTrunk changes the trunk that a line has in tests.
func withTrunk(change func(*Trunk)) func(*Config) {
	return func(c *Config) {
		trunk := c.Trunks["carrier"]
		change(&trunk)
		c.Trunks["carrier"] = trunk
	}
}

func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, log := newNetwork(1), &sayings{}
		l, p, _ := still(t, n, newDesk(nil), withTrunk(func(trunk *Trunk) { trunk.Keepalive = 30 * time.Second }))
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
			l, p, _ := virtual(t, newNetwork(1), newDesk(nil), withTrunk(func(trunk *Trunk) { trunk.Redirect = allowed }))
			var asked []string
			l.check = func(addr string) error { asked = append(asked, addr); return nil }
			done := ring(t, l, liveline.Call{Addr: "+358401234567"})
			p.send(answer(p.gets("INVITE "), "302 Moved Temporarily", "c", "Contact: <sip:+358409999999@evil.example>"))
			if !allowed {
				if got := outcome(t, done); got != ivr.Carrier || len(asked) != 1 {
					t.Errorf("%s, and the rules were asked about %q", got, asked)
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
