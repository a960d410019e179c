package accounts_test

import (
	"bufio"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// provider starts a certified OpenID provider that knows one site, and returns
// its issuer.
func provider(t *testing.T, redirect, secret string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	module := filepath.Join(dir, "node_modules", "oidc-provider", "lib", "index.js")
	if _, err := os.Stat(module); err != nil {
		t.Skip("needs npm oidc-provider: make test-tools")
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/provider.mjs", module, redirect, secret)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // it ends when its input does
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if issuer, ok := strings.CutPrefix(lines.Text(), "listens "); ok {
			go io.Copy(io.Discard, out)
			return issuer
		}
	}
	t.Fatal("the provider does not listen")
	return ""
}

var (
	action = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// through signs in at the provider as a person does, form by form, and returns
// where that ends.
func (p *person) through(as string) (int, string) {
	p.t.Helper()
	res, err := p.Get(p.site + "/login/oidc?next=/open")
	for range 4 {
		if err != nil {
			p.t.Fatal(err)
		}
		body, err2 := io.ReadAll(res.Body)
		res.Body.Close()
		if err2 != nil {
			p.t.Fatal(err2)
		}
		form := action.FindStringSubmatch(string(body))
		if form == nil || strings.HasPrefix(res.Request.URL.String(), p.site) {
			return res.StatusCode, string(body)
		}
		values := url.Values{"login": {as}, "password": {"any"}}
		for _, h := range hidden.FindAllStringSubmatch(string(body), -1) {
			values.Set(h[1], html.UnescapeString(h[2]))
		}
		to, err2 := res.Request.URL.Parse(html.UnescapeString(form[1]))
		if err2 != nil {
			p.t.Fatal(err2)
		}
		res, err = p.PostForm(to.String(), values)
	}
	p.t.Fatal("the provider asks on and on")
	return 0, ""
}

func TestProvider(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.now = time.Now() // the provider has a clock of its own
	s.Origin, s.ProviderSecret = s.url, "a secret between the two of us"
	s.Config.OIDC.Issuer, s.Config.OIDC.ClientID = provider(t, s.url+"/login/oidc/callback", s.ProviderSecret), "holdless"

	s.member(t, accounts.User{Name: "anna@example.com", Role: accounts.Supervisor})
	if _, err := s.Add(t.Context(), accounts.User{Name: "carl@example.com", Role: accounts.Agent}, "test"); err != nil {
		t.Fatal(err)
	}
	p := s.person(t)
	p.sees("/login", 200, "Sign in with your organisation")
	if code, body := p.through("anna"); code != 200 || body != "inside as anna@example.com supervisor " {
		t.Fatalf("got %d %s", code, body)
	}
	p.sees("/account", 200, "signs you in too")
	if said := s.audited(t); !slices.Contains(said, "user.proof_added user:anna@example.com anna@example.com provider") {
		t.Errorf("that the provider signs her in from now on is not taken down: %q", said)
	}
	for who, why := range map[string]string{
		"bert":        "has no account",
		"forged anna": "has an address that is not proved",
		"forged carl": "says that a waiting account has his address, which is not proved",
	} {
		if code, body := s.person(t).through(who); code != http.StatusForbidden || !strings.Contains(body, "ask an admin") {
			t.Errorf("who %s came in: %d %s", why, code, body)
		}
	}
	// The address was given to somebody else, whom the provider knows by another id.
	if code, body := s.person(t).through("other anna"); code != http.StatusForbidden {
		t.Errorf("who inherits an address comes in: %d %s", code, body)
	}
	s.Config.OIDC.Create = accounts.Agent
	if code, body := s.person(t).through("bert"); code != 200 || body != "inside as bert@example.com agent " {
		t.Errorf("got %d %s", code, body)
	}
	s.member(t, root)
	if err := s.Change(t.Context(), accounts.User{Name: "anna@example.com", Role: accounts.Supervisor}, true, "test"); err != nil {
		t.Fatal(err)
	}
	if code, _ := s.person(t).through("anna"); code != http.StatusForbidden {
		t.Errorf("whose account is off came in: %d", code)
	}
	for _, forged := range []string{"", "?code=x", "?code=x&state=y", "?error=access_denied", "?error=%3Cb%3E&state=x"} {
		q := s.person(t)
		q.Jar = p.Jar
		if code, body := q.send(http.MethodGet, "/login/oidc/callback"+forged, nil); code != http.StatusForbidden || strings.Contains(body, "<b>") {
			t.Errorf("%q: got %d %s", forged, code, body)
		}
	}
}

// A name that people choose at the provider gives them no account that somebody
// has here.
func TestProviderNamesThatAreChosen(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.now = time.Now() // the provider has a clock of its own
	s.Origin, s.ProviderSecret, s.Config.OIDC.Claim = s.url, "a secret between the two of us", "preferred_username"
	s.Config.OIDC.Issuer, s.Config.OIDC.ClientID = provider(t, s.url+"/login/oidc/callback", s.ProviderSecret), "holdless"
	if _, err := s.FirstAdmin(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.member(t, root)
	for _, name := range []string{"admin", "root"} {
		if code, body := s.person(t).through(name); code != http.StatusForbidden {
			t.Errorf("who calls himself %s comes in: %d %s", name, code, body)
		}
	}
	if _, err := s.Add(t.Context(), sam, "test"); err != nil {
		t.Fatal(err)
	}
	if code, body := s.person(t).through("sam"); code != 200 || body != "inside as sam supervisor " {
		t.Errorf("an account that waits for him: %d %s", code, body)
	}
}

func TestProviderIsDown(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.person(t).sees("/login/oidc", http.StatusNotFound, "no such page")
	s.Origin, s.Config.OIDC.Issuer, s.Config.OIDC.ClientID = s.url, "http://127.0.0.1:9", "holdless"
	s.person(t).sees("/login/oidc", http.StatusServiceUnavailable, "Try again in a minute")
}
