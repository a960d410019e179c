package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twilioline"
)

// perCallback is how many calls a callback is: the agent's and the customer's.
const perCallback = 2

// An allowance is how many calls at once Twilio lets an account have, as far
// as can be found out.
type allowance struct {
	calls  int    // 0 when Twilio has published none
	why    string // of what kind the account is
	sure   bool   // Twilio has published it for such accounts
	larger string // how to get more
}

const (
	askForMore = "ask Twilio for more, and write the number into twilio.max_calls"
	lookItUp   = "look it up in the console (Voice settings), and write it into twilio.max_calls"
	getProfile = "have a customer profile approved (Trust Hub in the console)"
)

// allowed derives from what Twilio tells of an account how many calls at once
// it has published for its kind.
func allowed(ctx context.Context, client *twilioapi.Client, who twilioapi.Account) allowance {
	if who.Type == "Trial" {
		return allowance{twilioapi.TrialCalls, "on trial", true, "upgrade it in the console"}
	}
	profile, err := client.Profile(ctx)
	recent := !who.Opened.Before(twilioapi.ProfilesCount())
	switch {
	case err != nil:
		return allowance{twilioapi.UnknownCalls, "whose customer profile this key may not see", false, getProfile}
	case profile == twilioapi.BusinessProfile:
		return allowance{0, "with an approved profile of a business", false, "ask Twilio for more"}
	case profile == twilioapi.SomeProfile:
		return allowance{twilioapi.PersonalCalls, "with an approved customer profile, which may be one person's", false, "ask Twilio for more"}
	case recent:
		return allowance{twilioapi.UnknownCalls, "opened after 3 February 2026 without an approved customer profile", true, getProfile}
	}
	return allowance{twilioapi.UnknownCalls, "without an approved customer profile, which was perhaps upgraded after 3 February 2026", false, getProfile}
}

// room compares how many calls Twilio lets us have at once with how many we
// would begin, and with how many a callback is.
func (d *doctor) room(ctx context.Context, client *twilioapi.Client, who twilioapi.Account) []symptom {
	can := allowed(ctx, client, who)
	var all []symptom
	if who.Type == "Trial" {
		all = append(all, symptom{poor, "Twilio: a trial account calls only numbers that you have verified, and says so to whom it calls", can.larger})
	}
	return append(all, d.bounded(can))
}

func (d *doctor) bounded(can allowance) symptom {
	ours := d.config.Twilio.MaxCalls
	gives := fmt.Sprintf("Twilio: an account %s has %d calls at once", can.why, can.calls)
	busy := perCallback * len(d.config.byTwilio())
	switch {
	case ours == 0 && can.calls == 0:
		return symptom{poor, fmt.Sprintf("Twilio: how many calls at once an account %s has, Twilio does not tell; twilio.max_calls sets no bound", can.why), lookItUp}
	case ours == 0 && can.sure:
		return symptom{ill, gives + ", and twilio.max_calls sets no bound: what is more fails, or waits there for a day", fmt.Sprintf("write %d into twilio.max_calls; %s", can.calls, can.larger)}
	case ours == 0:
		return symptom{poor, gives + ", we assume, for Twilio does not tell; twilio.max_calls sets no bound", lookItUp}
	case can.sure && ours > can.calls:
		return symptom{ill, fmt.Sprintf("%s, and twilio.max_calls is %d: what is more fails, or waits there for a day", gives, ours), fmt.Sprintf("write %d there; %s", can.calls, can.larger)}
	case ours < perCallback:
		return symptom{ill, fmt.Sprintf("Twilio: twilio.max_calls is %d, and a callback takes two calls", ours), askForMore}
	case ours < busy:
		return symptom{poor, fmt.Sprintf("Twilio: at most %d calls at once, and %d when all agents of its queues speak with customers: some will wait", ours, busy), askForMore}
	case ours == perCallback:
		return symptom{poor, "Twilio: at most 2 calls at once: while a callback is made, nobody else gets through", can.larger + ", and write the number into twilio.max_calls"}
	case can.calls > 0 && ours > can.calls:
		return symptom{good, fmt.Sprintf("Twilio: at most %d calls at once, as twilio.max_calls says; an account %s may have %d only, and Twilio does not tell", ours, can.why, can.calls), ""}
	}
	return symptom{good, fmt.Sprintf("Twilio: at most %d calls at once, which is %s", ours, count(ours/perCallback, "callback")), ""}
}

// address asks ourselves by the public address, as Twilio does.
func (d *doctor) address(ctx context.Context) []symptom {
	c := d.config.Twilio
	if !c.Enabled() || c.Read() != nil { // which account has told
		return nil
	}
	at := strings.TrimSuffix(c.PublicURL, "/") + twilioline.Path
	remote := dialDesk(ctx, d.config.Data)
	if remote == nil {
		return []symptom{{poor, "Twilio: whether " + at + " leads here can be seen while the service runs", "start it, and examine again: holdless serve"}}
	}
	remote.close()
	var unknown []string
	var err error
	if c.Self, err = d.config.linkKey(); err == nil {
		unknown, err = c.Reach(ctx, d.public)
	}
	if err != nil {
		return []symptom{{
			ill, fmt.Sprintf("Twilio: %s does not lead to this service: %s", at, oneLine(err)),
			"correct http.public_url, or have the name, the certificate and the proxy lead there (docs/twilio.md); if only this network cannot reach its own address, look from outside",
		}}
	}
	return []symptom{{good, "Twilio: " + at + " leads to this service", ""}, d.strangers(unknown)}
}

// strangers tells what is done with parameters of webhooks that Twilio has not
// documented, and which there were since the service was started.
func (d *doctor) strangers(met []string) symptom {
	done, refused := "dropped", d.config.Twilio.Refuses()
	if refused {
		done = "refused"
	}
	seen := "parameters that Twilio has not documented are " + done + ", as twilio.unknown_parameters says; there were none"
	if len(met) == 0 {
		return symptom{good, "Twilio: " + seen, ""}
	}
	what := fmt.Sprintf("Twilio: parameters that it has not documented were %s: %s", done, strings.Join(met, ", "))
	if refused {
		return symptom{ill, what + "; so were the webhooks that had them", "write twilio.unknown_parameters: drop, and tell us the names"}
	}
	return symptom{good, what, ""}
}
