package twilioapi

import (
	"strconv"
	"time"
)

// The generated types say "not given" with nil. Twilio writes numbers and
// times as text.

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func seconds(d time.Duration) *int {
	if d <= 0 {
		return nil
	}
	s := int((d + time.Second - 1) / time.Second)
	return &s
}

func most(n int) int {
	if n <= 0 {
		return 50
	}
	return n
}

// instant reads a time of RFC 2822; zero when there is none.
func instant(s *string) time.Time {
	t, err := time.Parse(time.RFC1123Z, text(s))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func span(s *string, unit time.Duration) time.Duration {
	n, err := strconv.ParseInt(text(s), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * unit
}
