// Package twiliosim stands in for Twilio in tests: it answers the REST
// requests that we send, carries out the TwiML that we answer with, and posts
// signed webhooks, late, doubled and shuffled if it is told to.
//
// Requests, its own answers and all TwiML are held against Twilio's published
// files.
package twiliosim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config says who is at the far end, and how badly the network behaves.
type Config struct {
	Public string            // the application's public address
	App    http.RoundTripper // carries webhooks to the application: Into(handler), At(address); nil for one that has nothing to say
	// Person says who takes a call to a number, in E.164 or sip:. Nil, or a zero
	// Person, is somebody who answers at once and does nothing.
	Person func(number string) Person
	// Fate says how a text ends. Nil is delivered.
	Fate func(m Message) Fate

	// Clip says what is heard when a sound is played. Nil fetches nothing, and
	// its address is heard.
	Clip func(address string, sound []byte) string

	Seed  uint64        // of all that is left to chance
	Speed float64       // how many times faster than life; 0 for as fast as life
	Queue time.Duration // how long calls and texts wait in Twilio's queue
	// PerSecond is how many calls Twilio dials in a second; more wait in its
	// queue. 0 for no bound.
	PerSecond float64
	Mischief  Mischief
	Now       func() time.Time // nil for time.Now
}

// Mischief is what befalls status callbacks, each with a probability from 0
// to 1. TwiML requests are only doubled: somebody waits for their answer.
type Mischief struct {
	Double  float64       // it comes twice
	Shuffle float64       // it comes after those that follow
	Drop    float64       // it never comes
	Delay   float64       // it comes late, by up to Late
	Late    time.Duration // 0 for an hour
}

// A Person is at the far end of a call. Its functions may block; their context
// ends with the call.
type Person struct {
	// Answer is asked when it rings. Nil answers at once.
	Answer func(ctx context.Context, c Call) Answer
	// Press hears what was said since the last time, when the line listens, and
	// returns the keys that are pressed: "" for silence, Hangup to hang up. Nil
	// is silence.
	Press func(ctx context.Context, c Call, said []string) string
	// Speak hears what was said, when the line takes down what the person says,
	// and returns that as a WAV file; nothing for silence. Nil is silence.
	Speak func(ctx context.Context, c Call, said []string) []byte
	// Late is how long after the call Twilio tells what was said last.
	Late time.Duration
	// Talk is spoken while the call is joined with others, in a conference or by
	// a dialled number; it returns when the person hangs up. Nil stays until the
	// others are gone.
	Talk func(ctx context.Context, c Call, room string)
	Stir string // what the network vouches for: TN-Validation-Passed-A
}

// Hangup is returned by Person.Press when the person hangs up.
const Hangup = "hangup"

// An Answer is what happens when it rings.
type Answer struct {
	After   time.Duration // how long it rings before
	Outcome string        // "" is answered; busy, no-answer, failed
	By      string        // what machine detection says, when asked: "" for human
	Greets  time.Duration // how long a machine greets before its tone
}

// A Fate is how a text ends.
type Fate struct {
	Status string // delivered, undelivered, failed; sent when the carrier tells nothing
	Code   int    // why
}

// A Call is what the simulator knows of a call.
type Call struct {
	SID        string
	Parent     string
	From, To   string
	Direction  string // inbound, outbound-api, outbound-dial
	Status     string
	Conference string     // the name of the room it is in, or was in last
	Form       url.Values // of the request that began it; nil for inbound
	Log        []string   // what was said and done, in order
	Created    time.Time
}

// A Message is what the simulator knows of a text.
type Message struct {
	SID      string
	From, To string
	Body     string
	Status   string
	Code     int
	Form     url.Values // of the request; nil for inbound
	Answer   []string   // inbound: the texts that the webhook answered with
	Created  time.Time
}

// A Fault is what befalls the next request that changes something.
type Fault struct {
	Status     int           // answered; 0 for none
	After      bool          // the request is carried out all the same
	RetryAfter time.Duration // told with the status
	HTML       bool          // the answer is a page, as of a proxy
	Hang       bool          // no answer comes until the client gives up
	Refuse     bool          // there is no connection: by [Sim.Transport] only
	Read       bool          // it befalls a request that only looks
	Cut        bool          // the answer breaks off
}

// A Sim is one account at Twilio. It is an [http.Handler] for REST requests.
type Sim struct {
	Account   string // AC...
	AuthToken string // signs webhooks
	Key       string // SK..., for REST
	Secret    string

	Type     string    // Full, Trial
	Opened   time.Time // when the account was
	Profiles []string  // how far each profile of the customer is: twilio-approved, draft
	Policy   string    // what it is made by, which tells whose it is; "" when that cannot be seen

	config Config
	rules  *contract
	words  *vocabulary

	mu       sync.Mutex
	chance   *rand.Rand
	n        int
	faults   []Fault
	problems []string
	calls    []*call
	messages []*Message
	rooms    []*room
	numbers  []*Number
	queues   map[string]string // SIDs by name
	requests []Request
	tapes    map[string]*tape
	stopped  map[string]bool // numbers that have opted out
	turn     time.Time       // when the next call can be dialled

	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup
}

// A Request is a REST request that came in.
type Request struct {
	Method, Path string
	Form         url.Values
	At           time.Time
}

// A Number is one of the account's telephone numbers.
type Number struct {
	Number           string
	VoiceURL         string // may end in a fragment of connection overrides
	VoiceFallbackURL string
	StatusURL        string // told when calls end
	SMSURL           string
	SMSFallbackURL   string

	sid string
}

// New returns an account without numbers.
func New(c Config) (*Sim, error) {
	rules, err := loadContract()
	if err != nil {
		return nil, fmt.Errorf("load Twilio's interface: %w", err)
	}
	words, err := loadVocabulary()
	if err != nil {
		return nil, fmt.Errorf("load Twilio's vocabulary: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.App == nil {
		c.App = Into(http.HandlerFunc(nothing))
	}
	if c.Speed == 0 {
		c.Speed = 1
	}
	s := &Sim{
		Account: "AC" + strings.Repeat("a", 32), AuthToken: "0123456789abcdef0123456789abcdef",
		Key: "SK" + strings.Repeat("b", 32), Secret: "secret",
		Type: "Full", Opened: time.Date(2020, time.March, 1, 12, 0, 0, 0, time.UTC), Profiles: []string{"twilio-approved"},
		config: c, rules: rules, words: words,
		chance: rand.New(rand.NewPCG(c.Seed, 0)), stopped: map[string]bool{}, queues: map[string]string{},
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// nothing is an application that has nothing to say.
func nothing(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	say(w, "<Response/>")
}

// Close hangs up everything and waits until all is quiet.
func (s *Sim) Close() {
	s.end()
	s.work.Wait()
}

// AddNumber gives the account a number.
func (s *Sim) AddNumber(n Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.sid = s.newSID("PN")
	s.numbers = append(s.numbers, &n)
}

// Fail has the next requests fail, one fault each.
func (s *Sim) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Problems lists all that did not conform: requests, TwiML, webhooks that were
// not answered as they must be, and mistakes of the simulator's own.
func (s *Sim) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.problems...)
}

func (s *Sim) problem(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// newSID must be called with the lock held.
func (s *Sim) newSID(kind string) string {
	s.n++
	return fmt.Sprintf("%s%032x", kind, s.n)
}

// wait lets a time of life pass; false when ctx ends before.
func (s *Sim) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(time.Duration(float64(d) / s.config.Speed))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
