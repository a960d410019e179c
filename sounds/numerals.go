package sounds

import (
	"regexp"
	"strconv"
	"strings"
)

// numeral finds what a supervisor may write in figures: times of day, counts
// and telephone numbers.
var numeral = regexp.MustCompile(`\+?\d+(?:[:.]\d\d)?`)

// inWords says figures as words, so that no engine has to guess.
func (l *language) inWords(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	return numeral.ReplaceAllStringFunc(s, l.numeral)
}

func (l *language) numeral(s string) string {
	if i := strings.IndexAny(s, ":."); i >= 0 {
		return l.hours(s[:i], s[i+1:])
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > most || s[0] == '+' || s[0] == '0' && len(s) > 1 {
		return join(l.Spoken.Phone(s))
	}
	return join(l.Spoken.Number(n))
}

// hours says "9:30" and "17.00" without the clause that a language builds
// around a time, as the supervisor wrote one himself.
func (l *language) hours(hour, minute string) string {
	if minute == "00" {
		return l.numeral(hour)
	}
	return l.numeral(hour) + " " + l.numeral(strings.TrimPrefix(minute, "0"))
}
