package callback

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/wait"
	"github.com/holdless/holdless/ivr"
)

// Config is the part of the configuration that the desk works by.
type Config struct {
	Zone      string                 `yaml:"zone"`      // IANA name of where the queues are
	Numbers   map[Phone]Route        `yaml:"numbers"`   // our numbers, and who answers there
	Agents    map[string]Agent       `yaml:"agents"`    // by short name
	Queues    map[string]QueueConfig `yaml:"queues"`    // by short name
	VIPs      []Phone                `yaml:"vips"`      // callers for whom menus may do more
	Callbacks Policy                 `yaml:"callbacks"` // how promises are made and kept
	Limits    Limits                 `yaml:"limits"`    // how much is dialled at the most
	Transfers Transfers              `yaml:"transfers"` // whom outside people are put through to
	Survey    Survey                 `yaml:"survey"`    // the question after the call
	Pulse     Pulse                  `yaml:"pulse"`     // the question to agents
}

// AtClosing says what becomes of callers who stand in line when a queue closes.
type AtClosing string

// What a queue does at closing time.
const (
	CallLineBack AtClosing = "call_back" // they hear when it opens, and are offered a time
	ServeLine    AtClosing = "serve"     // whoever stands in line is still served
)

// A Route says who answers a number of ours, and with what.
type Route struct {
	Menu  string `yaml:"menu"`     // a shipped menu, or a file
	Queue string `yaml:"queue"`    // who is behind it
	Lang  string `yaml:"language"` // spoken with whoever chose none; "" for the first of the service
}

// An Agent is a person who answers.
type Agent struct {
	Name      string   `yaml:"name"`      // as customers may hear it
	Phone     string   `yaml:"phone"`     // E.164 number or SIP URI
	Email     string   `yaml:"email"`     // for the list of the day
	Calendar  bool     `yaml:"calendar"`  // callbacks of his own come as invitations, too
	Languages []string `yaml:"languages"` // that the agent speaks; none for all
	PIN       string   `yaml:"pin"`       // keyed in by who calls us as this agent: 6 to 12 digits; "" for nobody may
	Prompts   bool     `yaml:"prompts"`   // may record what callers hear, by telephone and with the PIN
	Skills    []string `yaml:"skills"`    // the topics that the agent knows, as menus note them; none for all

	Hours map[string]string `yaml:"hours"` // when the agent works, like those of a queue; empty for whenever his queues do
}

// QueueConfig is one queue.
type QueueConfig struct {
	Agents     []string          `yaml:"agents"`     // who answers, by short name
	Zone       string            `yaml:"zone"`       // "" for the zone of the service
	Hours      map[string]string `yaml:"hours"`      // mon-fri: "09:00-12:00, 13:00-17:00"
	Exceptions map[string]string `yaml:"exceptions"` // "2026-12-24": "09:00-12:00", or closed
	Holidays   string            `yaml:"holidays"`   // country whose public holidays are free; "" for none
	Capacity   Places            `yaml:"capacity"`   // callbacks in one slot; 0 for as many as there are agents, auto for as many as they can keep
	Dialing    Order             `yaml:"dialing"`    // who is rung first: adaptive, customer_first or agent_first; "" for adaptive
	CallerID   Phone             `yaml:"caller_id"`  // the number to show
	Line       string            `yaml:"line"`       // what callbacks leave by: sip, twilio, or "" for the one there is
	Spare      int               `yaml:"spare"`      // adaptive: an agent is kept for a customer who is rung while fewer are free; 0 for 2
	WrapUp     Span              `yaml:"wrap_up"`    // how long an agent writes after a call; 0 for 30s

	Waiting       int               `yaml:"waiting"`        // callers who may stand in line, with music; 0 for none
	VIPsAhead     Span              `yaml:"vips_ahead"`     // how much earlier a VIP counts as having come
	AtClosing     AtClosing         `yaml:"at_closing"`     // what becomes of who stands in line when the queue closes: call_back, or serve
	Overflow      string            `yaml:"overflow"`       // a queue whose agents help out; "" for none
	OverflowAfter Span              `yaml:"overflow_after"` // when a caller has stood in line so long
	Notice        map[string]string `yaml:"notice"`         // what callers are told first just now, by language: an outage, a strike

	Voicemail Span `yaml:"voicemail"` // how long a message a caller may leave whom nobody can serve; 0 for none

	AnswerWithin   Span `yaml:"answer_within"`   // the standard: how long who asks for a person has to listen until one is rung; 0 for none
	CallbackWithin Span `yaml:"callback_within"` // the standard: how soon, while the queue is at work, the soonest callback can be; 0 for none
}

// Policy is how promises are made and kept.
type Policy struct {
	Slot         Span     `yaml:"slot"`          // length of one slot
	Lead         Span     `yaml:"lead"`          // how soon a callback can be promised
	Horizon      Span     `yaml:"horizon"`       // how far ahead
	Careful      float64  `yaml:"careful"`       // with capacity auto, how much of a team is left free for chance: 0.4 sells more, 0.6 less
	Window       Span     `yaml:"window"`        // how late a callback may be while the promise is still kept
	Hold         Span     `yaml:"hold"`          // how long a time is kept while the caller confirms
	Attempts     int      `yaml:"attempts"`      // how often a customer is tried
	Within       Span     `yaml:"within"`        // how long after the promise the last try may be
	Bookings     int      `yaml:"bookings"`      // how many callbacks one number may be promised in 24 hours
	Moves        int      `yaml:"moves"`         // how often a customer may move one callback
	Dials        int      `yaml:"dials"`         // how often one number may be called in 24 hours
	Ring         Span     `yaml:"ring"`          // how long an agent's phone rings
	Permitted    string   `yaml:"permitted"`     // when people may be called, by the clock where they are
	AllowRegions []string `yaml:"allow_regions"` // countries that may be called
	Deny         []Phone  `yaml:"deny"`          // numbers that are never called
	Confirm      bool     `yaml:"confirm"`       // a text confirms each promise
	Reminder     Span     `yaml:"reminder"`      // how long before it a text reminds of a promise; 0 for never
	Texts        int      `yaml:"texts"`         // how many texts one person gets in a day
}

// Survey is the question after the call.
type Survey struct {
	Kind    string `yaml:"kind"`    // csat, nps, ces, or off
	Menu    string `yaml:"menu"`    // a shipped menu, or a file; "" for the one of that kind
	By      string `yaml:"by"`      // text: a digit answers a text; link: a text has a link to a page; keys: asked at the end of the call
	Delay   Span   `yaml:"delay"`   // how long after the call
	Talked  Span   `yaml:"talked"`  // only who spoke with us for so long
	Sample  int    `yaml:"sample"`  // of a hundred calls, so many; who was not asked for 90 days always
	Consent string `yaml:"consent"` // ask: the menu asks for it; given: a menu of yours does; assumed: who did not say no
	Owner   string `yaml:"owner"`   // agent who follows up unhappy answers; "" for who spoke last
	Pause   Span   `yaml:"pause"`   // a person is not asked again for so long
	Quiet   string `yaml:"quiet"`   // when nobody is asked, by the clock where they are; "" for never
	Within  Span   `yaml:"within"`  // how long an answer is waited for
}

// Defaults returns the configuration of a service that says nothing.
func Defaults() Config {
	const minutes, days = Span(time.Minute), Span(24 * time.Hour)
	return Config{
		Zone: "UTC",
		Callbacks: Policy{
			Slot: 15 * minutes, Lead: 10 * minutes, Horizon: 7 * days, Window: 15 * minutes, Careful: wait.Careful,
			Hold: 2 * minutes, Attempts: 3, Within: 2 * days, Bookings: 3, Moves: 5, Dials: 6, Ring: 25 * Span(time.Second),
			Permitted: "08:00-21:00", Confirm: true, Reminder: 120 * minutes, Texts: 20,
		},
		Limits: defaultLimits(), Transfers: Transfers{Allowed: []string{}},
		Survey: Survey{
			Kind: "csat", By: byText, Delay: 3 * minutes, Talked: Span(30 * time.Second), Sample: 100, Consent: consentAsk, Pause: 7 * days,
			Quiet: "20:00-09:00", Within: 3 * days,
		},
		Pulse: Pulse{Every: 7 * days},
	}
}

// New makes the desk of a configuration, or reports everything that is wrong
// with it. What a configuration does not say is for the caller to fill in:
// Store, Menus, Text, Now, Boot, Host, Alone and Log.
func New(c Config) (*Desk, error) {
	var m mistakes
	d := &Desk{
		Agents: c.Agents, VIPs: c.VIPs, Numbers: c.Numbers, Policy: c.Callbacks, Limits: c.Limits, Transfers: c.Transfers, Survey: c.Survey, Pulse: c.Pulse,
		Queues: map[string]*Queue{},
		Text:   func(_ string, p ivr.Prompt) string { return p.Text },
		Now:    time.Now, NewID: rand.Text,
	}
	zone := m.zone("zone", c.Zone, time.UTC)
	d.zone = zone
	for _, name := range sorted(c.Queues) {
		d.Queues[name] = c.queue(&m, name, zone)
	}
	d.Rules = c.rules(&m)
	c.Callbacks.check(&m)
	d.permitted = m.daytime("callbacks.permitted", c.Callbacks.Permitted)
	c.Limits.check(&m)
	c.Transfers.check(&m, d.Rules)
	c.Survey.check(&m, c.Agents)
	c.Pulse.check(&m)
	if d.Survey.Menu == "" {
		d.Survey.Menu = surveyMenus[c.Survey.Kind]
	}
	if c.Survey.Quiet != "" {
		d.quiet = m.window("survey.quiet", c.Survey.Quiet)
	}
	c.checkPeople(&m)
	d.shifts = c.shifts(&m)
	if len(m) > 0 {
		return nil, m
	}
	return d, nil
}

// A Span is a length of time in a configuration: as Go writes it, or in days,
// "15m" or "7d".
type Span time.Duration

// Duration returns the span for computing.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Span) UnmarshalText(text []byte) error {
	days, ok := strings.CutSuffix(string(text), "d")
	if n, err := strconv.Atoi(days); ok && err == nil && n >= 0 && n < 36_500 {
		*s = Span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return errors.New(`a length of time is written like "90s", "15m", "2h" or "7d"`)
	}
	*s = Span(d)
	return nil
}

// MarshalText implements [encoding.TextMarshaler].
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String returns the span as it is written in a configuration.
func (s Span) String() string {
	d := time.Duration(s)
	if day := 24 * time.Hour; d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	out := d.String()
	out, _ = strings.CutSuffix(out, "m0s")
	if out != d.String() {
		out += "m"
	}
	if cut, ok := strings.CutSuffix(out, "h0m"); ok {
		out = cut + "h"
	}
	return out
}
