package twilioapi_test

import (
	"net/http"
	"testing"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

// asked notes whom requests go to.
type asked struct {
	http.RoundTripper
	hosts []string
}

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	a.hosts = append(a.hosts, r.URL.Scheme+"://"+r.URL.Host+r.URL.Path)
	return a.RoundTripper.RoundTrip(r)
}

// Profiles are kept at another host of Twilio's; with a base of our own all is
// asked there. Only an approved one counts, and the name of what it is made by
// tells whether it may be of one person.
func TestProfile(t *testing.T) {
	t.Parallel()
	const business = "Primary Customer Profile of type Business"
	tests := []struct {
		name     string
		url      string
		profiles []string
		policy   string
		host     string
		want     twilioapi.Profile
	}{
		{"none", "", nil, business, "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.NoProfile},
		{"one in review", "", []string{"in-review"}, business, "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.NoProfile},
		{"one of two", "", []string{"twilio-rejected", "twilio-approved"}, business, "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.BusinessProfile},
		{"asked elsewhere", "http://127.0.0.1:9", []string{"twilio-approved"}, business, "http://127.0.0.1:9/v1/CustomerProfiles", twilioapi.BusinessProfile},
		{"two of a business", "", []string{"twilio-approved", "twilio-approved"}, business, "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.BusinessProfile},
		{"of one person", "", []string{"twilio-approved"}, "Primary Customer Profile of type Individual", "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.SomeProfile},
		{"of one person, who trades", "", []string{"twilio-approved"}, "Starter Customer Profile of type Business", "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.SomeProfile},
		{"of a customer of ours", "", []string{"twilio-approved", "twilio-approved"}, "Secondary Customer Profile of type Business", "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.SomeProfile},
		{"of whom nobody tells", "", []string{"twilio-approved"}, "", "https://trusthub.twilio.com/v1/CustomerProfiles", twilioapi.SomeProfile},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var way asked
			w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) {
				way.RoundTripper = c.HTTP
				c.URL, c.HTTP = tt.url, &way
			})
			w.sim.Profiles, w.sim.Policy = tt.profiles, tt.policy
			got, err := w.Profile(t.Context())
			if err != nil || got != tt.want || len(way.hosts) > 2 || way.hosts[0] != tt.host {
				t.Errorf("got %d, %v of %q; want %d of %q", got, err, way.hosts, tt.want, tt.host)
			}
			w.clean(t)
		})
	}
}

// What is no list of profiles says nothing of them.
func TestProfileUnclear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) {
		c.HTTP = twiliosim.Into(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"code": 0}`)) }))
	})
	if _, err := w.Profile(t.Context()); err == nil {
		t.Error("an answer without a list was believed")
	}
}
