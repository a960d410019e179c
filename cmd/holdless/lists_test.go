package main

import (
	"encoding/json"
	"errors"
	"fmt"
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
	} {
		l, err := s.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: tt.what, Callback: own.ID})
		if err != nil || l.To != "anna@example.com" || l.Method != tt.method || !strings.HasPrefix(l.Subject, tt.subject) ||
			!strings.Contains(l.Text, tt.text) || !strings.Contains(l.Calendar, "METHOD:"+tt.method) {
			t.Errorf("%s: %+v, %v", tt.what, l, err)
		}
	}
	// One that waited while the callback went to and fro would undo the invitation.
	_, err = s.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: callback.RevokeLetter, Callback: own.ID})
	if !errors.Is(err, scheduler.ErrPermanent) {
		t.Errorf("taken back from whose it is: %v", err)
	}
	before := sequence(t, s, callback.InviteLetter, own.ID)
	if _, err := s.desk.Move(t.Context(), own.ID, now.Add(3*time.Hour), "operator"); err != nil {
		t.Fatal(err)
	}
	moved := sequence(t, s, callback.InviteLetter, own.ID)
	if err := s.desk.Cancel(t.Context(), own.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	gone, err := s.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: callback.RevokeLetter, Callback: own.ID})
	if err != nil || gone.Method != "CANCEL" || !strings.HasPrefix(gone.Subject, "Not yours any more") || !strings.Contains(gone.Text, "is not yours") || !strings.Contains(gone.Calendar, "METHOD:CANCEL") {
		t.Errorf("taken back by %+v, %v", gone, err)
	}
	if over := sequence(t, s, callback.RevokeLetter, own.ID); moved <= before || over <= moved {
		t.Errorf("the invitations have SEQUENCE %d, moved %d, taken back %d", before, moved, over)
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

// sequence is that of the calendar in a letter to anna (RFC 5545, 3.8.7.4):
// programs leave out what is no newer than what they have.
func sequence(t *testing.T, s *service, what, id string) (n int) {
	t.Helper()
	l, err := s.letter(t.Context(), callback.Message{Kind: callback.MailKind, To: "anna", Body: what, Callback: id})
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(l.Calendar, "SEQUENCE:")
	if _, err := fmt.Sscan(after, &n); err != nil {
		t.Fatal(l.Calendar, err)
	}
	return n
}

// TestLinkCommands makes links in the shell, lists them, and takes one back.
func TestLinkCommands(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	run := func(want int, words string, args ...string) string {
		t.Helper()
		code, out, errs := typing(t, "", append([]string{"lists", "-c", file}, args...)...)
		if code != want || !strings.Contains(out+errs, words) {
			t.Fatalf("%v: exit %d %s %s, want %d %q", args, code, out, errs, want, words)
		}
		return out
	}
	run(exitDone, "https://cb.example.org/f/", "link", "anna", "--for", "telephone")
	run(exitWrong, "no agent", "link", "nobody")
	if out := run(exitDone, "telephone", "links", "anna"); strings.Contains(out, "/f/") {
		t.Errorf("the link is told once more: %s", out)
	}
	var all []feedLine
	if err := json.Unmarshal([]byte(run(exitDone, "", "links", "--json")), &all); err != nil || len(all) != 1 || all[0].Agent != "anna" {
		t.Fatal(all, err)
	}
	run(exitDone, "taken back", "unlink", all[0].ID)
	run(exitWrong, "not found", "unlink", all[0].ID)
	if out := run(exitDone, "ID", "links"); strings.Contains(out, "anna") {
		t.Errorf("it is listed after it was taken back: %s", out)
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
	c.Agents["bo"] = callback.Agent{Name: "Bo", Phone: "sip:bo@127.0.0.1:9"}
	team := c.Queues["billing"]
	team.Agents = append(team.Agents, "bo")
	c.Queues["billing"] = team
	s, err := newService(t.Context(), c, quiet(), parts{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	booked, err := s.desk.Book(t.Context(), callback.Request{Queue: "billing", Phone: "+358401234567", Name: "Aino"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.accounts.AddFeed(t.Context(), "anna", "", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	pages := s.pages.Handler()
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		pages.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return rec.Code, rec.Body.String()
	}
	path := "/f/" + token
	if code, cal := get(path); code != http.StatusOK || !strings.Contains(cal, "Aino") || strings.Contains(cal, "1234567") {
		t.Errorf("%s answers %d\n%s", path, code, cal)
	}
	if _, cal := get(path); !strings.Contains(cal, "STATUS:CONFIRMED") {
		t.Errorf("what was booked is not on: %s", cal)
	}
	followsOwner(t, s, booked, func() string { _, cal := get(path); return cal })
	if err := s.desk.Cancel(t.Context(), booked.ID, "operator"); err != nil {
		t.Fatal(err)
	}
	if _, cal := get(path); !strings.Contains(cal, booked.ID+"@holdless") || !strings.Contains(cal, "STATUS:CANCELLED") || strings.Contains(cal, "CONFIRMED") {
		t.Errorf("a calendar is not told that it was cancelled: %s", cal)
	}
	for _, bad := range []string{path + "x", "/f/anna"} {
		if code, words := get(bad); code != http.StatusNotFound || !strings.Contains(words, "no such calendar") {
			t.Errorf("%s answers %d %s", bad, code, words)
		}
	}
	all, err := s.accounts.Feeds(t.Context(), "anna")
	if err != nil || len(all) != 1 || s.accounts.EndFeed(t.Context(), all[0].ID, "", "test") != nil {
		t.Fatal(all, err)
	}
	if code, words := get(path); code != http.StatusGone || !strings.Contains(words, "taken back") {
		t.Errorf("taken back, it answers %d %s", code, words)
	}
	if code, _, errs := typing(t, "", "lists", "print", "-c", file, "nobody"); code != exitWrong || !strings.Contains(errs, "no agent") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// followsOwner gives a callback of the team to bo and back: the calendar of anna
// is told, each time in a newer version (RFC 5545, 3.8.7.4).
func followsOwner(t *testing.T, s *service, c callback.Callback, cal func() string) {
	t.Helper()
	for _, tt := range []struct {
		do    callback.Deed
		to    string
		shown string
	}{{callback.DoHand, "bo", "STATUS:CANCELLED"}, {callback.DoRelease, "", "STATUS:CONFIRMED"}} {
		next, err := s.desk.Act(t.Context(), callback.Act{Do: tt.do, Callback: c.ID, Version: c.Version, Any: true, Actor: "test", To: tt.to})
		if err != nil || next.Version <= c.Version {
			t.Fatal(next.Version, c.Version, err)
		}
		c = next
		text := cal()
		for _, want := range []string{c.ID + "@holdless", tt.shown, fmt.Sprintf("SEQUENCE:%d\r\n", c.Version)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the calendar lacks %q:\n%s", tt.do, want, text)
			}
		}
		if strings.Contains(text, "Aino") != (c.Owner == "") {
			t.Errorf("%s: who is called is told to whom it is not:\n%s", tt.do, text)
		}
	}
}
