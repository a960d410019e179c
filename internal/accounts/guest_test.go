package accounts_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A page of a stranger may have a name that leads to this machine: the guest is
// not let in by it.
func TestGuestsAskForThisMachine(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Guest = &accounts.User{Name: "demo", Role: accounts.Admin}
	inside := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	guarded := s.Guard(accounts.Rules{"/": accounts.Roles(), "/open": accounts.Anyone()}, inside)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1:8080": 200, "127.0.0.2": 200, "[::1]:8080": 200, "[::1]": 200, "LOCALHOST:1": 200,
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "192.0.2.1:8080": 421, "": 421,
	} {
		for _, path := range []string{"/", "/open"} {
			r, w := httptest.NewRequest(http.MethodPost, path, nil), httptest.NewRecorder()
			r.Host = host
			guarded.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s at %q: got %d, want %d", path, host, w.Code, want)
			}
		}
	}
}
