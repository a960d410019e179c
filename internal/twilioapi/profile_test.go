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
// asked there. Only an approved one counts.
func TestApproved(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		url      string
		profiles []string
		host     string
		want     bool
	}{
		{"none", "", nil, "https://trusthub.twilio.com/v1/CustomerProfiles", false},
		{"one in review", "", []string{"in-review"}, "https://trusthub.twilio.com/v1/CustomerProfiles", false},
		{"one of two", "", []string{"twilio-rejected", "twilio-approved"}, "https://trusthub.twilio.com/v1/CustomerProfiles", true},
		{"asked elsewhere", "http://127.0.0.1:9", []string{"twilio-approved"}, "http://127.0.0.1:9/v1/CustomerProfiles", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var way asked
			w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) {
				way.RoundTripper = c.HTTP
				c.URL, c.HTTP = tt.url, &way
			})
			w.sim.Profiles = tt.profiles
			got, err := w.Approved(t.Context())
			if err != nil || got != tt.want || len(way.hosts) != 1 || way.hosts[0] != tt.host {
				t.Errorf("got %t, %v of %q; want %t of %q", got, err, way.hosts, tt.want, tt.host)
			}
			w.clean(t)
		})
	}
}

// What is no list of profiles says nothing of them.
func TestApprovedUnclear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) {
		c.HTTP = twiliosim.Into(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"code": 0}`)) }))
	})
	if _, err := w.Approved(t.Context()); err == nil {
		t.Error("an answer without a list was believed")
	}
}
