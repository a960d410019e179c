// Package number knows telephone numbers: which of them may be called, and where
// they are.
package number

import (
	"log/slog"
	"regexp"
)

// A Phone is a telephone number in E.164 form. In logs it shows its last three
// digits only.
type Phone string

// LogValue implements [slog.LogValuer].
func (p Phone) LogValue() slog.Value {
	if len(p) < 6 {
		return slog.StringValue("…")
	}
	return slog.StringValue("…" + string(p[len(p)-3:]))
}

// e164 is the form of a number: ITU-T E.164 allows 15 digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{2,14}$`)

// Valid reports whether the number is written in E.164 form.
func (p Phone) Valid() bool { return e164.MatchString(string(p)) }

// Without is a number without its last digits.
func (p Phone) Without(digits int) Phone { return p[:max(1, len(p)-digits)] }
