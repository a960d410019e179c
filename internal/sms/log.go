package sms

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// A Text is a message that left, as the outbox shows it.
type Text struct {
	ID       string
	At       time.Time
	To       callback.Phone
	Body     string
	Segments int
}

// outboxSize is how many texts [Log] keeps for the outbox.
const outboxSize = 1000

// Log is the driver that sends nothing: each text is written to the log, kept
// for the outbox, and can be answered.
type Log struct {
	From  callback.Phone // our own number
	Now   func() time.Time
	Log   *slog.Logger
	Reply func(context.Context, callback.InText) (bool, error) // takes replies: the desk's Reply
	Sent  func(Text)                                           // sees each text; may be nil

	mu    sync.Mutex
	texts []Text
}

// Text writes a message to the log. It is the driver's half of scheduler.Texter.
func (l *Log) Text(_ context.Context, m callback.Message) error {
	t := Text{ID: m.ID, At: l.Now(), To: callback.Phone(m.To), Body: m.Body, Segments: Segments(m.Body)}
	l.mu.Lock()
	l.texts = append(l.texts, t)
	if extra := len(l.texts) - outboxSize; extra > 0 {
		l.texts = slices.Delete(l.texts, 0, extra)
	}
	l.mu.Unlock()
	l.Log.Info("text written", "phone", t.To, "do", m.Kind, "segments", t.Segments)
	if l.Sent != nil {
		l.Sent(t)
	}
	return nil
}

// Outbox lists the texts that left, newest first.
func (l *Log) Outbox() []Text {
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := slices.Clone(l.texts)
	slices.Reverse(newest)
	return newest
}

// Answer takes a reply as if it had come in from a telephone, and tells
// whether it belonged to anything.
func (l *Log) Answer(ctx context.Context, from callback.Phone, body string) (bool, error) {
	in := callback.InText{Line: "text", ID: rand.Text(), From: from, To: l.From, Body: body}
	ok, err := l.Reply(ctx, in)
	if err != nil {
		return false, fmt.Errorf("take reply: %w", err)
	}
	return ok, nil
}
