package twilioapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
)

// trustHub is where Twilio keeps who its customers are. A base address of our
// own serves it, too.
const trustHub = "trusthub.twilio.com"

// A Profile is who Twilio has made sure that we are. From the day of
// [ProfilesCount] on it decides how many calls an account has at once.
type Profile int

// What an approved profile may be of. Twilio names the policy by which it was
// made, such as "Primary Customer Profile of type Business"; one whose name
// says anything else, or cannot be seen, may be of one person.
const (
	NoProfile Profile = iota
	SomeProfile
	BusinessProfile
)

// organisations is how Twilio names the policies of those who are no single
// person.
var organisations = regexp.MustCompile(`(?i)^primary customer profile of type (business|non-?profit|government)`)

// Profile tells whether Twilio has approved a profile of us, and of whom.
func (c *Client) Profile(ctx context.Context) (Profile, error) {
	var page struct {
		Results *[]struct {
			Policy string `json:"policy_sid"`
		}
	}
	err := c.trust(ctx, "CustomerProfiles", url.Values{"Status": {"twilio-approved"}, "PageSize": {"20"}}, &page)
	if err == nil && page.Results == nil {
		err = errors.New("the answer has no list of them")
	}
	if err != nil {
		return NoProfile, fmt.Errorf("look at customer profiles: %w", known(err, Retryable))
	}
	if len(*page.Results) == 0 {
		return NoProfile, nil
	}
	asked := map[string]bool{"": true}
	for _, p := range *page.Results {
		if !asked[p.Policy] && c.organisation(ctx, p.Policy) {
			return BusinessProfile, nil
		}
		asked[p.Policy] = true
	}
	return SomeProfile, nil
}

// organisation reports whether profiles made by a policy are of organisations,
// as far as Twilio tells.
func (c *Client) organisation(ctx context.Context, policy string) bool {
	var p struct {
		Name string `json:"friendly_name"`
	}
	err := c.trust(ctx, "Policies/"+url.PathEscape(policy), nil, &p)
	return err == nil && organisations.MatchString(p.Name)
}

// trust asks who Twilio's customers are.
func (c *Client) trust(ctx context.Context, what string, query url.Values, into any) error {
	b := &bound{client: c, ctx: ctx, host: trustHub}
	resp, err := b.SendRequest(http.MethodGet, "https://"+trustHub+"/v1/"+what, query, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}
