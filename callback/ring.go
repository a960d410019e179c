package callback

import "time"

// A Ring is an order to call an agent, who then reaches the customer. Its
// attempt is in the store already.
type Ring struct {
	Callback string
	Talk     string // the talk that begins when it is answered
	Addr     string // E.164 number or SIP URI
	Ref      string // Attempt.Ref; the SIP Call-ID
	CallerID string
	Ring     time.Duration // how long to let it ring
	Before   time.Time     // nothing may be sent after this instant
}
