package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestOddForms writes what no browser writes into every field of every form: each
// is answered in words, on both databases, and is no fault of ours.
func TestOddForms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		p := s.member(t, root)
		many := url.Values{}
		for i := range 5000 {
			many.Set(fmt.Sprint("f", i), "")
		}
		for name, text := range map[string]string{
			"nothing": "", "much": strings.Repeat("x", 60_000), "an end": "a\x00b", "no letters": "\xff\xfe", "lines": "a\r\nSet-Cookie: x=y", "a tag": "<script>alert(1)</script>",
			"right to left": "a\u202eb", "a formula": "=1+1", "a path": "../../etc/passwd", "a statement": "'; DROP TABLE account; --",
		} {
			for path, fields := range map[string][]string{
				"/login": {"name", "password", "next"}, "/welcome/none": {"password"}, "/account/password": {"old", "password"}, "/account/passkey/remove": {"id"},
				"/users": {"do", "name", "role", "agent", "off"}, "/calendar": {"do", "agent", "label", "id"},
			} {
				s.wait(time.Minute)
				form := url.Values{"do": {"add"}, "role": {"agent"}, "name": {"eve"}}
				for _, f := range fields[min(1, len(fields)-1):] {
					form.Set(f, text)
				}
				for _, f := range []url.Values{form, {fields[0]: {text, text}}} {
					code, body := p.send(http.MethodPost, path, f)
					if code >= 500 || code == http.StatusOK && path != "/login" || strings.Contains(body, "<script>alert") || body == "" {
						t.Errorf("%s in %s: got %d %.200s", name, path, code, body)
					}
				}
			}
		}
		for _, path := range []string{"/login", "/users", "/calendar"} {
			if code, body := p.send(http.MethodPost, path, many); code >= 500 || code == http.StatusOK || body == "" {
				t.Errorf("5,000 fields for %s: got %d %.200s", path, code, body)
			}
		}
		for _, path := range []string{"/welcome/%00", "/welcome/%ff", "/login?next=%00", "/login?next=%ff", "/login/oidc/callback?state=%00&code=%ff", "/account?done=%00"} {
			if code, _ := p.send(http.MethodGet, path, nil); code >= 500 {
				t.Errorf("%s: got %d", path, code)
			}
		}
		all, err := s.List(t.Context())
		if err != nil || len(all) != 1 || all[0].Name != "root" {
			t.Errorf("there are %+v, %v", all, err)
		}
	})
}
