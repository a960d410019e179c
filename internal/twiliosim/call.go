package twiliosim

import "context"

// call is a live call.
type call struct {
	Call
}

// room is a conference.
type room struct{}

// Ring has a person call one of the account's numbers, and returns the call's
// SID at once. from "" withholds the number.
func (s *Sim) Ring(from, to string, p Person) (sid string) { return "" }

// Await returns when a call is over.
func (s *Sim) Await(ctx context.Context, sid string) (Call, error) { return Call{}, nil }

// Hangup has the person hang up.
func (s *Sim) Hangup(sid string) {}

// Call returns what is known of a call.
func (s *Sim) Call(sid string) (Call, bool) { return Call{}, false }

// Calls lists all calls, in the order in which they began.
func (s *Sim) Calls() []Call { return nil }

// Text has somebody send a text to one of the account's numbers.
func (s *Sim) Text(ctx context.Context, from, to, body string) (Message, error) { return Message{}, nil }

// Messages lists all texts, in and out, in order.
func (s *Sim) Messages() []Message { return nil }

// Settle returns when all that was delayed has been delivered, and every call
// is over.
func (s *Sim) Settle(ctx context.Context) error { return nil }

// Requests lists all REST requests that came in.
func (s *Sim) Requests() []Request { return nil }

// CheckVoice holds a document of TwiML for a call against Twilio's vocabulary
// and lists what is wrong with it.
func (s *Sim) CheckVoice(doc string) []string { return nil }

// CheckMessaging is CheckVoice for the answer to a text.
func (s *Sim) CheckMessaging(doc string) []string { return nil }
