// Package ivr holds the conversation: it turns what a person does into what
// the person hears next.
//
// A conversation alternates. An [Event] comes in, a [Turn] goes out, and
// [Menu.Step] is the pure function between them. The package does no I/O and
// knows no carrier, clock or database; that is why one menu file serves SIP
// calls, Twilio calls and text messages alike, and why every menu can be tried
// without a telephone.
package ivr
