package sipline

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

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
