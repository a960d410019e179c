package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twilioline"
)

// account asks Twilio whether it would carry our calls: credentials, numbers
// and whom they ask, money, and calls that wait.
func (d *doctor) account(ctx context.Context) []symptom {
	c := d.config.Twilio
	if !c.Enabled() {
		return nil
	}
	client, err := d.atTwilio()
	if err != nil {
		return []symptom{{ill, oneLine(err), "see twilio in the configuration"}}
	}
	ctx, stop := context.WithTimeout(ctx, 4*askTime)
	defer stop()
	who, err := client.Account(ctx)
	if err != nil {
		return []symptom{{ill, "Twilio: " + oneLine(err), "see twilio.account_sid, auth_token_file and api_key, and that this machine reaches " + twilioURL(d.config)}}
	}
	if who.Status != "active" {
		return []symptom{{ill, fmt.Sprintf("Twilio: the account %s is %s", who.Name, who.Status), "see the console of Twilio"}}
	}
	all := []symptom{{good, fmt.Sprintf("Twilio: the credentials of %s (%s) are good", who.Name, who.Type), ""}}
	all = append(all, d.room(ctx, client, who)...)
	all = append(all, money(ctx, client)...)
	all = append(all, waiting(ctx, client)...)
	return append(all, d.numbers(ctx, client)...)
}

func (d *doctor) atTwilio() (*twilioapi.Client, error) {
	c := d.config.Twilio
	if err := c.Read(); err != nil {
		return nil, err
	}
	a := twilioapi.Defaults()
	a.Account, a.Key, a.Secret, a.URL, a.HTTP = c.AccountSID, c.APIKey, c.Secret, c.APIURL, d.twilio
	return twilioapi.New(a)
}

func twilioURL(c config) string {
	if c.Twilio.APIURL != "" {
		return c.Twilio.APIURL
	}
	return "https://api.twilio.com"
}

// byTwilio lists the agents whose callbacks leave by Twilio.
func (c config) byTwilio() []string {
	var all []string
	for _, q := range c.Queues {
		if q.Line == byTwilio || q.Line == "" && len(c.SIP.Trunks) == 0 {
			all = append(all, q.Agents...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// leastMoney is the balance below which calls may soon fail, in whatever
// currency.
const leastMoney = 5

func money(ctx context.Context, client *twilioapi.Client) []symptom {
	amount, currency, err := client.Balance(ctx)
	if err != nil {
		return nil // an API key may not be allowed to ask
	}
	if left, err := strconv.ParseFloat(amount, 64); err == nil && left < leastMoney {
		return []symptom{{poor, fmt.Sprintf("Twilio: %s %s are left", amount, currency), "top up the account: at 0 calls and texts fail"}}
	}
	return []symptom{{good, fmt.Sprintf("Twilio: %s %s are left", amount, currency), ""}}
}

// waiting looks for calls that Twilio holds back: it would dial them up to a
// day late.
func waiting(ctx context.Context, client *twilioapi.Client) []symptom {
	calls, err := client.Calls(ctx, twilioapi.CallFilter{Status: twilioapi.Queued})
	switch {
	case err != nil:
		return []symptom{{poor, "Twilio: " + oneLine(err), "try again; let the API key list calls"}}
	case len(calls) > 0:
		return []symptom{{
			poor, fmt.Sprintf("Twilio: %s in its queue: more are begun than the account may have", count(len(calls), "call")+" waits"),
			"ask Twilio for more calls per second and at once, or lower twilio.calls_per_second and max_calls",
		}}
	}
	return nil
}

// numbers compares the numbers of the account with what we expect of them.
func (d *doctor) numbers(ctx context.Context, client *twilioapi.Client) []symptom {
	have, err := client.Numbers(ctx)
	if err != nil {
		return []symptom{{ill, "Twilio: " + oneLine(err), "try again; let the API key list numbers"}}
	}
	var all []symptom
	for _, want := range d.config.atTwilio() {
		i := slices.IndexFunc(have, func(n twilioapi.Number) bool { return n.Number == string(want) })
		if i < 0 {
			all = append(all, symptom{ill, fmt.Sprintf("Twilio: %s is no number of the account", want), "buy it, or correct numbers, caller_id and sms.from"})
			continue
		}
		found := d.config.number(have[i])
		if len(found) == 0 {
			found = []symptom{{good, fmt.Sprintf("Twilio: %s asks us", want), ""}}
		}
		all = append(all, found...)
	}
	return all
}

// atTwilio lists our numbers that must be there: those that Twilio's calls and
// texts show, and, when there is no trunk, those that people call.
func (c config) atTwilio() []callback.Phone {
	all := []callback.Phone{c.Twilio.CallerID}
	if c.SMS.Driver == byTwilio && c.Twilio.MessagingService == "" && c.SMS.From != "" {
		all = append(all, c.SMS.From)
	}
	for _, q := range c.Queues {
		if q.Line == byTwilio {
			all = append(all, q.CallerID)
		}
	}
	if len(c.SIP.Trunks) == 0 {
		all = slices.AppendSeq(all, maps.Keys(c.Numbers))
	}
	all = slices.DeleteFunc(all, func(p callback.Phone) bool { return p == "" || p == callback.AnyNumber || p == callback.StarCodes })
	slices.Sort(all)
	return slices.Compact(all)
}

// number says what is wrong with a number of the account.
func (c config) number(n twilioapi.Number) []symptom {
	var all []symptom
	bad := func(g grade, is bool, what, do string) {
		if is {
			all = append(all, symptom{g, fmt.Sprintf("Twilio: %s %s", n.Number, what), do})
		}
	}
	base := strings.TrimSuffix(c.HTTP.PublicURL, "/") + twilioline.Path + "v1/"
	if _, called := c.Numbers[callback.Phone(n.Number)]; called {
		voice := base + "voice"
		bad(ill, n.Trunk != "", "belongs to a SIP trunk there, so that calls do not ask us", "take it off the trunk, or connect the trunk (docs/twilio.md)")
		bad(ill, n.Application != "", "belongs to a TwiML app, whose addresses hold", "take it off the app, or write "+voice+" there")
		bad(ill, !n.Voice, "takes no calls", "buy one that does")
		bad(ill, n.Application == "" && bare(n.VoiceURL) != voice, "asks "+orNobody(n.VoiceURL)+" when it is called", "write "+voice+" there: A call comes in")
		bad(ill, n.VoiceMethod != "" && n.VoiceMethod != http.MethodPost, "asks by "+n.VoiceMethod+" when it is called", "choose HTTP POST")
		bad(poor, bare(n.VoiceURL) == n.VoiceURL && bare(n.VoiceURL) == voice, "does not ask again when we are slow", "write what docs/twilio.md says behind the #")
		bad(poor, n.VoiceFallbackURL == "", "has nobody to ask when we are down", "write a TwiML Bin there: Primary handler fails (docs/twilio.md)")
		bad(poor, sameHost(n.VoiceFallbackURL, c.HTTP.PublicURL), "asks us again when we are down", "write a TwiML Bin there: Primary handler fails (docs/twilio.md)")
		bad(poor, bare(n.StatusURL) != base+"status", "does not tell us when a call ends", "write "+base+"status there: Call status changes")
	}
	if c.SMS.Driver == byTwilio && c.textsFrom(n.Number) {
		text := base + "message"
		bad(ill, !n.SMS, "takes no texts", "buy one that does, or name another in sms.from")
		bad(ill, bare(n.SMSURL) != text, "asks "+orNobody(n.SMSURL)+" when it gets a text: answers and STOP would be lost", "write "+text+" there: A message comes in")
		bad(ill, n.SMSMethod != "" && n.SMSMethod != http.MethodPost, "asks by "+n.SMSMethod+" when it gets a text", "choose HTTP POST")
	}
	return all
}

// textsFrom reports whether our texts come from a number.
func (c config) textsFrom(number string) bool {
	if c.SMS.From != "" {
		return string(c.SMS.From) == number
	}
	return string(c.Twilio.CallerID) == number
}

// bare is an address without what asks for repetitions.
func bare(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return strings.TrimSuffix(address, "/")
}

func orNobody(address string) string {
	if address == "" {
		return "nobody"
	}
	return address
}

func sameHost(address, ours string) bool {
	return address != "" && ours != "" && strings.HasPrefix(address, strings.TrimSuffix(ours, "/")+"/")
}
