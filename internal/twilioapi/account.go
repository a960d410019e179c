package twilioapi

import (
	"context"
	"fmt"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// An Account is who we are at Twilio.
type Account struct {
	SID    string
	Name   string
	Status string // active, suspended, closed
	Type   string // Trial, Full
	Opened time.Time
}

// The least that Twilio has published of calls at once, each leg a call: on
// trial, without an approved profile, and with that of one person. It holds
// for accounts that were upgraded on ProfilesCount or later; when one was,
// Twilio does not tell, but not before it was opened.
const (
	TrialCalls    = 5
	UnknownCalls  = 2
	PersonalCalls = 3
)

// ProfilesCount is the day from which on that holds.
func ProfilesCount() time.Time { return time.Date(2026, time.February, 3, 0, 0, 0, 0, time.UTC) }

// Account tells whether the credentials are good.
func (c *Client) Account(ctx context.Context) (Account, error) {
	got, err := c.api(ctx).FetchAccount(c.config.Account)
	if err != nil {
		return Account{}, fmt.Errorf("look at account: %w", known(err, Retryable))
	}
	return Account{
		SID: text(got.Sid), Name: text(got.FriendlyName), Status: text(got.Status), Type: text(got.Type),
		Opened: instant(got.DateCreated),
	}, nil
}

// Balance returns what is left to be spent, as a decimal number, and its
// currency.
func (c *Client) Balance(ctx context.Context) (amount, currency string, err error) {
	got, err := c.api(ctx).FetchBalance(nil)
	if err != nil {
		return "", "", fmt.Errorf("look at balance: %w", known(err, Retryable))
	}
	return text(got.Balance), text(got.Currency), nil
}

// A Number is a telephone number of the account, and whom Twilio asks when it
// is called or texted.
type Number struct {
	SID              string
	Number           string // E.164
	VoiceURL         string
	VoiceMethod      string
	VoiceFallbackURL string
	StatusURL        string
	SMSURL           string
	SMSMethod        string
	SMSFallbackURL   string
	Application      string // set: its addresses hold, and not those above
	Trunk            string // set: calls go to a SIP trunk
	Voice, SMS       bool   // what it can do
}

// Numbers lists the numbers of the account.
func (c *Client) Numbers(ctx context.Context) ([]Number, error) {
	p := &api.ListIncomingPhoneNumberParams{}
	p.SetLimit(1000)
	p.SetPageSize(200)
	got, err := c.api(ctx).ListIncomingPhoneNumber(p)
	if err != nil {
		return nil, fmt.Errorf("list numbers: %w", known(err, Retryable))
	}
	all := make([]Number, len(got))
	for i := range got {
		all[i] = numberOf(&got[i])
	}
	return all, nil
}

func numberOf(n *api.ApiV2010IncomingPhoneNumber) Number {
	got := Number{
		SID: text(n.Sid), Number: text(n.PhoneNumber),
		VoiceURL: text(n.VoiceUrl), VoiceMethod: text(n.VoiceMethod), VoiceFallbackURL: text(n.VoiceFallbackUrl),
		StatusURL: text(n.StatusCallback),
		SMSURL:    text(n.SmsUrl), SMSMethod: text(n.SmsMethod), SMSFallbackURL: text(n.SmsFallbackUrl),
		Application: text(n.VoiceApplicationSid), Trunk: text(n.TrunkSid),
	}
	if n.Capabilities != nil {
		got.Voice, got.SMS = n.Capabilities.Voice, n.Capabilities.Sms
	}
	return got
}
