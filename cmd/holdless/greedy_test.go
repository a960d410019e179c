package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/pagetest"
)

// endless is a body of the same letter over and over.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), len(p))), nil }

// TestGreedyClients sends a gigabyte where a few letters are asked for: each is
// answered, or cut off, long before its end.
func TestGreedyClients(t *testing.T) {
	t.Parallel()
	r := serving(t)
	defer func() {
		r.stop()
		r.end(t)
	}()
	code, key, errs := holdless(t, "keys", "add", "greedy", "--scope", "callbacks:write", "-c", r.file)
	if code != exitDone {
		t.Fatal(errs)
	}
	for path, kind := range map[string]string{
		"/login": "application/x-www-form-urlencoded", "/welcome/x": "application/x-www-form-urlencoded",
		"/login/passkey/finish": "application/json", "/api/v1/callbacks": "application/json",
	} {
		body := &metered{Reader: io.LimitReader(endless{}, 1<<30)}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.http.Addr().String()+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
		res, err := http.DefaultClient.Do(req)
		cut := errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !cut {
			t.Fatalf("%s: %v", path, err)
		}
		if err == nil {
			res.Body.Close()
			if res.StatusCode < 400 || res.StatusCode > 499 {
				t.Errorf("%s: got %d", path, res.StatusCode)
			}
		}
		if n := body.n.Load(); n > 64<<20 {
			t.Errorf("%s: %d bytes were taken", path, n)
		}
	}
}

// metered counts what was read of it.
type metered struct {
	io.Reader
	n atomic.Int64 // an answer may come while the client still reads
}

func (c *metered) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// TestAccountPagesForEveryone looks at the pages of accounts and of the API in
// wide and narrow windows, light and dark.
func TestAccountPagesForEveryone(t *testing.T) {
	t.Parallel()
	judge := pagetest.NewJudge(t)
	ctx := pagetest.Browser(t)
	r := startWith(t, written(t, "sounds: {cache: false}\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	code, link, errs := holdless(t, "user", "add", "anna", "--role", "admin", "--agent", "anna", "-c", r.file)
	if code != exitDone {
		t.Fatal(errs)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(link), "/welcome/")
	site := "http://" + r.http.Addr().String()
	look := func(name, path, words string) {
		t.Helper()
		pagetest.Drive(ctx, t, name, chromedp.Navigate(site+path), pagetest.Shows("body", words))
		for _, w := range pagetest.Windows() {
			pagetest.Drive(ctx, t, name, w.Open())
			judge.Look(ctx, t, name, w)
		}
	}
	look("sign in", "/login", "Sign in")
	look("welcome", "/welcome/"+token, "Welcome, anna")
	pagetest.Drive(ctx, t, "choose a password", chromedp.SendKeys("#password", "a long pass phrase"), chromedp.Click("#choose"), pagetest.Holds(`location.pathname === "/"`))
	look("account", "/account", "Where you are signed in")
	look("users", "/users", "Make an account")
	look("the API", "/api/v1/docs", "POST /api/v1/callbacks")
	look("reports", "/reports", "Promises kept")
	look("what people changed", "/audit", "added an account")
}
