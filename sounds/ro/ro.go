// Package ro speaks Romanian.
package ro

import (
	"embed"
	"strconv"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Romanian: the day has 24 hours after "la ora". From twenty on a
// count takes "de", which is a plural form of its own.
var Language = grammar.Language{
	Name:   "Română",
	Voice:  []string{"-v", "ro", "-s", "180"},
	Files:  files,
	Plural: plural,
	Spoken: grammar.Rules{
		Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day,
		Forms: map[string]func(int) []string{"f": Feminine},
	},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Time: grammar.TimeFigures, Day: dayFigures, Date: grammar.DayMonth(".", "")},
	Plain:   grammar.Pairs("ăa âa îi șs şs țt ţt"),
	Replies: replies,
	Matters: map[string]string{"billing": "facturi", "delivery": "livrări"},
	Locale:  "ro-RO",
	Carrier: "Polly.Carmen",
}

var (
	units = grammar.Words("zero unu doi trei patru cinci șase șapte opt nouă zece unsprezece doisprezece" +
		" treisprezece paisprezece cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece")
	tens     = grammar.Words("- - douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci")
	digits   = append(units[:10:10], "plus")
	weekdays = grammar.Words("duminică luni marți miercuri joi vineri sâmbătă")
	months   = grammar.Words("- ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie" +
		" noiembrie decembrie")
)

func plural(n int) grammar.Class {
	switch {
	case n == 1:
		return grammar.One
	case n == 0 || n%100 > 0 && n%100 < 20:
		return grammar.Few
	}
	return grammar.Other
}

func key(k string) string {
	switch k {
	case "*":
		return "tasta stea"
	case "#":
		return "tasta diez"
	}
	return "tasta " + small(grammar.Atoi(k))
}

// small says 0 to 99, masculine, as one counts.
func small(n int) string {
	if n < 20 {
		return units[n]
	}
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + " și " + units[n%10]
}

// smallFeminine says 0 to 99 before a feminine or neuter noun.
func smallFeminine(n int) string {
	switch {
	case n == 2:
		return "două"
	case n == 12:
		return "douăsprezece"
	case n > 20 && n%10 == 2:
		return tens[n/10] + " și două"
	}
	return small(n)
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	if n < 100 {
		return []string{small(n)}
	}
	return large(n, Number)
}

// Feminine says a count before a feminine or neuter noun.
func Feminine(n int) []string {
	if n < 100 {
		return []string{smallFeminine(n)}
	}
	return large(n, Feminine)
}

// large says what is above a hundred; rest says what is below.
func large(n int, rest func(int) []string) []string {
	if n < 1000 {
		return grammar.Rest([]string{hundreds(n / 100)}, n%100, rest)
	}
	return grammar.Rest(thousands(n/1000), n%1000, rest)
}

func hundreds(n int) string {
	switch n {
	case 1:
		return "o sută"
	case 2:
		return "două sute"
	}
	return units[n] + " sute"
}

func thousands(n int) []string {
	switch plural(n) {
	case grammar.One:
		return []string{"o mie"}
	case grammar.Few:
		return append(Feminine(n), "mii")
	default:
		return append(Feminine(n), "de mii")
	}
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause. Hours are feminine where it shows,
// but one and twenty-one are not.
func Clock(hour, minute int) []string {
	at := "la ora " + smallFeminine(hour)
	if minute == 0 {
		return []string{at}
	}
	past := "și " + smallFeminine(minute)
	if minute%15 == 0 && hour >= 7 && hour < 21 { // most callbacks, so one sound
		return []string{at + " " + past}
	}
	return []string{at, past}
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"astăzi"}
	case d.Ahead == 1:
		return []string{"mâine"}
	case d.Ahead == 2:
		return []string{"poimâine"}
	case d.Soon():
		return []string{weekdays[d.Weekday]}
	case d.Date == 1:
		return []string{weekdays[d.Weekday], "întâi", months[d.Month]}
	}
	return []string{weekdays[d.Weekday], small(d.Date), months[d.Month]}
}

func clockFigures(hour, minute int) []string {
	return []string{"la " + strconv.Itoa(hour) + ":" + grammar.TwoFigures(minute)}
}

// short are the weekdays of texts, where seventy letters must do.
var short = grammar.Words("dum lun mar mie joi vin sâm")

// dayFigures writes a date with its weekday: a text is read on another day too.
func dayFigures(d grammar.Day) []string {
	if d.Ahead == 0 || d.Ahead == 1 {
		return Day(d)
	}
	return []string{short[d.Weekday] + " " + strconv.Itoa(d.Date) + "." + strconv.Itoa(int(d.Month))}
}
