package callback

// Config is the part of the configuration that the desk works by.
type Config struct {
	Zone      string                 `yaml:"zone"`      // IANA name of where the queues are
	Numbers   map[Phone]Route        `yaml:"numbers"`   // our numbers, and who answers there
	Agents    map[string]Agent       `yaml:"agents"`    // by short name
	Queues    map[string]QueueConfig `yaml:"queues"`    // by short name
	Callbacks Policy                 `yaml:"callbacks"` // how promises are made and kept
	Survey    Survey                 `yaml:"survey"`    // the question after the call
}

// QueueConfig is one queue.
type QueueConfig struct {
	Agents     []string          `yaml:"agents"`     // who answers, by short name
	Zone       string            `yaml:"zone"`       // "" for the zone of the service
	Hours      map[string]string `yaml:"hours"`      // mon-fri: "09:00-12:00, 13:00-17:00"
	Exceptions map[string]string `yaml:"exceptions"` // "2026-12-24": "09:00-12:00", or closed
	Holidays   string            `yaml:"holidays"`   // FI CZ GR GB RO US; "" for none
	Capacity   int               `yaml:"capacity"`   // callbacks per slot; 0 for one per agent
	Dialing    string            `yaml:"dialing"`    // agent_first
	CallerID   Phone             `yaml:"caller_id"`  // the number to show
	WrapUp     Span              `yaml:"wrap_up"`    // how long an agent writes after a call
}

// Policy is how promises are made and kept.
type Policy struct {
	Slot         Span     `yaml:"slot"`          // length of one slot
	Lead         Span     `yaml:"lead"`          // how soon a callback can be promised
	Horizon      Span     `yaml:"horizon"`       // how far ahead
	Window       Span     `yaml:"window"`        // how late a callback may be and the promise is still kept
	Hold         Span     `yaml:"hold"`          // how long a time is kept while the caller confirms
	Attempts     int      `yaml:"attempts"`      // how often a customer is tried
	Within       Span     `yaml:"within"`        // the tries are over by then
	Ring         Span     `yaml:"ring"`          // how long an agent's phone rings
	Permitted    string   `yaml:"permitted"`     // hours at the customer's place: "08:00-21:00"
	AllowRegions []string `yaml:"allow_regions"` // countries that may be called
	Deny         []Phone  `yaml:"deny"`          // numbers that are never called
	Confirm      bool     `yaml:"confirm"`       // a text confirms each promise
}

// Survey is the question after the call.
type Survey struct {
	Kind    string `yaml:"kind"`    // csat, or off
	Menu    string `yaml:"menu"`    // a shipped menu, or a file
	Delay   Span   `yaml:"delay"`   // after the call
	Consent string `yaml:"consent"` // ask: unless the person said no; off: nobody is asked
	Pause   Span   `yaml:"pause"`   // one person is not asked more often
	Quiet   string `yaml:"quiet"`   // no survey at these hours: "20:00-09:00"
	Within  Span   `yaml:"within"`  // an answer is expected for so long
}

// Defaults returns the configuration of a service that says nothing.
func Defaults() Config { return Config{} }

// New makes the desk of a configuration, or reports everything that is wrong
// with it. What it does not say is for the caller to fill in: Store, Menus,
// Text, Now, Boot, Host and Log.
func New(c Config) (*Desk, error) { return &Desk{}, nil }
