package hooks_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestWaysInside names a program of the inner network in all the ways that lead
// there: it is asked nothing, and the log says why.
func TestWaysInside(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("it is asked as %s", r.Host) }))
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	kept := storetest.New(t)
	for _, host := range []string{
		"127.0.0.1", "localhost", "localhost.", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "0.0.0.0", "[::]", "127.0.0.2", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1%25lo]",
	} {
		c := open(t, kept, func(e *hooks.Endpoint) { e.Private, e.URL = false, "http://"+host+":"+at.Port()+"/" })
		c.happens("callback.booked")
		c.step()
		if log := c.log(); log[0].Tries != 1 || log[0].Status != 0 || log[0].Err == "" || !log[0].DoneAt.IsZero() {
			t.Errorf("%s: the log has %+v", host, log[0])
		}
		if known := map[string]bool{"127.0.0.1": true, "localhost": true, "[::ffff:127.0.0.1]": true, "0.0.0.0": true}; known[host] && c.log()[0].Err != hooks.ErrInner.Error() {
			t.Errorf("%s: the log says %q", host, c.log()[0].Err)
		}
	}
}

// TestNoRedirects sends to the place that is configured, and to no other, by
// whatever kind of redirect, also when both are allowed.
func TestNoRedirects(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer away.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		to := httptest.NewServer(http.RedirectHandler(away.URL, code))
		c := open(t, storetest.New(t), func(e *hooks.Endpoint) { e.URL = to.URL })
		c.happens("callback.booked")
		c.step()
		to.Close()
		if log := c.log(); log[0].Status != code || !log[0].DoneAt.IsZero() {
			t.Errorf("%d: the log has %+v", code, log)
		}
	}
}

// TestTriesAreSpread holds that what failed together is not tried again all at
// once, nor earlier or much later than is said.
func TestTriesAreSpread(t *testing.T) {
	t.Parallel()
	c := open(t, storetest.New(t), nil)
	c.answers(http.StatusInternalServerError)
	for range 20 {
		c.happens("callback.booked")
	}
	c.step()
	dues := map[time.Time]int{}
	for _, d := range c.log() {
		dues[d.DueAt]++
		if wait := d.DueAt.Sub(noon); wait < 5*time.Second || wait > 5500*time.Millisecond {
			t.Errorf("it is tried again after %s", wait)
		}
	}
	if len(dues) < 10 {
		t.Errorf("20 are tried again at %d times", len(dues))
	}
}
