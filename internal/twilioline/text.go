package twilioline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/scheduler"
)

var _ scheduler.Texter = (*Line)(nil)

const (
	// textLine is the line on which the desk writes to people, whatever carries
	// it.
	textLine = "text"
	// longest is how long Twilio may try to deliver a text. It would try for ten
	// hours, until late at night.
	longest = 4 * time.Hour
	// optedOut is Twilio's code for a person who wants no texts.
	optedOut = 21610
)

// Text sends a text. When Twilio does not say whether it took it, that is
// looked up before anything is said.
func (l *Line) Text(ctx context.Context, m callback.Message) error {
	order := l.letter(m)
	began := l.Now()
	_, err := l.client.Send(ctx, order)
	if err == nil {
		return nil
	}
	e, _ := errors.AsType[*twilioapi.Error](err)
	switch twilioapi.ClassOf(err) {
	case twilioapi.Retryable:
		return fmt.Errorf("text %s: %w", m.ID, err)
	case twilioapi.Unknown:
		return l.lookFor(ctx, m.ID, order, began, err)
	case twilioapi.Rejected:
	}
	if e != nil && e.Code == optedOut && l.OnStatus != nil {
		if err := l.OnStatus(ctx, callback.Receipt{Message: m.ID, State: callback.ReceiptLost, Reason: err.Error(), OptedOut: true}); err != nil {
			l.Log.Error("opt-out not stored", "line", name, "order", m.ID, "err", err)
		}
	}
	return fmt.Errorf("text %s: %w: %w", m.ID, scheduler.ErrPermanent, err)
}

func (l *Line) letter(m callback.Message) twilioapi.NewMessage {
	valid := longest
	if !m.Until.IsZero() {
		valid = min(valid, m.Until.Sub(l.Now()))
	}
	n := twilioapi.NewMessage{
		Token: m.ID, To: m.To, Body: m.Body, StatusURL: l.textStatus(m.ID), Service: l.config.MessagingService,
		Valid: max(valid, time.Minute),
	}
	if n.Service == "" {
		n.From = string(l.config.from())
	}
	return n
}

// lookFor finds out whether a text left.
func (l *Line) lookFor(ctx context.Context, id string, order twilioapi.NewMessage, began time.Time, cause error) error {
	_, err := l.client.ResolveMessage(ctx, order, began)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, twilioapi.ErrNotPlaced):
		return fmt.Errorf("text %s: %w: %w", id, cause, err)
	}
	return fmt.Errorf("text %s: %w: %w", id, scheduler.ErrUnknown, cause)
}

// message takes a text that somebody sent us. What is said in return is a text
// of its own: it must obey the same rules as all others.
func (l *Line) message(ctx context.Context, r *http.Request) (string, error) {
	f := r.PostForm
	from, ok := caller(f.Get("From"))
	if !ok || l.OnText == nil {
		l.Log.Info("text not taken", "line", name, "phone", from)
		return document(), nil
	}
	in := callback.InText{Line: textLine, ID: f.Get("MessageSid"), From: from, To: dialled(f.Get("To")), Body: f.Get("Body")}
	if in.ID == "" {
		return "", errNone
	}
	if err := l.OnText(ctx, in); err != nil {
		return "", fmt.Errorf("take text: %w", err)
	}
	return document(), nil
}

// messageStatus is told what becomes of a text of ours. "Sent" is not
// "delivered", and some carriers never tell more.
func (l *Line) messageStatus(ctx context.Context, r *http.Request) (string, error) {
	if l.OnStatus == nil {
		return "", nil
	}
	f := r.PostForm
	code, _ := strconv.Atoi(f.Get("ErrorCode")) // 0 when nothing is said
	receipt := callback.Receipt{
		Message: r.PathValue("id"), Ref: f.Get("MessageSid"), State: callback.ReceiptTaken, OptedOut: code == optedOut,
	}
	switch f.Get("MessageStatus") {
	case "delivered", "read":
		receipt.State = callback.ReceiptArrived
	case "undelivered", "failed":
		receipt.State, receipt.Reason = callback.ReceiptLost, "twilio "+strconv.Itoa(code)
	}
	return "", l.OnStatus(ctx, receipt)
}
