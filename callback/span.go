package callback

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A Span is a length of time in a configuration: as Go writes it, or in days,
// "15m" or "7d".
type Span time.Duration

// Duration returns the span for computing.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Span) UnmarshalText(text []byte) error {
	days, ok := strings.CutSuffix(string(text), "d")
	if n, err := strconv.Atoi(days); ok && err == nil && n >= 0 && n < 36_500 {
		*s = Span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return errors.New(`a length of time is written like "90s", "15m", "2h" or "7d"`)
	}
	*s = Span(d)
	return nil
}

// MarshalText implements [encoding.TextMarshaler].
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String returns the span as it is written in a configuration.
func (s Span) String() string {
	d := time.Duration(s)
	if day := 24 * time.Hour; d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	out := d.String()
	out, _ = strings.CutSuffix(out, "m0s")
	if out != d.String() {
		out += "m"
	}
	if cut, ok := strings.CutSuffix(out, "h0m"); ok {
		out = cut + "h"
	}
	return out
}
