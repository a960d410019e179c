package callback

import "time"

// A Ring is an order to call an agent, who then reaches the customer; or the
// customer, for whom an agent is kept free. Its attempt is in the store already.
type Ring struct {
	Callback string
	Talk     string // the talk that begins when it is answered
	Addr     string // E.164 number or SIP URI
	Ref      string // Attempt.Ref; the SIP Call-ID
	CallerID string
	Line     string        // what it leaves by: "sip", "twilio", or "" for the one there is
	Ring     time.Duration // how long to let it ring
	Before   time.Time     // nothing may be sent after this instant
}

// Inbound is a call that reached us.
type Inbound struct {
	Talk     string // unguessable, chosen by the line
	Line     string // "sip", "twilio", ...
	From     Phone  // "" when withheld
	To       Phone  // the number of ours that was dialled
	Withheld bool
}

// InText is a text message that reached us.
type InText struct {
	Line string // "text" and the like
	ID   string // the carrier's; one that comes twice is taken once
	From Phone
	To   Phone
	Body string
}

// Delivery is how the sending of a [Message] ended.
type Delivery string

// How the sending of a message ends.
const (
	Delivered   Delivery = "sent"    // it left
	Undelivered Delivery = "failed"  // it can never leave
	Postponed   Delivery = "again"   // it did not leave, and may later
	Unclear     Delivery = "unknown" // it may have left
)

// Request asks for a callback, by a person or a program and not by a menu.
type Request struct {
	Queue string
	Phone Phone
	At    time.Time // zero for as soon as there is a free time
	Name  string
	Topic string
	Lang  string
	Note  string
	Owner string // agent who shall keep it; "" for the team
	Key   string // the same request twice is the same booking
	Actor string // who asks: "operator", "agent:anna", "api"
}
