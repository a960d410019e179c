package accounts_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

var (
	feedLink = regexp.MustCompile(`<code id="link">http://[^/]+/f/(\w+)</code>`)
	feedID   = regexp.MustCompile(`name="id" value="(\w+)"`)
)

// makes makes a link on the page, and returns its token.
func (p *person) makes(form url.Values) string {
	p.t.Helper()
	code, body := p.send(http.MethodPost, "/calendar", form)
	token := feedLink.FindStringSubmatch(body)
	if code != http.StatusOK || token == nil {
		p.t.Fatalf("no link is made: %d %s", code, body)
	}
	return token[1]
}

// follows holds what a link opens.
func (s *site) follows(t *testing.T, token, agent string, want error) {
	t.Helper()
	if got, err := s.FeedOf(t.Context(), token); got != agent || !errors.Is(err, want) {
		t.Errorf("the link opens %q, %v; want %q, %v", got, err, agent, want)
	}
}

// TestFeedsAreTakenBackSingly has an agent make links, take one back and make
// one anew: each is over for itself, and at once.
func TestFeedsAreTakenBackSingly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		p := s.member(t, anna)
		phone := p.makes(url.Values{"do": {"add"}, "agent": {"anna"}, "label": {"telephone"}})
		s.wait(time.Second) // the older one is shown first
		desk := p.makes(url.Values{"do": {"add"}, "agent": {"anna"}, "label": {"<b>desk"}})
		s.follows(t, phone, "anna", nil)
		s.follows(t, desk, "anna", nil)
		s.follows(t, phone+"x", "", callback.ErrNotFound)
		s.follows(t, "", "", callback.ErrNotFound)

		_, page := p.send(http.MethodGet, "/calendar", nil)
		ids := feedID.FindAllStringSubmatch(page, -1)
		if len(ids) != 2 || strings.Contains(page, phone) || strings.Contains(page, "<b>desk") || !strings.Contains(page, "read 23 Nov 2026") {
			t.Fatalf("the page is %s", page)
		}
		if code, body := p.send(http.MethodPost, "/calendar", url.Values{"do": {"end"}, "id": {ids[0][1]}}); code != http.StatusOK || !strings.Contains(body, "taken back") {
			t.Errorf("take back: %d %s", code, body)
		}
		s.follows(t, phone, "", accounts.ErrEnded)
		s.follows(t, desk, "anna", nil)
		again := p.makes(url.Values{"do": {"renew"}, "agent": {"anna"}, "id": {ids[1][1]}})
		s.follows(t, desk, "", accounts.ErrEnded)
		s.follows(t, again, "anna", nil)
		if code, _ := p.send(http.MethodPost, "/calendar", url.Values{"do": {"end"}, "id": {ids[0][1]}}); code != http.StatusNotFound {
			t.Errorf("taken back twice: %d", code)
		}
		s.journal(t, "user.added", "user.link", "user.password", "user.signed_in", "feed.added", "feed.added", "feed.ended", "feed.ended", "feed.added")
		s.wait(366 * 24 * time.Hour)
		s.follows(t, again, "", accounts.ErrEnded)
	})
}

// TestFeedsOfOthers holds that an agent looks after his own links alone, and
// who leads the team after those of all.
func TestFeedsOfOthers(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Agents = []string{"anna", "bo"}
	bo, err := s.AddFeed(t.Context(), "bo", "", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Feeds(t.Context(), "bo")
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	p := s.member(t, anna)
	for _, form := range []url.Values{
		{"do": {"end"}, "id": {all[0].ID}},
		{"do": {"renew"}, "agent": {"bo"}, "id": {all[0].ID}},
		{"do": {"renew"}, "agent": {"anna"}, "id": {all[0].ID}},
		{"do": {"add"}, "agent": {"bo"}},
		{"do": {"renew"}, "agent": {"anna"}},
		{},
	} {
		if code, _ := p.send(http.MethodPost, "/calendar", form); code != http.StatusNotFound {
			t.Errorf("%v: %d", form, code)
		}
	}
	if _, page := p.send(http.MethodGet, "/calendar", nil); strings.Contains(page, all[0].ID) {
		t.Error("another's link is on the page")
	}
	s.follows(t, bo, "bo", nil)
	lead := s.member(t, accounts.User{Name: "sam", Role: accounts.Supervisor})
	if code, _ := lead.send(http.MethodPost, "/calendar", url.Values{"do": {"end"}, "id": {all[0].ID}}); code != http.StatusOK {
		t.Errorf("the supervisor takes it back: %d", code)
	}
	s.follows(t, bo, "", accounts.ErrEnded)
	for range 10 {
		lead.makes(url.Values{"do": {"add"}, "agent": {"bo"}})
	}
	if code, body := lead.send(http.MethodPost, "/calendar", url.Values{"do": {"add"}, "agent": {"bo"}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "ten links") {
		t.Errorf("an eleventh: %d %s", code, body)
	}
	s.person(t).sees("/calendar", http.StatusOK, "<h1>Sign in</h1>")
}
