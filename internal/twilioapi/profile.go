package twilioapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// trustHub is where Twilio keeps who its customers are. A base address of our
// own serves it, too.
const trustHub = "trusthub.twilio.com"

// Approved reports whether Twilio has approved a profile of who we are: from
// the day of [ProfilesCount] on it gives an account without one few calls at
// once. Whether it is of a business or of one person it does not tell.
func (c *Client) Approved(ctx context.Context) (bool, error) {
	query := url.Values{"Status": {"twilio-approved"}, "PageSize": {"1"}}
	b := &bound{client: c, ctx: ctx, host: trustHub}
	resp, err := b.SendRequest(http.MethodGet, "https://"+trustHub+"/v1/CustomerProfiles", query, nil)
	if err != nil {
		return false, fmt.Errorf("look at customer profiles: %w", known(err, Retryable))
	}
	defer resp.Body.Close()
	var page struct {
		Results *[]struct{ Status string }
	}
	err = json.NewDecoder(resp.Body).Decode(&page)
	if err == nil && page.Results == nil {
		err = errors.New("the answer has no list of them")
	}
	if err != nil {
		return false, fmt.Errorf("look at customer profiles: %w", known(err, Retryable))
	}
	return len(*page.Results) > 0, nil
}
