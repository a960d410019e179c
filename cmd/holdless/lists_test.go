package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// TestLetters writes an agent's list and invitations as things stand when they
// leave, and none that lost its meaning.
func TestLetters(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(written(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	c.Mail.From = "desk@example.com"
	c.Agents["anna"] = callback.Agent{Name: "Anna", Phone: "sip:anna@127.0.0.1:9", Email: "anna@example.com", Calendar: true}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s, err := newService(t.Context(), c, quiet(), parts{now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	own, err := s.desk.Book(t.Context(), callback.Request{Queue: "billing", Phone: "+358401234567", Name: "Aino", Owner: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what, method, subject, text string
	}{
		{callback.ListLetter, "PUBLISH", "Callbacks of Mon 23 Nov: 1", "Aino"},
		{callback.InviteLetter, "REQUEST", "Yours: callback at ", "Aino"},
		{callback.RevokeLetter, "CANCEL", "Not yours any more", "is not yours"},
	} {
		l, err := s.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: tt.what, Callback: own.ID})
		if err != nil || l.To != "anna@example.com" || l.Method != tt.method || !strings.HasPrefix(l.Subject, tt.subject) ||
			!strings.Contains(l.Text, tt.text) || !strings.Contains(l.Calendar, "METHOD:"+tt.method) {
			t.Errorf("%s: %+v, %v", tt.what, l, err)
		}
	}
	if err := s.desk.Cancel(t.Context(), own.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	_, err = s.letter(t.Context(), callback.Message{To: "anna", Body: callback.InviteLetter, Callback: own.ID})
	if !errors.Is(err, scheduler.ErrPermanent) {
		t.Errorf("invited to what is cancelled: %v", err)
	}
	_, err = s.letter(t.Context(), callback.Message{To: "gone", Body: callback.ListLetter})
	if !errors.Is(err, scheduler.ErrPermanent) {
		t.Errorf("a letter to nobody: %v", err)
	}
}

// TestFeed follows an agent's calendar by a link, and nobody else's.
func TestFeed(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newService(t.Context(), c, quiet(), parts{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := s.desk.Book(t.Context(), callback.Request{Queue: "billing", Phone: "+358401234567", Name: "Aino"}); err != nil {
		t.Fatal(err)
	}
	code, out, errs := typing(t, "", "lists", "link", "-c", file, "anna")
	if code != exitDone {
		t.Fatal(errs)
	}
	pages := s.pages.Handler()
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		pages.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return rec.Code, rec.Body.String()
	}
	path := strings.TrimPrefix(strings.TrimSpace(out), "https://cb.example.org")
	if code, cal := get(path); code != http.StatusOK || !strings.Contains(cal, "Aino") || strings.Contains(cal, "1234567") {
		t.Errorf("%s answers %d\n%s", path, code, cal)
	}
	for _, bad := range []string{strings.Replace(path, "anna", "bo", 1), path + "x", "/f/anna"} {
		if code, _ := get(bad); code != http.StatusNotFound {
			t.Errorf("%s answers %d", bad, code)
		}
	}
	if code, _, errs := typing(t, "", "lists", "print", "-c", file, "nobody"); code != exitWrong || !strings.Contains(errs, "no agent") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
