package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A service that customers can reach answers the links that it writes, after a
// restart too, and no others.
func TestSurveyLinksOfAService(t *testing.T) {
	t.Parallel()
	s := serving(t)
	get := func(link string) (int, string) {
		t.Helper()
		path, _ := strings.CutPrefix(link, "https://cb.example.org")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.http.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
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
	link := s.desk.SurveyLink("NOBODY", time.Now().Add(time.Hour))
	if code, body := get(link); code != http.StatusNotFound || !strings.Contains(body, "This page is closed.") {
		t.Errorf("a survey that is gone: %d %s", code, body)
	}
	file := filepath.Join(s.config.Data, linkKeyFile)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key %v, %v", info, err)
	}
	first, err := s.config.linkKey()
	if again, err2 := s.config.linkKey(); err != nil || err2 != nil || string(first) != string(again) || len(first) < 16 {
		t.Errorf("keys %q and %q, %v, %v", first, again, err, err2)
	}
}

func TestLinkConfiguration(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaults()
	c.HTTP.KeyFile = key
	if _, err := c.linkKey(); err == nil {
		t.Error("a short key was taken")
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("survey: {by: link}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := holdless(t, "check", "-c", file); !strings.Contains(out, "public_url") {
		t.Errorf("no word of it: %s", out)
	}
	cluster := written(t, "database: postgres://nobody@127.0.0.1:1/x\nsurvey: {by: link}\n")
	if _, out, _ := holdless(t, "check", "-c", cluster); !strings.Contains(out, "http.key_file") {
		t.Errorf("no word of it: %s", out)
	}
}
