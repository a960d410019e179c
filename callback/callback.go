// Package callback is the desk: it makes promises to callers, keeps them, and
// remembers what was said.
//
// It holds the rules and no technology. What it needs from the world it names
// as small interfaces in ports.go; lines call it through [Desk].
package callback

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// What callers of the desk and of the store branch on.
var (
	ErrNotFound = errors.New("not found")
	ErrTaken    = errors.New("time is taken")                       // no place is left in that slot
	ErrBooked   = errors.New("number has an open callback already") // one per number and queue
	ErrMoved    = errors.New("somebody else changed it first")      // compare-and-set failed
	ErrKnown    = errors.New("written already")                     // the dedupe key exists
)

// A Phone is a telephone number in E.164 form, as package number knows it.
type Phone = number.Phone

// A Callback is a promise: this person will be called at this time.
type Callback struct {
	ID        string // unguessable, chosen by the desk
	Queue     string
	Phone     Phone
	Name      string
	Topic     string
	Lang      string
	Note      string
	Owner     string // agent who keeps it; "" for the team
	Agent     string // agent who has it in hand, while it is in flight, and who spoke last
	Talk      string // the talk it was booked in
	Caller    Phone  // whose call it was asked for in: [Anonymous] when withheld, "" when people or programs asked
	State     State
	At        time.Time // the promised instant
	Wall      string    // the same as wall time: 2006-01-02T15:04
	Zone      string    // IANA zone of Wall; At is computed again when zone rules change
	HoldUntil time.Time // while held
	DueAt     time.Time // when the machine acts next
	Until     time.Time // the end of the promised window
	Place     time.Time // the place in line that it keeps: it is due when its turn comes, and At is the latest; zero for one at a time
	Moves     int       // how often the customer has moved it
	Attempts  int       // customer dials that count against the limit
	Boot      string    // the process that has it in flight: the fencing token
	Version   int64     // counts changes, for compare-and-set
	Key       string    // idempotency key of the request that made it; "" for none
	CreatedAt time.Time
	UpdatedAt time.Time
}

// An Attempt is one call that was placed to keep a promise. Its row is
// committed before the INVITE or the REST call leaves.
type Attempt struct {
	Callback   string
	No         int    // counts from 1 within a callback
	Leg        Leg    // whom it rings
	Agent      string // who is rung, or is kept for a customer who is rung first
	Boot       string // the process that placed it
	Ref        string // our own name of the call, unique: SIP Call-ID, token in a webhook URL
	Provider   string // the carrier's name of the call, when it has one
	IntentAt   time.Time
	SentAt     time.Time
	AnsweredAt time.Time
	EndedAt    time.Time
	Outcome    string // an [ivr.Outcome], "spoke", "interrupted", or "" while it lasts
	Phone      Phone  // Leg customer: the number that rings
	First      bool   // Leg customer: he is rung before an agent
	Shown      string // Leg customer: the number that is shown, or the line when that is left to it
}

// Leg says whom an [Attempt] rings.
type Leg string

// The legs of an attempt.
const (
	AgentLeg    Leg = "agent"
	CustomerLeg Leg = "customer"
)

// A Talk is one conversation with one person on one line.
type Talk struct {
	ID       string
	Line     string // "sip", "twilio", "text", ...
	Phone    Phone  // the person's number; "" when withheld
	Dialled  Phone  // our number that was called or written to
	Menu     string
	Version  string // of the menu, from the first turn on
	Queue    string
	Callback string // the promise that is being made, kept or asked about
	Attempt  string // Attempt.Ref, when we placed the call
	Agent    string // the agent it is held with, or joined to
	Closed   bool
	State    ivr.State
	Last     ivr.Turn
	Walk     []walk.Step // how it came to State
	BeganAt  time.Time
	EndedAt  time.Time
}

// A Message is one text, mail or webhook that must leave. It is written in
// the transaction that decides it.
type Message struct {
	ID       string
	Kind     string // [TextKind], [MailKind], or "webhook"
	Key      string // dedupe key, unique: "survey:<callback>"
	To       string
	Body     string
	Talk     string // the talk whose turn it is, if any
	Callback string
	DueAt    time.Time
	Until    time.Time // not after; zero for no limit
	Once     bool      // at most once: never sent again when the outcome is unknown
	Tries    int
	Unclear  int    // how many of them may have left
	Boot     string // who is sending it
	Lease    time.Time
	Leaves   time.Time // not before, for a text that was claimed; not kept
	DoneAt   time.Time
	Status   string // "sent", "failed", "expired", "unknown"
	Err      string

	Ref       string       // the carrier's name of it, when it has one
	Receipt   ReceiptState // how far it has come since it left
	ReceiptAt time.Time
}

// An Entry is one line of the journal, which is only ever added to.
type Entry struct {
	Seq      int64
	At       time.Time
	Kind     string // "callback.booked", "talk.note", "talk.gone", ...
	Talk     string
	Callback string
	Queue    string
	Phone    Phone
	Actor    string // who did it: "caller", "agent:anna", "scheduler", "operator"
	Name     string
	Value    string
}

// Status is what an agent does now, as the store keeps it.
type Status struct {
	Agent   string
	State   AgentState
	Ref     string // the attempt or call it is busy with
	Boot    string // the process that made it busy
	Since   time.Time
	Version int64
	Reason  string     // why he is on a break, in his words
	Next    AgentState // what he does after the call that he has; "" for the usual
}

// AgentState says whether an agent can take a call.
type AgentState string

// The states of an agent.
const (
	Available  AgentState = "available"
	OnRing     AgentState = "ringing"
	OnCall     AgentState = "talking"
	WrappingUp AgentState = "wrap_up"
	OnBreak    AgentState = "break"
	Offline    AgentState = "offline"
)

// A Node is one running process.
type Node struct {
	Boot      string
	Host      string
	StartedAt time.Time
	SeenAt    time.Time
	DeadAt    time.Time
}

// BlockKind says what must not be done with a number.
type BlockKind string

// The kinds of a block.
const (
	NoCalls   BlockKind = "call"
	NoTexts   BlockKind = "text"
	NoSurveys BlockKind = "survey"
)
