package accounts_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// from sends a form as if a proxy had had it of an address.
func (p *person) from(address, path string) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.site+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", address)
	res, err := p.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// What strangers begin is written down: all of them together are bounded.
func TestBeginningsAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Origin = "http://localhost:8080"
	p, begun := s.person(t), 0
	for i := range 50 {
		if p.from(fmt.Sprintf("192.0.2.%d", i), "/login/passkey/begin") == http.StatusOK {
			begun++
		}
	}
	if begun != 20 {
		t.Errorf("%d were begun at once, want 20", begun)
	}
	s.wait(time.Second)
	if code := p.from("192.0.2.99", "/login/passkey/begin"); code != http.StatusOK {
		t.Errorf("a second later: %d", code)
	}
}

func TestPasskeyByLinkEndsThePassword(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	thief := s.member(t, anna)
	link, err := s.Relink(t.Context(), "anna", "test")
	if err != nil {
		t.Fatal(err)
	}
	if token, err := s.UseLink(t.Context(), "anna", link); err != nil || token == "" {
		t.Fatalf("got %q, %v", token, err)
	}
	thief.sees("/", http.StatusOK, "<h1>Sign in</h1>")
	if code, _ := thief.signsIn("anna", good); code != http.StatusForbidden {
		t.Errorf("the old password: %d", code)
	}
	if code, _ := thief.send(http.MethodPost, accounts.WelcomePath(link), nil); code != http.StatusNotFound {
		t.Errorf("the link once more: %d", code)
	}
}
