package ivr

import "time"

// An Event is the one thing that happened since the last [Turn].
type Event struct {
	Kind Kind      `json:"kind"`
	Text string    `json:"text,omitempty"` // Heard: keys or words; NoAnswer: an [Outcome]; Number: E.164; Refused: a reason
	At   time.Time `json:"at,omitzero"`    // Held, Booked: the time of the callback
}

// Kind says what an [Event] reports.
type Kind string

// The events that a line reports.
const (
	Begin    Kind = "begin"    // the person is on the line
	Heard    Kind = "heard"    // the person pressed keys, or wrote back
	Silence  Kind = "silence"  // the person was asked and did nothing
	Gone     Kind = "gone"     // the person hung up
	Spoke    Kind = "spoke"    // a Connect is over, and the two spoke
	NoAnswer Kind = "noanswer" // a Connect is over, or a call was placed, and nobody took it
	Recorded Kind = "recorded" // the person spoke after the tone; Text is the name of the take
)

// Free is the event with which the desk calls up a person who waits: somebody
// can be rung for him now.
const Free Kind = "free"

// The events with which the desk answers a [Book].
const (
	Number    Kind = "number"    // Text may be called
	Held      Kind = "held"      // At is kept for this caller while he confirms
	Booked    Kind = "booked"    // At is promised
	Taken     Kind = "taken"     // somebody else has that time
	Refused   Kind = "refused"   // the number may not be called; Text says why
	Cancelled Kind = "cancelled" // the open booking is no more
	Done      Kind = "done"      // what an agent asked for is so
)

// The texts of a Refused that no other number and no other time would mend: the
// person gets a person.
const (
	NotWritten = "store"     // the desk cannot write anything down, and the person hears that it is our fault
	InFlight   = "in_flight" // we are calling that number right now
	TooMany    = "too_many"  // that number was promised enough calls for today
)

// Outcome says why nobody took a call. It is the text of a NoAnswer.
type Outcome string

// The outcomes of a call that nobody took.
const (
	Unsent     Outcome = "unsent"     // nothing left this machine
	Busy       Outcome = "busy"       // 486, 600
	Unanswered Outcome = "no_answer"  // it rang, or nobody knows (408, 480, ring time over)
	Machine    Outcome = "machine"    // answered, and no person pressed a key
	Rejected   Outcome = "rejected"   // 603, 403, or the person asked not to be called
	BadNumber  Outcome = "bad_number" // 404, 410, 484, 604
	Carrier    Outcome = "carrier"    // 5xx, no route: not the person's doing
	Later      Outcome = "later"      // the person asked to be called again later
	Unknown    Outcome = "unknown"    // the carrier cannot say whether it rang: a person must decide
)

// The texts of a Refused that answers a [JudgeTake].
const (
	TakeQuiet = "quiet" // too far from the telephone, or nearly silent
	TakeLoud  = "loud"  // distorted
	TakeShort = "short" // nothing to speak of
)

// A Turn is what happens next: first say, then write down, then do exactly
// one of Listen, Record, Connect, Book or End. Lines never see a Book. What a Turn and
// a [State] point to may be the menu's own: it is read, and never changed.
type Turn struct {
	No      int      `json:"no"`             // counts up from 1 within a talk
	Lang    string   `json:"lang,omitempty"` // the language to say it in
	Say     []Prompt `json:"say,omitempty"`
	Notes   []Note   `json:"notes,omitempty"`
	Listen  *Listen  `json:"listen,omitempty"`
	Record  *Record  `json:"record,omitempty"`
	Connect *Connect `json:"connect,omitempty"`
	Book    *Book    `json:"book,omitempty"`
	End     bool     `json:"end,omitempty"`

	Misheard bool `json:"misheard,omitempty"` // the event meant nothing here
}

// A Prompt is one thing to say. Name picks a sentence of package sounds, which
// the other fields fill in; an empty Name says Text as it stands.
type Prompt struct {
	Name   string    `json:"name,omitempty"`
	Text   string    `json:"text,omitempty"`   // {text}: words of the supervisor, in the talk's language
	Key    string    `json:"key,omitempty"`    // {key}: a key to press
	Digits string    `json:"digits,omitempty"` // {digits}: read one by one, in groups
	N      int       `json:"n,omitempty"`      // {n}: a count
	At     time.Time `json:"at,omitzero"`      // {at}: a wall-clock time at the queue's place
	Now    time.Time `json:"now,omitzero"`     // when At was said, so that "today" stays true
	Sound  string    `json:"sound,omitempty"`  // the name of a recording of Text
	Lang   string    `json:"lang,omitempty"`   // the language to say it in, when that is not the talk's
	Take   string    `json:"take,omitempty"`   // the name of what somebody has just spoken, to be heard again as it is
}

// A Note is one thing worth remembering about the talk.
type Note struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Listen waits for keys or words.
type Listen struct {
	Max    int           `json:"max"`              // keys to wait for; 0 means words of any length
	Finish string        `json:"finish,omitempty"` // a key that ends the input early, not part of it
	Wait   time.Duration `json:"wait"`             // how long until the first key before Silence
	Gap    time.Duration `json:"gap,omitempty"`    // how long between keys before the input is taken as it is
	Hold   bool          `json:"hold,omitempty"`   // the person waits for an agent: with music, and until the desk moves the talk on
}

// Record takes down what the person says after a tone: until a key is pressed,
// nothing was said for a while, or it is too long. It is answered with Recorded,
// or with Silence when nothing came.
type Record struct {
	Finish string        `json:"finish"` // the key that ends it
	Max    time.Duration `json:"max"`    // how long it may be
	Pause  time.Duration `json:"pause"`  // how long nothing may be said before it is over
}

// Connect rings somebody and joins the two calls.
type Connect struct {
	To       string        `json:"to"`   // as in the menu: "agents", "agent:anna", "customer", "waiting", a number or SIP URI
	Ring     time.Duration `json:"ring"` // how long to let it ring
	Transfer bool          `json:"transfer,omitempty"`
	Offer    *Prompt       `json:"offer,omitempty"` // what a key that is pressed meanwhile does, where the line hears it: a Heard of Offer.Key

	// What follows is filled in by the desk.
	Addr     string    `json:"addr,omitempty"`      // E.164 number or SIP URI to ring
	Talk     string    `json:"talk,omitempty"`      // the talk that the far party has before the calls are joined
	Ref      string    `json:"ref,omitempty"`       // our own name of this attempt; the SIP Call-ID
	CallerID string    `json:"caller_id,omitempty"` // the number to show
	Before   time.Time `json:"before,omitzero"`     // nothing may be sent after this instant; the attempt is Unsent then
	Tried    []string  `json:"tried,omitempty"`     // agents who did not take it

	// Of a person whom an agent puts through to somebody else.
	By      string   `json:"by,omitempty"`      // that agent; "" for nobody
	Consult bool     `json:"consult,omitempty"` // he speaks first with whom is rung
	Back    *Connect `json:"back,omitempty"`    // how the person was connected with him
}

// Waiting is the Connect.To of a far party that takes the call: it joins the
// leg that waits for it.
const Waiting = "waiting"

// Book asks the desk, not the line.
type Book struct {
	Do    Do        `json:"do"`
	At    time.Time `json:"at,omitzero"`     // Hold
	Phone string    `json:"phone,omitempty"` // Check: keyed-in digits; Confirm, Place: E.164, "" for the caller's own
	Text  string    `json:"text,omitempty"`  // SignIn: keyed-in digits; Duty: what the agent does now; Take: the ID of a callback; FindPrompt: keyed-in digits; JudgeTake, KeepTake: a take
}

// Do says what is asked of the desk.
type Do string

// What a menu may ask of the desk, and the events that can answer.
const (
	Check   Do = "check"   // Number or Refused
	Hold    Do = "hold"    // Held or Taken
	Confirm Do = "confirm" // Booked, Taken or Refused; moves an open booking
	Cancel  Do = "cancel"  // Cancelled
	Keep    Do = "keep"    // Booked, with the time that stands
	Place   Do = "place"   // Booked, with the latest time: a call when it is the person's turn; Taken or Refused
)

// What the menu for agents may ask of the desk.
const (
	SignIn Do = "sign_in" // Done or Refused
	Duty   Do = "duty"    // Done or Refused
	Take   Do = "take"    // Refused, or the talk goes on as one about that callback

	FindPrompt Do = "find_prompt" // Done or Refused, with the number in Text
	JudgeTake  Do = "judge_take"  // Done with the take in Text, or Refused with the reason
	KeepTake   Do = "keep_take"   // Done or Refused

	// Of who leaves a message: the take is in Text.
	LeaveMessage Do = "leave_message" // Done or Refused
)

// State is all that a talk remembers between turns. It is plain data, kept in
// the store, so that a talk outlives the process it began in.
type State struct {
	Turn    int               `json:"turn"`
	Node    string            `json:"node"`
	Lang    string            `json:"lang,omitempty"`
	Wrong   int               `json:"wrong,omitempty"`   // wrong keys in a row at Node
	Quiet   int               `json:"quiet,omitempty"`   // silences in a row at Node
	Stuck   int               `json:"stuck,omitempty"`   // how often the person was given up on
	Page    string            `json:"page,omitempty"`    // which list of times was read out last
	Offered []time.Time       `json:"offered,omitempty"` // what was said: key 2 means the second of these
	Held    time.Time         `json:"held,omitzero"`     // the time kept while the caller confirms
	Phone   string            `json:"phone,omitempty"`   // the number to call, E.164, when not the caller's own
	Path    []string          `json:"path,omitempty"`    // nodes visited, for "*" and for the short greeting
	Data    map[string]string `json:"data,omitempty"`    // what was keyed in, by name
	Script  string            `json:"script,omitempty"`  // the number of the prompt that is being recorded
	Take    string            `json:"take,omitempty"`    // the take of it that was heard
}

// Facts is what may be told to a person now. A menu can promise nothing else.
// It is computed inside the transaction that stores the turn.
type Facts struct {
	Now       time.Time     // at the queue's place
	Open      bool          // the queue is at work
	Opens     time.Time     // when it opens next, if it is closed
	Idle      int           // agents who could answer this person at once
	MayWait   bool          // this person may stand in line, or does
	NoPlace   bool          // who keeps his place in line could be called when nobody is at work any more: it is not offered
	Ahead     int           // callers waiting before this one
	Bound     time.Duration // honest upper bound of the wait; 0 when nobody knows
	Slots     []time.Time   // times that are really free, soonest first
	Booking   time.Time     // the open callback of this caller, if any
	Caller    Caller
	MaySurvey bool              // this person is to be asked now, by keys, how the call was
	Message   time.Duration     // how long a message this caller may leave, when nobody can serve him; 0 for none
	MayAsk    bool              // this caller has not been asked whether he may be asked how it was
	Brief     *Brief            // agent's and customer's talks: what the callback is about
	Notice    map[string]string // what all callers are told just now, by language; nil for nothing

	SignedIn bool  // the menu for agents: we know who calls
	Agenda   []Due // and the callbacks that this agent has to make today, soonest first

	MayRecord bool    // this agent may record what callers hear
	Prompted  *Prompt // what callers hear under the number State.Script; nil when there is none
}

// A Due is a callback on the list of an agent.
type Due struct {
	ID string
	Brief
}

// Caller is what is known of the person who calls.
type Caller struct {
	Phone    string // E.164; "" when withheld
	Callable bool   // Phone may be called back
	Name     string
	Lang     string // chosen before; "" when never
	Known    bool
	VIP      bool
}

// Brief is what an agent hears, and sees, before the customer does.
type Brief struct {
	Name    string
	Phone   string
	Topic   string
	Attempt int // counts from 1
	At      time.Time
}
