package sipline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

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
	return withTrunk(func(trunk *Trunk) {
		trunk.Username, trunk.PasswordFile, trunk.Realm = "anna", secret(t), "carrier.example"
	})
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
