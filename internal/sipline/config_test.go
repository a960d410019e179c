package sipline

import (
	"path/filepath"
	"strings"
	"testing"
)

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
