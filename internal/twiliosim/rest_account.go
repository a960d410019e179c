package twiliosim

import (
	"fmt"
	"net/http"
)

// account looks at who we are, what we have left, and which numbers.
func (s *Sim) account(x *exchange) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch x.op.OperationID {
	case "FetchBalance":
		return answer{http.StatusOK, map[string]any{"account_sid": s.Account, "balance": "12.34", "currency": "USD"}}
	case "FetchAccount":
		if x.path["Sid"] != s.Account {
			return notFound
		}
		return answer{http.StatusOK, map[string]any{
			"sid": s.Account, "owner_account_sid": s.Account, "friendly_name": "holdless test", "status": "active", "type": s.Type,
			"date_created": stamp(s.Opened),
		}}
	}
	switch x.op.OperationID {
	case "ListCustomerProfile":
		return s.profiles(x)
	case "FetchPolicies":
		return s.policy(x)
	}
	var all []map[string]any
	for _, n := range s.numbers {
		if fits(x.query, "PhoneNumber", n.Number) {
			all = append(all, s.numberJSON(n))
		}
	}
	return list(x, "incoming_phone_numbers", all)
}

func (s *Sim) numberJSON(n *Number) map[string]any {
	return map[string]any{
		"sid": n.sid, "account_sid": s.Account, "phone_number": n.Number, "friendly_name": n.Number,
		"capabilities": map[string]any{"voice": n.VoiceURL != "", "sms": n.SMSURL != "", "mms": false, "fax": false},
		"voice_url":    n.VoiceURL, "voice_method": "POST", "voice_fallback_url": n.VoiceFallbackURL, "voice_fallback_method": "POST",
		"sms_url": n.SMSURL, "sms_method": "POST", "sms_fallback_url": n.SMSFallbackURL, "sms_fallback_method": "POST",
		"status_callback": n.StatusURL, "status_callback_method": "POST",
	}
}

// profiles lists who we are, as far as Twilio has looked at it. Lists of this
// interface have another form.
func (s *Sim) profiles(x *exchange) answer {
	all := []map[string]any{}
	for i, status := range s.Profiles {
		if fits(x.query, "Status", status) {
			all = append(all, map[string]any{"sid": fmt.Sprintf("BU%032x", i), "account_sid": s.Account, "friendly_name": "profile", "policy_sid": policySID, "status": status})
		}
	}
	return answer{http.StatusOK, map[string]any{"results": all, "meta": map[string]any{"key": "results", "page": 0, "page_size": 50, "next_page_url": nil}}}
}

// policySID is what all profiles here are made by.
const policySID = "RN0123456789abcdef0123456789abcdef"

// policy tells what a profile is made by.
func (s *Sim) policy(x *exchange) answer {
	if s.Policy == "" || x.path["Sid"] != policySID {
		return notFound
	}
	return answer{http.StatusOK, map[string]any{
		"sid": policySID, "friendly_name": s.Policy, "requirements": map[string]any{}, "url": "https://trusthub.twilio.com/v1/Policies/" + policySID,
	}}
}
