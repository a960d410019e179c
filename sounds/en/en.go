// Package en speaks English.
package en

import (
	"embed"
	"strconv"
	"strings"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is English: the day has twelve hours and parts, and dates are
// ordinal numbers.
var Language = grammar.Language{
	Name:    "English",
	Voice:   []string{"-v", "en-gb", "-s", "165"},
	Files:   files,
	Plural:  plural,
	Spoken:  grammar.Rules{Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Day: dayFigures, Date: dateFigures},
	Replies: replies,
	Matters: map[string]string{"billing": "billing", "delivery": "deliveries"},
	Locale:  "en-GB",
}

var (
	units = grammar.Words("zero one two three four five six seven eight nine ten eleven twelve" +
		" thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens     = grammar.Words("- - twenty thirty forty fifty sixty seventy eighty ninety")
	digits   = append(units[:10:10], "plus")
	ordinals = grammar.Words("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh" +
		" twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
	weekdays = grammar.Words("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")
	months   = grammar.Words("- January February March April May June July August September" +
		" October November December")
)

func plural(n int) grammar.Class {
	if n == 1 {
		return grammar.One
	}
	return grammar.Other
}

func key(k string) string {
	switch k {
	case "*":
		return "star"
	case "#":
		return "hash"
	}
	return small(grammar.Atoi(k))
}

// small says 0 to 99.
func small(n int) string {
	if n < 20 {
		return units[n]
	}
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + "-" + units[n%10]
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	switch {
	case n < 100:
		return []string{small(n)}
	case n >= 1000:
		return grammar.Rest(append(Number(n/1000), "thousand"), n%1000, below("and", 100))
	}
	return grammar.Rest([]string{units[n/100] + " hundred"}, n%100, below("and", 100))
}

// below says what follows a hundred or a thousand: "and" comes before numbers
// under the limit.
func below(and string, limit int) func(int) []string {
	return func(n int) []string {
		if n < limit {
			return append([]string{and}, Number(n)...)
		}
		return Number(n)
	}
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause.
func Clock(hour, minute int) []string {
	switch {
	case hour == 0 && minute == 0:
		return []string{"at midnight"}
	case hour == 12 && minute == 0:
		return []string{"at twelve noon"}
	}
	at := "at " + units[(hour+11)%12+1]
	part := partOfDay(hour)
	switch {
	case minute == 0:
		return []string{at + " o'clock", part}
	case minute%15 == 0: // most callbacks, so one sound
		return []string{at + " " + small(minute), part}
	case minute < 10:
		return []string{at, "oh " + units[minute], part}
	}
	return []string{at, small(minute), part}
}

func partOfDay(hour int) string {
	switch {
	case hour < 12:
		return "in the morning"
	case hour < 18:
		return "in the afternoon"
	}
	return "in the evening"
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"today"}
	case d.Ahead == 1:
		return []string{"tomorrow"}
	case d.Soon():
		return []string{"on " + weekdays[d.Weekday]}
	}
	return []string{"on " + weekdays[d.Weekday], "the " + ordinal(d.Date), "of " + months[d.Month]}
}

func ordinal(n int) string {
	switch {
	case n <= 20:
		return ordinals[n]
	case n == 30:
		return "thirtieth"
	}
	return tens[n/10] + "-" + ordinals[n%10]
}

func clockFigures(hour, minute int) []string {
	return []string{"at " + strconv.Itoa(hour) + ":" + grammar.TwoFigures(minute)}
}

func dayFigures(d grammar.Day) []string {
	if d.Ahead == 0 || d.Ahead == 1 || d.Soon() {
		return Day(d)
	}
	return []string{strings.Join([]string{"on", weekdays[d.Weekday], strconv.Itoa(d.Date), months[d.Month]}, " ")}
}

// dateFigures writes a date without its weekday. Figures alone would be read in
// two ways.
func dateFigures(d grammar.Day) string { return strconv.Itoa(d.Date) + " " + months[d.Month][:3] }
