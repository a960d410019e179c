package twiliosim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/twilio/twilio-go/client"

	"github.com/holdless/holdless/internal/twiliosim"
)

// signed is one webhook with its signature.
type signed struct {
	Token     string     `json:"token"`
	Signature string     `json:"signature"`
	Address   string     `json:"address"`
	Form      url.Values `json:"form"`
}

// webhooks are 500 webhooks as they could come: emoji, empty values, queries,
// ports, and values that come twice.
func webhooks(repeated bool) []signed {
	chance := rand.New(rand.NewPCG(7, 7))
	bodies := []string{"", "5", "Kiitos ☎", "ěščř žý", "a+b & c=d %20", " spaces ", "🇫🇮", "<Response/>", "line\nline"}
	all := make([]signed, 500)
	for i := range all {
		form := url.Values{"CallSid": {fmt.Sprintf("CA%032x", i)}, "From": {fmt.Sprintf("+35840%d", i)}, "Digits": {fmt.Sprint(i % 10)}}
		for k := range chance.IntN(12) {
			form.Set(fmt.Sprintf("Key%d", k), bodies[chance.IntN(len(bodies))])
		}
		if repeated && i%5 == 0 {
			form["Twice"] = []string{"b", "a", "a"}
		}
		address := "https://calls.example.org" + []string{"", ":443", ":8443"}[i%3] + fmt.Sprintf("/twilio/v1/turn/%d", i)
		if i%2 == 0 {
			address += "?a=1&b=x%20y"
		}
		token := fmt.Sprintf("token%d", i%7)
		all[i] = signed{token, twiliosim.Sign(token, address, form), address, form}
	}
	return all
}

// TestSignaturesInGo has Twilio's library for Go judge our signatures. It reads
// one value of each parameter only.
func TestSignaturesInGo(t *testing.T) {
	t.Parallel()
	for _, s := range webhooks(false) {
		params := map[string]string{}
		for k := range s.Form {
			params[k] = s.Form.Get(k)
		}
		v := client.NewRequestValidator(s.Token)
		if !v.Validate(s.Address, params, s.Signature) {
			t.Errorf("%s %v is not believed", s.Address, s.Form)
		}
		params["CallSid"] += "0"
		if v.Validate(s.Address, params, s.Signature) {
			t.Errorf("%s is believed after a change", s.Address)
		}
	}
}

// TestSignaturesInNode has Twilio's library for Node judge them.
func TestSignaturesInNode(t *testing.T) {
	t.Parallel()
	modules := nodeModules(t, "twilio")
	good := webhooks(true)
	forged := webhooks(true)
	for i := range forged {
		forged[i].Form.Set("Digits", "*")
	}
	for _, tt := range []struct {
		name string
		all  []signed
		want int
	}{{"good", good, 500}, {"forged", forged, 0}} {
		if got := believed(t, modules, tt.all); got != tt.want {
			t.Errorf("%s: %d of %d are believed, want %d", tt.name, got, len(tt.all), tt.want)
		}
	}
}

// nodeModules finds a library that make test-tools installs.
func nodeModules(t *testing.T, library string) string {
	t.Helper()
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if cache, err := os.UserCacheDir(); dir == "" && err == nil {
		dir = filepath.Join(cache, "holdless", "node")
	}
	modules := filepath.Join(dir, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, library)); err != nil {
		t.Skipf("npm %s is not installed: make test-tools", library)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	return modules
}

func believed(t *testing.T, modules string, all []signed) int {
	t.Helper()
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/verify.js")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var said struct{ Believed int }
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("node said %q: %v", out, err)
	}
	return said.Believed
}
