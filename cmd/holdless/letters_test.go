package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/holdless/holdless/callback"
)

// A postbox is an SMTP server that we did not write, and the letters it takes.
type postbox chan string

// NewSession implements [smtp.Backend].
func (p postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return delivery{p}, nil }

type delivery struct{ postbox }

func (delivery) Reset()                               {}
func (delivery) Logout() error                        { return nil }
func (delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (delivery) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (d delivery) Data(r io.Reader) error {
	src, err := io.ReadAll(r)
	d.postbox <- string(src)
	return err
}

// serve lets a postbox listen, and returns where.
func (p postbox) serve(t *testing.T) string {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv, done := smtp.NewServer(p), make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln) // it ends when it is closed
	}()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), ln.Close()); err != nil && !errors.Is(err, net.ErrClosed) { // it may not serve yet
			t.Error(err)
		}
		<-done
	})
	return ln.Addr().String()
}

// TestShiftLetter runs a service into its morning: by the timetable each agent
// who has an address gets his list by mail, as text, as a table and as a
// calendar, and gets it once.
func TestShiftLetter(t *testing.T) {
	t.Parallel()
	box := make(postbox, 9)
	c, err := loadConfig(written(t, "lists: \"45 8 * * *\"\nmail: {host: \""+box.serve(t)+"\", tls: none, from: desk@example.com}\n"))
	if err != nil {
		t.Fatal(err)
	}
	anna := c.Agents["anna"]
	anna.Email = "anna@example.com"
	c.Agents["anna"] = anna
	began, morning := time.Now(), time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC) // 9:00 in Helsinki
	ctx, stop := context.WithCancel(t.Context())
	s, err := newService(ctx, c, quiet(), parts{now: func() time.Time { return morning.Add(time.Since(began)) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Book(ctx, callback.Request{Queue: "billing", Phone: "+358401234567", Name: "Aino", At: morning.Add(6 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	err = s.store.Update(ctx, func(tx callback.Tx) error {
		_, err := tx.StartRun("lists", "yesterday", "a boot", morning.AddDate(0, 0, -1))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{service: s, ended: make(chan error, 1)}
	go func() { r.ended <- s.run(ctx) }()
	select {
	case letter := <-box:
		const calendar = "QkVHSU46VkNBTEVOREFS" // in base64
		for _, want := range []string{
			"To: \"Anna\" <anna@example.com>", "Callbacks of Mon 23 Nov: 1", "text/plain", "text/html", "<table", "text/calendar; method=PUBLISH", calendar, "Aino",
		} {
			if !strings.Contains(letter, want) {
				t.Errorf("the letter lacks %q:\n%s", want, letter)
			}
		}
	case <-time.After(patience):
		t.Error("no letter came")
	}
	if err := s.lists().Job().Do(ctx); err != nil { // as after a crash
		t.Error(err)
	}
	again, err := s.desk.ClaimMessages(ctx, 10)
	if err != nil || len(again) != 0 {
		t.Errorf("more letters leave: %+v, %v", again, err)
	}
	if err := s.store.View(ctx, func(tx callback.Tx) error {
		all, err := tx.MessagesTo("anna", 10)
		if len(all) != 1 || !all[0].Until.Equal(time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)) {
			t.Errorf("the list of a day is worth being sent until midnight: %+v", all)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	stop()
	r.end(t)
}
