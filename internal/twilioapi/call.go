package twilioapi

import (
	"context"
	"fmt"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// A Call is a call as Twilio knows it.
type Call struct {
	SID        string
	Parent     string // the call that dialled it; "" for none
	From, To   string
	Status     Status
	Direction  string // inbound, outbound-api, outbound-dial
	AnsweredBy string // human, machine_start, ...; only when it was asked for
	Created    time.Time
	Started    time.Time // zero until it was dialled
	Ended      time.Time // zero until it is over
	Duration   time.Duration
	QueueTime  time.Duration // how long it waited in Twilio's queue
}

// A NewCall is an order to call somebody.
type NewCall struct {
	Token    string // ours, unguessable; part of StatusURL, so that the call can be told apart
	From, To string // E.164 or sip:

	URL         string // asked for what to do once it is answered
	FallbackURL string // asked when URL fails; "" for none
	StatusURL   string // told how it goes
	Reason      string // shown to who is called, where carriers can; "" for none

	Ring   time.Duration // how long to let it ring; 0 for Twilio's 60 s
	Limit  time.Duration // how long it may last; 0 for Twilio's 4 h
	Before time.Time     // nothing is sent after this instant; zero for no bound

	// DetectURL is told, while the call goes on, whom Twilio takes for a person,
	// and when a machine has greeted; "" to not try to tell.
	DetectURL string
}

// PlaceCall begins a call, when its turn comes: so many in a second, so many at
// once. On an error that is [Unknown] the call still counts, until
// [Client.Resolve] or a status callback has told what became of it.
func (c *Client) PlaceCall(ctx context.Context, n NewCall) (Call, error) {
	if !strings.Contains(n.StatusURL, n.Token) || n.Token == "" {
		return Call{}, &Error{Class: Rejected, Err: ErrToken}
	}
	var got *api.ApiV2010Call
	sent, err := c.begin(ctx, n.Token, n.Before, func(ctx context.Context) (_ string, err error) {
		got, err = c.api(ctx).CreateCall(n.params())
		if err != nil {
			return "", err
		}
		return text(got.Sid), nil
	})
	if err != nil {
		return Call{}, created(err, sent)
	}
	return callOf(got), nil
}

// events are all that a status callback can tell of a call.
var events = []string{"initiated", "ringing", "answered", "completed"}

func (n NewCall) params() *api.CreateCallParams {
	p := &api.CreateCallParams{}
	p.SetTo(n.To)
	p.SetFrom(n.From)
	p.SetUrl(n.URL)
	p.SetMethod("POST")
	p.SetStatusCallback(n.StatusURL)
	p.SetStatusCallbackMethod("POST")
	p.SetStatusCallbackEvent(events)
	p.FallbackUrl = some(n.FallbackURL)
	p.CallReason = some(n.Reason)
	p.Timeout = seconds(n.Ring)
	p.TimeLimit = seconds(n.Limit)
	if n.DetectURL != "" {
		p.SetMachineDetection("DetectMessageEnd") // of a machine it is told when its greeting is over
		p.SetAsyncAmd("true")
		p.SetAsyncAmdStatusCallback(n.DetectURL)
		p.SetAsyncAmdStatusCallbackMethod("POST")
	}
	return p
}

// Redirect has a live call ask url what to do now.
func (c *Client) Redirect(ctx context.Context, sid, url string) (Call, error) {
	p := &api.UpdateCallParams{}
	p.SetUrl(url)
	p.SetMethod("POST")
	return c.updateCall(ctx, sid, p)
}

// Complete ends a call, whatever it is doing.
func (c *Client) Complete(ctx context.Context, sid string) (Call, error) {
	p := &api.UpdateCallParams{}
	p.SetStatus(string(Completed))
	return c.updateCall(ctx, sid, p)
}

// Cancel ends a call that nobody has answered yet; one that was answered goes
// on.
func (c *Client) Cancel(ctx context.Context, sid string) (Call, error) {
	p := &api.UpdateCallParams{}
	p.SetStatus(string(Canceled))
	return c.updateCall(ctx, sid, p)
}

func (c *Client) updateCall(ctx context.Context, sid string, p *api.UpdateCallParams) (Call, error) {
	got, err := c.api(ctx).UpdateCall(sid, p)
	if err != nil {
		return Call{}, fmt.Errorf("update call %s: %w", sid, known(err, Unknown))
	}
	return callOf(got), nil
}

// Call looks at one call.
func (c *Client) Call(ctx context.Context, sid string) (Call, error) {
	got, err := c.api(ctx).FetchCall(sid, nil)
	if err != nil {
		return Call{}, fmt.Errorf("look at call %s: %w", sid, known(err, Retryable))
	}
	return callOf(got), nil
}

// A CallFilter chooses calls. Empty fields choose all.
type CallFilter struct {
	From, To string
	Status   Status
	Since    time.Time // started at or after; calls in Twilio's queue have not started
	Max      int       // 0 for 50
}

// Calls lists calls.
func (c *Client) Calls(ctx context.Context, f CallFilter) ([]Call, error) {
	p := &api.ListCallParams{From: some(f.From), To: some(f.To), Status: some(string(f.Status))}
	if !f.Since.IsZero() {
		p.SetStartTimeAfter(f.Since.UTC())
	}
	p.SetLimit(most(f.Max))
	got, err := c.api(ctx).ListCall(p)
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", known(err, Retryable))
	}
	all := make([]Call, len(got))
	for i := range got {
		all[i] = callOf(&got[i])
	}
	return all, nil
}

func callOf(c *api.ApiV2010Call) Call {
	return Call{
		SID: text(c.Sid), Parent: text(c.ParentCallSid), From: text(c.From), To: text(c.To),
		Status: Status(text(c.Status)), Direction: text(c.Direction), AnsweredBy: text(c.AnsweredBy),
		Created: instant(c.DateCreated), Started: instant(c.StartTime), Ended: instant(c.EndTime),
		Duration: span(c.Duration, time.Second), QueueTime: span(c.QueueTime, time.Millisecond),
	}
}
