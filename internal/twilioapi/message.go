package twilioapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// A Message is a text message as Twilio knows it.
type Message struct {
	SID      string
	From, To string
	Service  string // messaging service, MG...
	Body     string
	Status   string // accepted, queued, sending, sent, delivered, undelivered, failed, ...
	Code     int    // why it was not delivered
	Segments int
	Created  time.Time
}

// A NewMessage is an order to text somebody.
type NewMessage struct {
	Token     string // ours, unguessable; part of StatusURL
	To        string
	From      string // our number; not needed with Service
	Service   string // messaging service: it keeps to one sender, and knows who has opted out
	Body      string
	StatusURL string // told how it goes
	// Valid is how long it may wait to be sent. Twilio's own 10 hours would let
	// a text of the evening ring at night. 0 for those.
	Valid time.Duration
}

// Send sends a text message. It is not sent again by itself: see
// [Client.ResolveMessage].
func (c *Client) Send(ctx context.Context, n NewMessage) (Message, error) {
	if !strings.Contains(n.StatusURL, n.Token) || n.Token == "" {
		return Message{}, &Error{Class: Rejected, Err: ErrToken}
	}
	if err := c.pause.wait(ctx, c.config.Now); err != nil {
		return Message{}, &Error{Class: Retryable, Err: err}
	}
	sent := c.config.Now()
	got, err := c.api(ctx).CreateMessage(n.params())
	if err != nil {
		return Message{}, created(c.heed(err), sent)
	}
	return messageOf(got), nil
}

func (n NewMessage) params() *api.CreateMessageParams {
	p := &api.CreateMessageParams{}
	p.SetTo(n.To)
	p.SetBody(n.Body)
	p.SetStatusCallback(n.StatusURL)
	p.MessagingServiceSid = some(n.Service)
	p.From = some(n.From)
	p.ValidityPeriod = seconds(n.Valid)
	return p
}

// Message looks at one message.
func (c *Client) Message(ctx context.Context, sid string) (Message, error) {
	got, err := c.api(ctx).FetchMessage(sid, nil)
	if err != nil {
		return Message{}, fmt.Errorf("look at message %s: %w", sid, known(err, Retryable))
	}
	return messageOf(got), nil
}

// A MessageFilter chooses messages. Empty fields choose all.
type MessageFilter struct {
	From, To string
	Since    time.Time // sent at or after
	Max      int       // 0 for 50
}

// Messages lists messages.
func (c *Client) Messages(ctx context.Context, f MessageFilter) ([]Message, error) {
	p := &api.ListMessageParams{From: some(f.From), To: some(f.To)}
	if !f.Since.IsZero() {
		p.SetDateSentAfter(f.Since.UTC())
	}
	p.SetLimit(most(f.Max))
	got, err := c.api(ctx).ListMessage(p)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", known(err, Retryable))
	}
	all := make([]Message, len(got))
	for i := range got {
		all[i] = messageOf(&got[i])
	}
	return all, nil
}

func messageOf(m *api.ApiV2010Message) Message {
	got := Message{
		SID: text(m.Sid), From: text(m.From), To: text(m.To), Service: text(m.MessagingServiceSid),
		Body: text(m.Body), Status: text(m.Status), Created: instant(m.DateCreated),
	}
	if m.ErrorCode != nil {
		got.Code = *m.ErrorCode
	}
	if n, err := strconv.Atoi(text(m.NumSegments)); err == nil {
		got.Segments = n
	}
	return got
}
