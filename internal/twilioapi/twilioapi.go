// Package twilioapi is Twilio's REST interface: calls, messages and
// conferences, with the outcome of every request known or named unknown.
//
// Twilio does not remember which request it has served: a call or a text that
// is created twice happens twice. So nothing here is ever sent again by
// itself. What became of a request is one of three [Class]es, and one that is
// [Unknown] is looked for, by [Client.Resolve], before anything else is done.
package twilioapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	twilio "github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	"golang.org/x/time/rate"

	"github.com/holdless/holdless/internal/limits"
)

// Config says which account is used, and how hard.
type Config struct {
	Account string // the account's SID, AC...
	Key     string // API key, SK...; "" for the account's SID
	Secret  string // secret of the API key; the auth token when Key is ""
	URL     string // base address; "" for Twilio's own

	PerSecond float64       // calls that may be begun in a second; 1 is what Twilio gives to new accounts
	Shared    limits.Book   // where processes count together the calls that they begin; nil for one alone
	MaxCalls  int           // calls at once, in and out; 0 for no bound of ours
	Stale     time.Duration // how long a call may wait in Twilio's own queue; it would keep it for a day
	Settle    time.Duration // how long a lost request is waited for before it is looked for
	Timeout   time.Duration // of one request

	HTTP http.RoundTripper // nil for one of our own
	Now  func() time.Time  // nil for time.Now
	// Missed hears of calls that have changed and no status callback told;
	// nil to hear nothing.
	Missed func(ctx context.Context, token string, c Call)
}

// Defaults are the limits that hold when nothing else is said.
func Defaults() Config {
	return Config{
		PerSecond: 1, Stale: 20 * time.Second, Settle: 15 * time.Second, Timeout: 10 * time.Second,
	}
}

// A Client speaks for one account. It may be used by many at once.
type Client struct {
	config Config
	base   *url.URL
	http   *http.Client
	bucket *rate.Limiter
	gate   chan struct{} // held by who asks the shared book
	calls  *switchboard
	pause  pause
	queues sync.Map // SIDs by name
}

// New returns a client, or says everything that is wrong with its
// configuration.
func New(c Config) (*Client, error) {
	base, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	if c.Key == "" {
		c.Key = c.Account
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.HTTP == nil {
		c.HTTP = transport()
	}
	return &Client{
		config: c,
		base:   base,
		// A redirect would turn a POST into a GET.
		http: &http.Client{Transport: c.HTTP, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		bucket: rate.NewLimiter(rate.Limit(c.PerSecond), 1),
		gate:   make(chan struct{}, 1),
		calls:  newSwitchboard(c.MaxCalls),
	}, nil
}

func (c Config) check() (*url.URL, error) {
	var wrong []error
	bad := func(is bool, what string) {
		if is {
			wrong = append(wrong, errors.New(what))
		}
	}
	bad(!sid(c.Account, "AC"), "the account must be a SID: AC and 32 hexadecimal digits")
	bad(c.Key != "" && !sid(c.Key, "SK"), "the API key must be a SID: SK and 32 hexadecimal digits")
	bad(c.Secret == "", "there is no secret")
	bad(c.PerSecond <= 0, "calls per second must be more than 0")
	bad(c.MaxCalls < 0, "calls at once must not be negative")
	bad(c.Stale <= 0 || c.Settle <= 0 || c.Timeout <= 0, "times must be more than 0")
	base := &url.URL{Scheme: "https", Host: "api.twilio.com"}
	if c.URL != "" {
		u, err := url.Parse(strings.TrimSuffix(c.URL, "/"))
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
			wrong = append(wrong, errors.New("the base address must be http(s)://host[/path]"))
		}
		base = u
	}
	return base, errors.Join(wrong...)
}

// sid tells whether s is one of Twilio's identifiers.
func sid(s, kind string) bool {
	hex, ok := strings.CutPrefix(s, kind)
	if !ok || len(hex) != 32 {
		return false
	}
	return strings.Trim(hex, "0123456789abcdefABCDEF") == ""
}

// api returns the generated service, bound to ctx: the library knows no
// contexts. The handler is a literal because the library's constructor would
// read the environment.
func (c *Client) api(ctx context.Context) *api.ApiService {
	return api.NewApiService(&twilio.RequestHandler{Client: &bound{client: c, ctx: ctx}})
}
