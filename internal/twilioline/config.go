package twilioline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/sounds/languages"
)

// Config is one account at Twilio. Without account_sid there is no such line.
type Config struct {
	AccountSID       string            `yaml:"account_sid"`       // AC..., from the console; "" for no line to Twilio
	AuthTokenFile    string            `yaml:"auth_token_file"`   // the token that signs webhooks; while it is changed, the new and the old on a line each
	APIKey           string            `yaml:"api_key"`           // SK..., for our requests; "" for the account and its token
	APISecretFile    string            `yaml:"api_secret_file"`   // secret of that key
	CallerID         callback.Phone    `yaml:"caller_id"`         // number of the account that is shown, when the queue names none
	MessagingService string            `yaml:"messaging_service"` // MG..., that texts leave by; "" for sms.from
	APIURL           string            `yaml:"api_url"`           // "" for Twilio's own address
	CallsPerSecond   float64           `yaml:"calls_per_second"`  // that begin; new accounts may begin 1
	MaxCalls         int               `yaml:"max_calls"`         // at once, in and out; 0 for no bound of ours
	FallbackTo       callback.Phone    `yaml:"fallback_to"`       // who is rung for callers when we cannot answer; "" for nobody
	DetectMachines   bool              `yaml:"detect_machines"`   // have Twilio listen, for a fee, for the tone of a machine, after which it is spoken to: it decides nothing else
	Say              map[string]Speech `yaml:"say"`               // languages that a voice of Twilio speaks, instead of our sounds

	// UnknownParameters says what is done with a webhook that has a parameter
	// which Twilio has not documented: refuse, or drop the parameter.
	UnknownParameters string `yaml:"unknown_parameters"`

	TextFrom  callback.Phone `yaml:"-"` // sms.from; "" for CallerID
	PublicURL string         `yaml:"-"` // http.public_url: how Twilio reaches us
	Lang      string         `yaml:"-"` // of those who did not choose one
	Tokens    []string       `yaml:"-"` // what auth_token_file says
	Secret    string         `yaml:"-"` // what api_secret_file says
	Self      []byte         `yaml:"-"` // what only this service knows, and no other of the account
}

// Speech says by which voice of Twilio a language is spoken.
type Speech struct {
	Language string `yaml:"language"` // as Twilio calls it: fi-FI
	Voice    string `yaml:"voice"`    // Google.fi-FI-Standard-A; "" for Twilio's choice
}

// voice says how Twilio speaks a language: as configured, and where that says
// no more than the language, with the voice that the language comes with. A
// language that is not configured is left to Twilio's choice.
func (c Config) voice(lang string) Speech {
	by, named := c.Say[lang]
	known, ok := languages.Find(lang)
	if !ok || by.Language != "" {
		return by
	}
	by.Language = known.Locale
	if named {
		by.Voice = cmp.Or(by.Voice, known.Carrier)
	}
	return by
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config { return Config{CallsPerSecond: 1, UnknownParameters: refuseUnknown} }

// Refuses reports whether webhooks are refused that have a parameter which
// Twilio has not documented.
func (c Config) Refuses() bool { return c.UnknownParameters == refuseUnknown }

// Enabled reports whether there is a line to Twilio at all.
func (c Config) Enabled() bool { return c.AccountSID != "" }

var (
	accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	keySID     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
	number     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// Check reports everything that is wrong with the configuration.
func (c Config) Check() error {
	if !c.Enabled() {
		return nil
	}
	var wrong []error
	bad := func(is bool, key, what string) {
		if is {
			wrong = append(wrong, fmt.Errorf("twilio.%s: %s", key, what))
		}
	}
	bad(!accountSID.MatchString(c.AccountSID), "account_sid", "must be AC and 32 hexadecimal digits")
	bad(c.AuthTokenFile == "" && len(c.Tokens) == 0, "auth_token_file", "name the file with the auth token: without it no webhook can be trusted")
	bad(c.APIKey != "" && !keySID.MatchString(c.APIKey), "api_key", "must be SK and 32 hexadecimal digits")
	bad(c.APIKey != "" && c.APISecretFile == "" && c.Secret == "", "api_secret_file", "name the file with the secret of the key")
	bad(!number.MatchString(string(c.CallerID)), "caller_id", `must be a number of the account, like "+358912345"`)
	bad(c.MessagingService != "" && !serviceSID.MatchString(c.MessagingService), "messaging_service", "must be MG and 32 hexadecimal digits")
	bad(c.FallbackTo != "" && !number.MatchString(string(c.FallbackTo)), "fallback_to", `must be a number, like "+358912345"`)
	bad(c.CallsPerSecond <= 0, "calls_per_second", "must be more than 0")
	bad(c.MaxCalls < 0, "max_calls", "must not be less than 0")
	bad(c.UnknownParameters != refuseUnknown && c.UnknownParameters != dropUnknown, "unknown_parameters", "must be refuse or drop")
	bad(!public(c.PublicURL), "account_sid", "http.public_url must be https://name without a path or query: Twilio asks and signs there")
	return errors.Join(wrong...)
}

// public reports whether Twilio's signature can be checked for an address.
// Encrypted or not is for the operator: in a test there is no certificate.
func public(addr string) bool {
	u, err := url.Parse(strings.TrimSuffix(addr, "/"))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// Read reads the secrets that the configuration names.
func (c *Config) Read() error {
	if !c.Enabled() {
		return nil
	}
	tokens, err := lines("twilio.auth_token_file", c.AuthTokenFile)
	if err != nil {
		return err
	}
	c.Tokens, c.Secret = tokens, tokens[0]
	if c.APISecretFile == "" {
		return nil
	}
	secret, err := lines("twilio.api_secret_file", c.APISecretFile)
	if err == nil {
		c.Secret = secret[0]
	}
	return err
}

// lines reads the lines of a file that are not empty; there is one at least.
func lines(key, file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	var all []string
	for line := range bytes.Lines(content) {
		if line := bytes.TrimSpace(line); len(line) > 0 {
			all = append(all, string(line))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %s is empty", key, file)
	}
	return all, nil
}

// from is the number that texts come from.
func (c Config) from() callback.Phone {
	if c.TextFrom != "" {
		return c.TextFrom
	}
	return c.CallerID
}

func (c Config) base() string { return strings.TrimSuffix(c.PublicURL, "/") }

func (c Config) api() twilioapi.Config {
	a := twilioapi.Defaults()
	a.Account, a.Key, a.Secret, a.URL = c.AccountSID, c.APIKey, c.Secret, c.APIURL
	a.PerSecond, a.MaxCalls = c.CallsPerSecond, c.MaxCalls
	return a
}
