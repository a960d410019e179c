package sms

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestLog writes a text down, and never a whole number into the log.
func TestLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var seen []Text
	noon := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	l := &Log{
		Now:  func() time.Time { return noon },
		Log:  slog.New(slog.NewTextHandler(&log, nil)),
		Sent: func(x Text) { seen = append(seen, x) },
	}
	for _, body := range []string{"first", "second"} {
		if err := l.Text(t.Context(), callback.Message{ID: body, Kind: "text", To: "+358401234567", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	want := Text{ID: "second", At: noon, To: "+358401234567", Body: "second", Segments: 1}
	if got := l.Outbox(); len(got) != 2 || got[0] != want {
		t.Errorf("got %+v, want 2, the first %+v", got, want)
	}
	if len(seen) != 2 || seen[1] != want {
		t.Errorf("got %+v, want both", seen)
	}
	if strings.Contains(log.String(), "+358401234567") || !strings.Contains(log.String(), "…567") {
		t.Errorf("the log has %s", log.String())
	}
}

func TestOutboxForgets(t *testing.T) {
	t.Parallel()
	l := &Log{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	for range outboxSize + 5 {
		if err := l.Text(t.Context(), callback.Message{Body: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(l.Outbox()); got != outboxSize {
		t.Errorf("got %d texts, want %d", got, outboxSize)
	}
}

// TestAnswer hands a reply in as a carrier would, each with a name of its own.
func TestAnswer(t *testing.T) {
	t.Parallel()
	var got []callback.InText
	down := errors.New("the desk is closed")
	l := &Log{From: "+358912345", Reply: func(_ context.Context, in callback.InText) (bool, error) {
		got = append(got, in)
		if in.Body == "fail" {
			return false, down
		}
		return true, nil
	}}
	for range 2 {
		if ok, err := l.Answer(t.Context(), "+358401234567", "5"); !ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
	}
	if got[0].ID == got[1].ID || got[0].From != "+358401234567" || got[0].To != "+358912345" || got[0].Body != "5" {
		t.Errorf("got %+v", got)
	}
	if _, err := l.Answer(t.Context(), "+358401234567", "fail"); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if wrong := Defaults().Check(); len(wrong) > 0 {
		t.Errorf("got %v, want nothing wrong with the defaults", wrong)
	}
	if wrong := (Config{Driver: "pigeon"}).Check(); wrong["driver"] == "" {
		t.Errorf("got %v, want driver", wrong)
	}
}
