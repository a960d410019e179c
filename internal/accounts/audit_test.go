package accounts_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// audited are the changes that people made, the oldest first, as the page of
// changes shows them: what, who, of whom or what, and how.
func (s *site) audited(t *testing.T) (all []string) {
	t.Helper()
	err := s.store.View(t.Context(), func(tx callback.Tx) error {
		found, err := tx.Changes(callback.ChangeFilter{Max: 1000})
		for _, e := range slices.Backward(found) {
			all = append(all, strings.TrimSpace(strings.Join([]string{e.Kind, e.Actor, e.Name, e.Value}, " ")))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestChangesAreAudited makes each change of an account, a key and a link once:
// each is in the journal, with who made it.
func TestChangesAreAudited(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s.wait(time.Second)
	}
	_, err := s.FirstAdmin(t.Context())
	must(err)
	_, err = s.Add(t.Context(), sam, "user:root")
	must(err)
	_, err = s.Relink(t.Context(), "sam", "user:root")
	must(err)
	must(s.Change(t.Context(), accounts.User{Name: "sam", Role: accounts.Agent, Agent: "anna"}, false, "user:root"))
	must(s.Change(t.Context(), accounts.User{Name: "sam", Role: accounts.Agent, Agent: "anna"}, true, "user:eve"))
	must(s.SignOut(t.Context(), "sam", "user:root"))
	must(s.Remove(t.Context(), "sam", "user:root"))
	_, err = s.AddKey(t.Context(), "crm", []accounts.Scope{"callbacks:read"}, "operator")
	must(err)
	must(s.RevokeKey(t.Context(), "crm", "user:root"))
	_, err = s.AddFeed(t.Context(), "anna", "telephone", "", "user:root")
	must(err)
	feeds, err := s.Feeds(t.Context(), "anna")
	must(err)
	must(s.EndFeed(t.Context(), feeds[0].ID, "", "operator"))
	want := []string{
		"user.added service admin admin", "user.link service admin",
		"user.added user:root sam supervisor", "user.link user:root sam", "user.link user:root sam",
		"user.changed user:root sam agent anna", "user.changed user:eve sam agent anna off",
		"user.signed_out user:root sam everywhere", "user.removed user:root sam",
		"key.added operator crm callbacks:read", "key.revoked user:root crm",
		"feed.added user:root anna telephone", "feed.ended operator anna telephone",
	}
	if got := s.audited(t); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMadeByProviderIsAudited has somebody come by the provider who had no
// account: that it was made for him is taken down, once, and so is each time that
// he comes in.
func TestMadeByProviderIsAudited(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	f := newForger(t, s)
	s.Config.OIDC.Create = accounts.Agent
	for range 2 {
		if code, body := f.comes(s.person(t)); code != http.StatusOK || body != "inside as anna@example.com agent " {
			t.Fatalf("got %d %s", code, body)
		}
		s.wait(time.Minute)
	}
	in := "user.signed_in user:anna@example.com anna@example.com 127.0.0.1"
	want := []string{"user.added provider anna@example.com agent", in, in}
	if got := s.audited(t); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
