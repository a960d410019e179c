package twilioline

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Vectors that Twilio publishes in the tests of its own libraries: token
// 12345, from twilio-python 9 and twilio-go 1.31 and before.
func TestPublishedSignatures(t *testing.T) {
	t.Parallel()
	const (
		query = "/myapp.php?foo=1&bar=2"
		hash  = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	)
	call := url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Digits": {"1234"}, "From": {"+14158675309"},
		"To": {"+18005551212"}, "Caller": {"+14158675309"},
	}
	conference := url.Values{"ReasonConferenceEnded": {"test"}, "Reason": {"Participant"}}
	maps.Copy(conference, call)
	twice := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"5678", "1234"}}
	other := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"1234", "5678"}}
	thrice := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"1234", "5678", "1234"}}
	for _, tt := range []struct {
		name, base, path string
		form             url.Values
		signature        string
		want             bool
	}{
		{"a call", "https://mycompany.com", query, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https, our port, signed without", "https://mycompany.com:1234", query, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https, signed with the default port", "https://mycompany.com", query, call, "kvajT1Ptam85bY51eRf/AJRuM3w=", true},
		{"http, signed with the default port", "http://mycompany.com", query, call, "0ZXoZLH/DfblKGATFgpif+LLRf4=", true},
		{"http, signed with our port", "http://mycompany.com:1234", query, call, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", true},
		{"a name that begins another", "https://mycompany.com", query, conference, "vOEb5UThFn24KEfnOFLQY2AE5FY=", true},
		{"the same, our port, signed without", "https://mycompany.com:1234", query, conference, "vOEb5UThFn24KEfnOFLQY2AE5FY=", true},
		{"http, signed without a port", "http://mycompany.com", query, conference, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", true},
		{"http, our port, signed without", "http://mycompany.com:1234", query, conference, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", true},
		{"wrongly sorted", "https://mycompany.com", query, conference, "95+Bu0JVPi0r/SsESZCVf0dWAjw=", false},
		{"not a signature", "https://mycompany.com", query, call, "WRONG SIGNATURE", false},
		{"a parameter twice", "https://mycompany.com", query, twice, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"the same in another order", "https://mycompany.com", query, other, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"the same, one value twice", "https://mycompany.com", query, thrice, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"the hash of a body", "https://mycompany.com", query + "&" + hash, nil, "a9nBmqA0ju/hNViExpshrM61xv4=", true},
		{"the hash of a body alone", "https://mycompany.com", "/myapp.php?" + hash, nil, "y77kIzt2vzLz71DgmJGsen2scGs=", true},
		{"a form", "https://mycompany.com", query, url.Values{"property": {"value"}, "boolean": {"true"}}, "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, tokens := range [][]string{{"12345"}, {"new", "12345"}, {"12345", "old"}} {
				l := &Line{config: Config{Tokens: tokens}, bases: spellings(tt.base)}
				if got := l.signed(tt.path, tt.form, tt.signature); got != tt.want {
					t.Errorf("tokens %v: got %v, want %v", tokens, got, tt.want)
				}
			}
			l := &Line{config: Config{Tokens: []string{"54321"}}, bases: spellings(tt.base)}
			if l.signed(tt.path, tt.form, tt.signature) {
				t.Error("accepted with another token")
			}
		})
	}
}

// A vector is a request for Twilio's own library to judge.
type vector struct {
	URL       string            `json:"url"`
	Form      map[string]string `json:"form"`
	Signature string            `json:"signature"`
}

// judge has Twilio's library for Node validate requests, one line each.
const judge = `
const twilio = require('twilio');
let input = '';
process.stdin.setEncoding('utf8').on('data', d => input += d).on('end', () => {
  for (const v of JSON.parse(input))
    console.log(twilio.validateRequest('12345', v.signature, v.url, v.form));
});`

// Twilio's own library for Node agrees with us about 1,000 requests.
func TestSignaturesAsNode(t *testing.T) {
	t.Parallel()
	dir := nodeModules(t)
	chance := rand.New(rand.NewPCG(1, 2))
	var vectors []vector
	for i := range 1000 {
		v := vector{URL: fmt.Sprintf("https://cb.example.org%s/talk/T%d/%d/keys", root, i, i%9), Form: randomForm(chance)}
		form := url.Values{}
		for k, value := range v.Form {
			form.Set(k, value)
		}
		v.Signature = base64.StdEncoding.EncodeToString(sign("12345", v.URL, form))
		if i%10 == 9 { // forged: Twilio's library must see that, too
			v.Form["Digits"] += "1"
		}
		vectors = append(vectors, v)
	}
	input, err := json.Marshal(vectors)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", judge)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(string(input))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	lines := strings.Fields(string(out))
	if len(lines) != len(vectors) {
		t.Fatalf("%d verdicts on %d requests:\n%s", len(lines), len(vectors), out)
	}
	for i, got := range lines {
		if want := fmt.Sprint(i%10 != 9); got != want {
			t.Errorf("%s: Twilio's library says %s, want %s", vectors[i].URL, got, want)
		}
	}
}

// randomForm is what Twilio might send: names, signs, letters of all kinds.
func randomForm(chance *rand.Rand) map[string]string {
	words := []string{"", "+358401234567", "Kiitos ☎", "ěščř žýáí", "καλημέρα", " two  spaces ", "a&b=c;d", "100%", "5️⃣", "\n"}
	form := map[string]string{"CallSid": fmt.Sprintf("CA%032x", chance.Uint64()), "Digits": "1"}
	for range chance.IntN(12) {
		form[fmt.Sprintf("P%d", chance.IntN(30))] = words[chance.IntN(len(words))]
	}
	return form
}

// nodeModules is where "make test-tools" has installed Twilio's library.
func nodeModules(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skip(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "twilio")); err != nil {
		t.Skip("npm twilio is not installed: run make test-tools")
	}
	return dir
}
