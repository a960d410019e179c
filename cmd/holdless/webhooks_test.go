package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDocumentedCRM runs the integration of docs/api.md as it stands there: a
// CRM is told over plain HTTP what came of a callback.
func TestDocumentedCRM(t *testing.T) {
	t.Setenv("CRM_TOKEN", "a token of the CRM")
	type note struct {
		Contact, Subject, Text, Agent, Source string
		Tries                                 int
		At                                    time.Time
	}
	notes := make(chan note, 4)
	crm := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var n note
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil || r.Header.Get("Authorization") != "Bearer a token of the CRM" || r.URL.Path != "/api/notes" {
			t.Errorf("got %s %v, %v", r.URL, r.Header, err)
		}
		notes <- n
	}))
	defer crm.Close()
	src, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(string(src))
	i := slices.IndexFunc(all, func(b block) bool { return b.kind == "yaml crm" })
	r := startWith(t, written(t, strings.Replace(all[i].text, "http://127.0.0.1:8090", crm.URL, 1)+"sounds: {cache: false}\n"))
	defer func() {
		r.stop()
		r.end(t)
	}()
	eventually(t, "listened to the journal", func() bool {
		states, err := r.publisher.List(t.Context())
		_, firsts := r.publisher.Deliveries(t.Context(), "crm", 1, 1)
		return err == nil && firsts == nil && len(states) == 1 && states[0].Seq > 0
	})
	booked := book(t, r.file, "+358401234567")
	if code, _, errs := holdless(t, "callbacks", "cancel", booked, "-c", r.file); code != exitDone {
		t.Fatal(errs)
	}
	select {
	case n := <-notes:
		if n.Contact != "+358401234567" || !strings.HasPrefix(n.Subject, "Callback cancelled") || n.Source != booked || n.At.IsZero() {
			t.Errorf("got %+v", n)
		}
	case <-time.After(patience):
		t.Fatal("the CRM was told nothing")
	}
}
