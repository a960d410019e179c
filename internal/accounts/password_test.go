package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A stored hash says what it cost: 19 MiB and two passes of argon2id.
func TestCostOfAHash(t *testing.T) {
	t.Parallel()
	var g accounts.Registry
	one, err := g.HashOf(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", one)
	}
	if two, err := g.HashOf(t.Context(), good); err != nil || two == one {
		t.Errorf("two hashes of one password are the same: %s, %v", two, err)
	}
}

// TestPasswordsThatAreChosen takes none that is short, longer than anybody types, or
// the name itself.
func TestPasswordsThatAreChosen(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	u := accounts.User{Name: "anna.the.first", Role: accounts.Agent}
	if _, err := s.Add(t.Context(), u, "test"); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]int{
		strings.Repeat("ä", 11): http.StatusUnprocessableEntity, strings.Repeat("ä", 257): http.StatusUnprocessableEntity, u.Name: http.StatusUnprocessableEntity,
		strings.Repeat("ä", 12): http.StatusOK, strings.Repeat("ä", 256): http.StatusOK,
	} {
		link, err := s.Relink(t.Context(), u.Name, "test")
		if err != nil {
			t.Fatal(err)
		}
		s.wait(time.Second)
		if code, body := s.person(t).send(http.MethodPost, accounts.WelcomePath(link), url.Values{"password": {password}}); code != want {
			t.Errorf("%.20s, %d bytes: got %d %s", password, len(password), code, body)
		}
	}
}

// left is a store whose user leaves as soon as his account is found, or not.
type left struct {
	accounts.Store
	leave func()
}

// ViewAccounts implements [accounts.Store].
func (l left) ViewAccounts(ctx context.Context, fn func(accounts.Tx) error) error {
	defer l.leave()
	return l.Store.ViewAccounts(ctx, fn)
}

// Whether there is an account of a name, its password takes as long to be looked
// at: both wait for their turn, which nobody gets here.
func TestNobodysPasswordIsHashed(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.member(t, anna)
	for done, ok := s.Hashing(); ok; done, ok = s.Hashing() {
		t.Cleanup(done)
	}
	kept := s.Store
	for _, name := range []string{"anna", "nobody"} {
		ctx, leave := context.WithCancel(t.Context())
		s.Store = left{kept, leave}
		form := url.Values{"name": {name}, "password": {good}}
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		if s.Handler().ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s was looked at in no time: %d", name, w.Code)
		}
	}
}

// Two passwords are hashed at once. The third waits for its turn, and no longer
// than whoever asked.
func TestHashersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g accounts.Registry
		var places []func()
		for done, ok := g.Hashing(); ok && len(places) < 10; done, ok = g.Hashing() {
			places = append(places, done)
		}
		if len(places) != 2 {
			t.Fatalf("%d passwords are hashed at once, want 2", len(places))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := g.HashOf(gone, good); !errors.Is(err, context.Canceled) {
			t.Errorf("hashed for who has left: %v", err)
		}
		hashed := make(chan error, 1)
		go func() {
			_, err := g.HashOf(t.Context(), good)
			hashed <- err
		}()
		synctest.Wait()
		if len(hashed) != 0 {
			t.Error("a third is hashed beside two others")
		}
		places[0]()
		if err := <-hashed; err != nil {
			t.Error(err)
		}
		if _, ok := g.Hashing(); !ok {
			t.Error("whose password is hashed keeps the place of others")
		}
	})
}
