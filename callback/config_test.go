package callback

import (
	"strings"
	"testing"
	"time"
)

func good() Config {
	c := Defaults()
	c.Zone = "Europe/Helsinki"
	c.Numbers = map[Phone]Route{"+358912345678": {Menu: "main", Queue: "billing"}}
	c.Agents = map[string]Agent{"anna": {Phone: "sip:anna@192.0.2.10"}}
	c.Queues = map[string]QueueConfig{"billing": {Agents: []string{"anna"}, Hours: map[string]string{"mon-fri": "09:00-17:00"}}}
	return c
}

func TestNew(t *testing.T) {
	t.Parallel()
	d, err := New(good())
	if err != nil {
		t.Fatal(err)
	}
	q := d.Queues["billing"]
	if q.Capacity != 1 || q.Slot != 15*time.Minute || q.WrapUp != 30*time.Second || q.Zone.String() != "Europe/Helsinki" {
		t.Errorf("queue %+v", q)
	}
	if len(d.Rules.Regions) != 1 || d.Rules.Regions[0] != "FI" {
		t.Errorf("calls may go to %v", d.Rules.Regions)
	}
}

// wrongs are slips in a configuration that is right, and what is said of each.
var wrongs = []struct {
	name string
	do   func(*Config)
	want []string
}{
	{"zone", func(c *Config) { c.Zone = "Europe/Helsink" }, []string{`zone: "Europe/Helsink" is not a time zone`}},
	{
		"agent of a queue", func(c *Config) { c.Queues["billing"] = queue("ana", "mon-fri", "09:00-17:00") },
		[]string{`queues.billing.agents: "ana" is not in agents; did you mean "anna"?`},
	},
	{
		"numbers to put people through to", func(c *Config) {
			c.Transfers.Allowed = []string{"+358401234567", "+35850*", "0401234567", "*", "+3587001234", "+358912345678"}
		},
		[]string{
			`transfers.allowed: "0401234567" is not a telephone number`, `transfers.allowed: "*" is not how numbers begin`,
			"transfers.allowed: +3587001234: number may not be called: ", "transfers.allowed: +358912345678: number may not be called: own",
		},
	},
	{
		"agent twice", func(c *Config) {
			q := queue("anna", "mon-fri", "09:00-17:00")
			q.Agents = []string{"anna", "anna"}
			c.Queues["billing"] = q
		},
		[]string{`queues.billing.agents: "anna" is named twice`},
	},
	{
		"nobody", func(c *Config) { c.Queues["billing"] = QueueConfig{} },
		[]string{"queues.billing.agents: nobody", "queues.billing.hours: say when"},
	},
	{
		"days", func(c *Config) { c.Queues["billing"] = queue("anna", "mon-fry", "09:00-17:00") },
		[]string{`queues.billing.hours: "mon-fry" is not written like`},
	},
	{
		"hours", func(c *Config) { c.Queues["billing"] = queue("anna", "mon", "9-17") },
		[]string{`queues.billing.hours.mon: "9-17" is not written like`},
	},
	{
		"backwards", func(c *Config) { c.Queues["billing"] = queue("anna", "mon", "17:00-09:00") },
		[]string{"ends before it begins"},
	},
	{
		"overlap", func(c *Config) { c.Queues["billing"] = queue("anna", "mon", "09:00-12:00, 11:00-13:00") },
		[]string{`"11:00-13:00" begins before the one before it ends`},
	},
	{
		"25 hours", func(c *Config) { c.Queues["billing"] = queue("anna", "mon", "09:00-25:00") },
		[]string{"is not written like"},
	},
	{
		"number", func(c *Config) { c.Numbers["0912345"] = Route{Menu: "main", Queue: "biling"} },
		[]string{`numbers.0912345: "0912345" is not a telephone number`, `numbers.0912345.queue: "biling" is not in queues; did you mean "billing"?`},
	},
	{"menu", func(c *Config) { c.Numbers["+358912345678"] = Route{Queue: "billing"} }, []string{"numbers.+358912345678.menu"}},
	{"agent's phone", func(c *Config) { c.Agents["anna"] = Agent{Phone: "anna"} }, []string{`agents.anna.phone: "anna" is neither`}},
	{"agent's email", func(c *Config) { c.Agents["anna"] = Agent{Phone: "sip:anna@x", Email: "anna"} }, []string{`agents.anna.email: "anna" is no address`}},
	{"agent's email with a name", func(c *Config) { c.Agents["anna"] = Agent{Phone: "sip:anna@x", Email: "Anna <anna@example.com>"} }, []string{`agents.anna.email: "Anna <anna@example.com>" is no address`}},
	{"calendar without email", func(c *Config) { c.Agents["anna"] = Agent{Phone: "sip:anna@x", Calendar: true} }, []string{"agents.anna.calendar: it takes an email"}},
	{"policy", func(c *Config) { c.Callbacks = Policy{} }, []string{
		"callbacks.slot", "callbacks.horizon", "callbacks.window", "callbacks.hold", "callbacks.within", "callbacks.texts", "callbacks.ring",
		"callbacks.attempts", "callbacks.bookings", "callbacks.moves", "callbacks.dials", "callbacks.permitted",
	}},
	{"limits", func(c *Config) { c.Limits = Limits{PerDay: -1, Others: -1, Over: 1001, Answered: 101, Short: -1} }, []string{
		"limits.per_day: -1 is less than 0", "limits.others", "limits.over", "limits.answered", "limits.short",
	}},
	{"lead", func(c *Config) { c.Callbacks.Lead = Span(30 * 24 * time.Hour) }, []string{"callbacks.lead: 30d is longer than the horizon of 7d"}},
	{"night", func(c *Config) { c.Callbacks.Permitted = "21:00-8:00" }, []string{"callbacks.permitted"}},
	{"country", func(c *Config) { c.Callbacks.AllowRegions = []string{"Finland"} }, []string{`callbacks.allow_regions: "Finland"`}},
	{"survey", func(c *Config) { c.Survey.Kind, c.Survey.Consent = "thumbs", "never" }, []string{"survey.kind", "survey.consent"}},
	{"dialing", func(c *Config) {
		q := c.Queues["billing"]
		q.Dialing, q.Holidays, q.Capacity = "sometimes", "SE", -2
		q.Exceptions = map[string]string{"24.12.2026": "closed"}
		c.Queues["billing"] = q
	}, []string{"queues.billing.dialing: \"sometimes\"", "queues.billing.holidays", "queues.billing.capacity", "queues.billing.exceptions"}},
	{"twice", func(c *Config) {
		c.Queues["billing"] = QueueConfig{Agents: []string{"anna"}, Hours: map[string]string{"mon-fri": "09:00-17:00", "fri": "09:00-15:00"}}
	}, []string{`fri is in "fri" and in "mon-fri"`}},
}

// TestMistakes: every mistake is told at once, each with its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range wrongs {
		t.Run(tt.name, func(t *testing.T) {
			c := good()
			tt.do(&c)
			_, err := New(c)
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in:\n%v", want, err)
				}
			}
			if got := len(strings.Split(err.Error(), "\n")); got != len(tt.want) {
				t.Errorf("%d mistakes, want %d:\n%v", got, len(tt.want), err)
			}
		})
	}
}

// Hours are compared as hours, however they are written.
func TestShortHours(t *testing.T) {
	t.Parallel()
	c := good()
	c.Callbacks.Permitted = "8:00-21:00"
	if _, err := New(c); err != nil {
		t.Error(err)
	}
}

func queue(agent, days, hours string) QueueConfig {
	return QueueConfig{Agents: []string{agent}, Hours: map[string]string{days: hours}}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want time.Duration
		back string
	}{
		{"90s", 90 * time.Second, "1m30s"},
		{"15m", 15 * time.Minute, "15m"},
		{"2h", 2 * time.Hour, "2h"},
		{"1h30m", 90 * time.Minute, "1h30m"},
		{"7d", 7 * 24 * time.Hour, "7d"},
		{"0s", 0, "0s"},
	} {
		var s Span
		if err := s.UnmarshalText([]byte(tt.text)); err != nil || s.Duration() != tt.want || s.String() != tt.back {
			t.Errorf("%s is %s, %v", tt.text, s, err)
		}
	}
	for _, text := range []string{"", "7", "-5m", "1w", "d", "-1d", "99999d"} {
		var s Span
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %s", text, s)
		}
	}
}
