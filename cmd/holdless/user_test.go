package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// enter signs somebody in, with an account that is made by command, on the
// pages of a service of a configuration.
func enter(t *testing.T, file, site, role string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	add := []string{"user", "add", role + "-1", "--role", role, "-c", file}
	if role == "agent" {
		add = append(add, "--agent", "anna")
	}
	code, link, errs := holdless(t, add...)
	if code != exitDone {
		t.Fatalf("user add: %d %s", code, errs)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(link), "/welcome/")
	in, err := client.PostForm(site+"/welcome/"+token, url.Values{"password": {"a long pass phrase"}})
	if err != nil {
		t.Fatal(err)
	}
	in.Body.Close()
	return client
}

// getAs opens a page as somebody who has signed in.
func (r *running) getAs(t *testing.T, role, path string) (int, string) {
	t.Helper()
	site := "http://" + r.http.Addr().String()
	res, err := enter(t, r.file, site, role).Get(site + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestUsers gives accounts and takes them away, with and without a service.
func TestUsers(t *testing.T) {
	t.Parallel()
	r := serving(t)
	if code, body := r.getAs(t, "admin", "/users"); code != 200 || !strings.Contains(body, "admin-1") {
		t.Errorf("got %d %s", code, body)
	}
	for role, want := range map[string]int{"agent": http.StatusForbidden, "supervisor": http.StatusOK} {
		if code, body := r.getAs(t, role, "/menus/"); code != want {
			t.Errorf("%s: got %d %s, want %d", role, code, body, want)
		}
	}
	user := func(want int, words string, args ...string) {
		t.Helper()
		code, out, errs := holdless(t, append([]string{"user"}, append(args, "-c", r.file)...)...)
		if code != want || !strings.Contains(out+errs, words) {
			t.Errorf("user %v: got %d %s %s", args, code, out, errs)
		}
	}
	everything := func() {
		user(exitDone, "/welcome/", "add", "anna", "--role", "agent", "--agent", "anna")
		user(exitWrong, "already", "add", "anna", "--role", "agent")
		user(exitWrong, "no such agent", "add", "bert", "--role", "agent", "--agent", "bert")
		user(exitWrong, "a role is", "add", "bert", "--role", "boss")
		user(exitDone, "invited", "list")
		user(exitDone, "changed", "change", "anna", "--role", "supervisor")
		user(exitDone, "supervisor", "list", "--json")
		user(exitDone, "/welcome/", "link", "anna")
		user(exitDone, "signed out", "signout", "anna")
		user(exitDone, "changed", "change", "anna", "--role", "agent", "--off")
		user(exitDone, "off", "list")
		user(exitDone, "removed", "remove", "anna")
		user(exitWrong, "not found", "link", "anna")
	}
	everything()
	r.stop()
	r.end(t)
	everything()
}
