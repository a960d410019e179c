package twilioline

import (
	"context"
	"net/http"
	"strconv"

	"github.com/holdless/holdless/callback"
)

// A TextStatus is what became of a text of ours. Twilio tells it doubled, late
// and out of order.
type TextStatus struct {
	Message string // our own name of it
	SID     string // Twilio's
	Status  string // queued, sending, sent, delivered, undelivered, failed, read
	Code    int    // why it was not delivered; 0 when Twilio does not say
}

// textLine is the line on which the desk writes to people, whatever carries it.
const textLine = "text"

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
		return "", err
	}
	return document(), nil
}

// messageStatus is told what becomes of a text of ours.
func (l *Line) messageStatus(ctx context.Context, r *http.Request) (string, error) {
	if l.OnStatus == nil {
		return "", nil
	}
	f := r.PostForm
	code, _ := strconv.Atoi(f.Get("ErrorCode")) // 0 when nothing is said
	return "", l.OnStatus(ctx, TextStatus{
		Message: r.PathValue("id"), SID: f.Get("MessageSid"), Status: f.Get("MessageStatus"), Code: code,
	})
}
