package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// device gives the browser a device that holds passkeys, and says yes.
func device() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		if err := webauthn.Enable().Do(ctx); err != nil {
			return err
		}
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	})
}

// TestPasskeysInTheBrowser makes a passkey by a link, without ever having a
// password, signs in with it, makes no second one on the same device, and
// removes it. The audit has that it was made, and removed.
func TestPasskeysInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	r := startWith(t, written(t, "sounds: {cache: false}\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	r.accounts.Origin = "http://" + r.http.Addr().String() // not that of the configuration
	_, port, _ := strings.Cut(r.http.Addr().String(), ":")
	site := "http://localhost:" + port
	code, link, errs := holdless(t, "user", "add", "anna", "--role", "admin", "--agent", "anna", "-c", r.file)
	if code != exitDone {
		t.Fatal(errs)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(link), "/welcome/")
	out := chromedp.Tasks{chromedp.Navigate(site + "/account"), chromedp.Click("#signout"), pagetest.Shows("h1", "Sign in")}
	enter := chromedp.Tasks{tabTo("passkey"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("h1", "anna")}

	pagetest.Drive(ctx, t, "open the link", device(), chromedp.Navigate(site+"/welcome/"+token), pagetest.Shows("h1", "Welcome, anna"))
	pagetest.Drive(ctx, t, "make a passkey", tabTo("passkey"), chromedp.KeyEvent(kb.Enter), pagetest.Shows("h1", "Desk"))
	pagetest.Drive(ctx, t, "sign out", out)
	pagetest.Drive(ctx, t, "be sent to sign in", chromedp.Navigate(site+"/account"), pagetest.Shows("h1", "Sign in"))
	pagetest.Drive(ctx, t, "sign in", enter)
	pagetest.Drive(ctx, t, "make another", chromedp.Click("#passkey"), pagetest.Shows("#said", "has a passkey already"))
	pagetest.Drive(ctx, t, "remove it", chromedp.Click("button[name=id]"), pagetest.Shows("#notice", "removed"))
	pagetest.Drive(ctx, t, "sign out again", out)
	pagetest.Drive(ctx, t, "try the removed one", chromedp.Click("#passkey"), pagetest.Shows("#said", "does not fit"))
	changed := r.changesOf(t, "user.proof_added", "user.proof_removed")
	for i, want := range []string{"user.proof_added by user:anna of anna: passkey Chrome", "user.proof_removed by user:anna of anna: passkey Chrome"} {
		if len(changed) != 2 || !strings.HasPrefix(changed[i], want) {
			t.Errorf("taken down of passkeys is %q", changed)
		}
	}
}

// changesOf is what the audit has of some kinds, the oldest first.
func (r *running) changesOf(t *testing.T, kinds ...string) (all []string) {
	t.Helper()
	err := r.store.View(t.Context(), func(tx callback.Tx) error {
		found, err := tx.Changes(callback.ChangeFilter{Max: 1000})
		for _, e := range slices.Backward(found) {
			if slices.Contains(kinds, e.Kind) {
				all = append(all, e.Kind+" by "+e.Actor+" of "+e.Name+": "+e.Value)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
