package twilioapi

import (
	"context"
	"fmt"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// A Conference is a room in which calls are joined.
type Conference struct {
	SID     string
	Name    string
	Status  string // init, in-progress, completed
	Created time.Time
}

// A Participant is a call in a conference.
type Participant struct {
	Call       string // its SID
	Conference string // SID
	Label      string
	Status     Status
	Hold       bool
	Muted      bool
}

// A NewParticipant is an order to call somebody into a conference.
type NewParticipant struct {
	Token    string // ours, unguessable; part of StatusURL
	From, To string
	Label    string // names them in the conference: agent, customer

	StatusURL     string // told how the call goes
	ConferenceURL string // told how the conference goes; "" for none
	WaitURL       string // asked what is played to one who is alone; "" for Twilio's music

	Ring        time.Duration // how long to let it ring; 0 for Twilio's 60 s
	Limit       time.Duration
	Before      time.Time // nothing is sent after this instant; zero for no bound
	EarlyMedia  bool      // the conference hears it ring
	EndOnExit   bool      // the conference ends when they leave
	StartsAlone bool      // they do not start the conference by entering
}

// AddParticipant calls somebody into a conference, by its name or SID. It takes
// its turn as [Client.PlaceCall] does.
func (c *Client) AddParticipant(ctx context.Context, conference string, n NewParticipant) (Participant, error) {
	if !strings.Contains(n.StatusURL, n.Token) || n.Token == "" {
		return Participant{}, &Error{Class: Rejected, Err: ErrToken}
	}
	var got *api.ApiV2010Participant
	sent, err := c.begin(ctx, n.Token, n.Before, func(ctx context.Context) (_ string, err error) {
		got, err = c.api(ctx).CreateParticipant(conference, n.params())
		if err != nil {
			return "", err
		}
		return text(got.CallSid), nil
	})
	if err != nil {
		return Participant{}, created(err, sent)
	}
	return participantOf(got), nil
}

func (n NewParticipant) params() *api.CreateParticipantParams {
	p := &api.CreateParticipantParams{}
	p.SetTo(n.To)
	p.SetFrom(n.From)
	p.SetStatusCallback(n.StatusURL)
	p.SetStatusCallbackMethod("POST")
	p.SetStatusCallbackEvent(events)
	p.Label = some(n.Label)
	p.Timeout = seconds(n.Ring)
	p.TimeLimit = seconds(n.Limit)
	p.SetEarlyMedia(n.EarlyMedia)
	p.SetEndConferenceOnExit(n.EndOnExit)
	p.SetStartConferenceOnEnter(!n.StartsAlone)
	p.SetBeep("false")
	p.WaitUrl = some(n.WaitURL)
	if n.ConferenceURL != "" {
		p.SetConferenceStatusCallback(n.ConferenceURL)
		p.SetConferenceStatusCallbackMethod("POST")
		p.SetConferenceStatusCallbackEvent([]string{"start", "end", "join", "leave"})
	}
	return p
}

// Conferences lists the live conferences of a name.
func (c *Client) Conferences(ctx context.Context, name string) ([]Conference, error) {
	p := &api.ListConferenceParams{FriendlyName: some(name)}
	p.SetStatus("in-progress")
	p.SetLimit(most(0))
	got, err := c.api(ctx).ListConference(p)
	if err != nil {
		return nil, fmt.Errorf("list conferences: %w", known(err, Retryable))
	}
	all := make([]Conference, len(got))
	for i := range got {
		all[i] = conferenceOf(&got[i])
	}
	return all, nil
}

// EndConference ends a conference and all calls in it that nothing else
// follows.
func (c *Client) EndConference(ctx context.Context, sid string) error {
	p := &api.UpdateConferenceParams{}
	p.SetStatus("completed")
	if _, err := c.api(ctx).UpdateConference(sid, p); err != nil {
		return fmt.Errorf("end conference %s: %w", sid, known(err, Unknown))
	}
	return nil
}

// Participants lists the calls in a live conference.
func (c *Client) Participants(ctx context.Context, conference string) ([]Participant, error) {
	p := &api.ListParticipantParams{}
	p.SetLimit(most(0))
	got, err := c.api(ctx).ListParticipant(conference, p)
	if err != nil {
		return nil, fmt.Errorf("list participants of %s: %w", conference, known(err, Retryable))
	}
	all := make([]Participant, len(got))
	for i := range got {
		all[i] = participantOf(&got[i])
	}
	return all, nil
}

// Hold lets a participant hear what url says, and nobody of the conference;
// "" takes them back.
func (c *Client) Hold(ctx context.Context, conference, call, url string) (Participant, error) {
	p := &api.UpdateParticipantParams{}
	p.SetHold(url != "")
	p.HoldUrl = some(url)
	got, err := c.api(ctx).UpdateParticipant(conference, call, p)
	if err != nil {
		return Participant{}, fmt.Errorf("hold %s: %w", call, known(err, Unknown))
	}
	return participantOf(got), nil
}

// Remove ends the part of one call in a conference.
func (c *Client) Remove(ctx context.Context, conference, call string) error {
	if err := c.api(ctx).DeleteParticipant(conference, call, nil); err != nil {
		return fmt.Errorf("remove %s: %w", call, known(err, Unknown))
	}
	return nil
}

func conferenceOf(c *api.ApiV2010Conference) Conference {
	return Conference{SID: text(c.Sid), Name: text(c.FriendlyName), Status: text(c.Status), Created: instant(c.DateCreated)}
}

func participantOf(p *api.ApiV2010Participant) Participant {
	return Participant{
		Call: text(p.CallSid), Conference: text(p.ConferenceSid), Label: text(p.Label),
		Status: Status(text(p.Status)), Hold: yes(p.Hold), Muted: yes(p.Muted),
	}
}
