// Package grammar says what a language must know so that holdless speaks it.
package grammar

import (
	"embed"
	"strings"
	"time"
)

// A Language is one folder of package sounds: all that holdless knows of it.
type Language struct {
	Name    string   // what its speakers call it
	Voice   []string // options of espeak-ng: its voice, and words a minute
	Files   embed.FS // words.yaml, and the clips
	Plural  func(n int) Class
	Spoken  Rules               // everything is a word
	Script  Rules               // numbers are figures
	Plain   func(string) string // writes a text in the GSM alphabet; nil where it fits by itself
	Replies Replies             // what people answer
	Matters map[string]string   // what people call about, as menus that ship name it
	Locale  string              // what carriers call it: fi-FI
	Carrier string              // the voice of Twilio that speaks it; "" for Twilio's choice
}

// Replies are the words that answers are made of, as people type them once
// accents and capitals are taken off.
type Replies struct {
	Numbers []string // from zero
	Also    []string // other forms of them, as one=1
	Of      []string // between a score and the end of the scale: 4 "of" 5
	Not     []string
	Stop    []string // by themselves: no more messages. Carriers act on the English ones
	Cease   []string // at the beginning, or beside a word of About
	About   []string // what is not wanted
	Wishes  []string // whole sentences that mean stop, but for words of Polite
	Polite  []string // said beside a wish, and no part of it
	Help    []string // by themselves
}

// Rules put into a language what prompts are filled in with. Each returns
// phrases that stay whole: without a speech engine, a phrase is one sound of
// those that ship with holdless. Said one after the other they must be right.
type Rules struct {
	Key    func(key string) string         // as the object of "press": 0 to 9, * and #
	Number func(n int) []string            // counting, from 0 to 999,999
	Forms  map[string]func(int) []string   // numbers that agree with a noun: {n:f} is said by the form "f"
	Phone  func(digits string) []string    // a telephone number as it is dictated
	Clock  func(hour, minute int) []string // "at nine thirty", "in the morning"
	Time   func(hour, minute int) []string // the same in a list; nil for Clock
	Day    func(d Day) []string            // "today", "on Tuesday"
	Date   func(d Day) string              // "16/9", in a text where there is room for no more; nil where nothing is written
}

// A Day is a date as seen from today.
type Day struct {
	Ahead   int // days from today; [Far] when today is not known
	Weekday time.Weekday
	Date    int
	Month   time.Month
}

// Far is the Ahead of a day that can only be told by its date.
const Far = 1 << 20

// DayOf returns the date of at as seen from now. Both are taken as the clocks
// on the wall show them.
func DayOf(at, now time.Time) Day {
	d := Day{Ahead: Far, Weekday: at.Weekday(), Date: at.Day(), Month: at.Month()}
	if !now.IsZero() {
		d.Ahead = int(midnight(at).Sub(midnight(now)).Hours() / 24)
	}
	return d
}

// midnight counts days where none has 23 hours.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Soon reports whether the day can be told by its weekday alone.
func (d Day) Soon() bool { return d.Ahead > 0 && d.Ahead < 7 }

// A Class is a plural form of CLDR.
type Class string

// The plural forms.
const (
	Zero  Class = "zero"
	One   Class = "one"
	Two   Class = "two"
	Few   Class = "few"
	Many  Class = "many"
	Other Class = "other"
)

// Words splits a list of words, for tables.
func Words(s string) []string { return strings.Fields(s) }

// Pause is a phrase of silence, and stands for itself in writing.
const Pause = ","

// Dictate says a telephone number digit by digit, with a pause after each
// group. The names are those of 0 to 9, and of the plus sign.
func Dictate(digits string, names []string) []string {
	var out []string
	for i, group := range Groups(digits) {
		if i > 0 {
			out = append(out, Pause)
		}
		for _, d := range group {
			out = append(out, names[strings.IndexRune("0123456789+", d)])
		}
	}
	return out
}

// Groups cuts a telephone number the way people dictate it: threes, and a
// last group of two to four. A plus and its country code are the first group.
func Groups(phone string) []string {
	var groups []string
	digits := strings.Map(dialled, phone)
	if rest, ok := strings.CutPrefix(digits, "+"); ok {
		n := min(countryCode(rest), len(rest))
		groups, digits = append(groups, "+"+rest[:n]), rest[n:]
	}
	for len(digits) > 4 {
		n := 3
		if len(digits) == 5 {
			n = 2
		}
		groups, digits = append(groups, digits[:n]), digits[n:]
	}
	if digits != "" {
		groups = append(groups, digits)
	}
	return groups
}

// dialled drops what only helps the eye, such as spaces and brackets.
func dialled(r rune) rune {
	if strings.ContainsRune("0123456789+", r) {
		return r
	}
	return -1
}

// short lists the country codes of one and two digits (ITU-T E.164, annex D);
// all others have three.
const short = " 1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58" +
	" 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

func countryCode(digits string) int {
	for n := 1; n <= min(2, len(digits)); n++ {
		if strings.Contains(short, " "+digits[:n]+" ") {
			return n
		}
	}
	return 3
}
