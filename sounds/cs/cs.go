// Package cs speaks Czech.
package cs

import (
	"embed"
	"slices"
	"strconv"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Czech: the day has 24 hours, in the accusative after "v" or
// "ve". Half hours are never "půl": "půl desáté" is 9:30.
var Language = grammar.Language{
	Name:   "Čeština",
	Voice:  []string{"-v", "cs", "-s", "165"},
	Files:  files,
	Plural: plural,
	Spoken: grammar.Rules{
		Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day,
		Forms: map[string]func(int) []string{"f": feminine},
	},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Time: grammar.TimeFigures, Day: dayFigures, Date: grammar.DayMonth(".", ".")},
	Plain:   grammar.Pairs("áa čc ďd ěe íi ňn óo řr šs ťt úu ůu ýy žz"),
	Replies: replies,
	Matters: map[string]string{"billing": "faktury", "delivery": "doručení"},
	Locale:  "cs-CZ",
	Carrier: "Google.cs-CZ-Standard-A",
}

var (
	units = grammar.Words("nula jedna dva tři čtyři pět šest sedm osm devět deset jedenáct dvanáct třináct" +
		" čtrnáct patnáct šestnáct sedmnáct osmnáct devatenáct")
	tens     = grammar.Words("- - dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát")
	digits   = append(units[:10:10], "plus")
	keys     = grammar.Words("nulu jedničku dvojku trojku čtyřku pětku šestku sedmičku osmičku devítku")
	weekdays = [...]string{"v neděli", "v pondělí", "v úterý", "ve středu", "ve čtvrtek", "v pátek", "v sobotu"}
	months   = grammar.Words("- ledna února března dubna května června července srpna září října listopadu prosince")

	// Genitive: "of the first".
	ordinals = grammar.Words("- prvního druhého třetího čtvrtého pátého šestého sedmého osmého devátého" +
		" desátého jedenáctého dvanáctého třináctého čtrnáctého patnáctého šestnáctého sedmnáctého" +
		" osmnáctého devatenáctého")
	tenths = grammar.Words("- - dvacátého třicátého")

	// Hours that begin with a cluster after which "v" cannot be said.
	withVe = []int{2, 3, 4, 12, 13, 14, 20, 21, 22, 23}
)

func plural(n int) grammar.Class {
	switch {
	case n == 1:
		return grammar.One
	case n >= 2 && n <= 4:
		return grammar.Few
	}
	return grammar.Other
}

// key is accusative, and a noun: "stiskněte jedničku".
func key(k string) string {
	switch k {
	case "*":
		return "hvězdičku"
	case "#":
		return "křížek"
	}
	return keys[grammar.Atoi(k)%10]
}

// small says 0 to 99, as one counts.
func small(n int) string {
	if n < 20 {
		return units[n]
	}
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + " " + units[n%10]
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	switch {
	case n < 100:
		return []string{small(n)}
	case n < 1000:
		return grammar.Rest([]string{hundreds(n / 100)}, n%100, Number)
	}
	return grammar.Rest(thousands(n/1000), n%1000, Number)
}

func hundreds(n int) string {
	switch {
	case n == 1:
		return "sto"
	case n == 2:
		return "dvě stě"
	case n < 5:
		return units[n] + " sta"
	}
	return units[n] + " set"
}

func thousands(n int) []string {
	switch {
	case n == 1:
		return []string{"tisíc"}
	case n < 5:
		return []string{units[n], "tisíce"}
	}
	return append(Number(n), "tisíc")
}

// feminine is the accusative before a noun, as in "dvě minuty".
func feminine(n int) []string {
	switch n {
	case 1:
		return []string{"jednu"}
	case 2:
		return []string{"dvě"}
	}
	return Number(n)
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause.
func Clock(hour, minute int) []string {
	at := preposition(hour) + " " + counted(hour, "hodinu", "hodiny", "hodin")
	if minute == 0 {
		return []string{at}
	}
	past := counted(minute, "minutu", "minuty", "minut")
	if minute%15 == 0 && hour >= 7 && hour < 21 { // most callbacks, so one sound
		return []string{at + " " + past}
	}
	return []string{at, past}
}

func preposition(hour int) string {
	if slices.Contains(withVe, hour) {
		return "ve"
	}
	return "v"
}

// counted says how many of a feminine noun, in the accusative.
func counted(n int, one, few, other string) string {
	noun := map[grammar.Class]string{grammar.One: one, grammar.Few: few, grammar.Other: other}[plural(n)]
	return feminine(n)[0] + " " + noun
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"dnes"}
	case d.Ahead == 1:
		return []string{"zítra"}
	case d.Ahead == 2:
		return []string{"pozítří"}
	case d.Soon():
		return []string{weekdays[d.Weekday]}
	}
	return []string{weekdays[d.Weekday], ordinal(d.Date), months[d.Month]}
}

func ordinal(n int) string {
	if n < 20 {
		return ordinals[n]
	}
	if n%10 == 0 {
		return tenths[n/10]
	}
	return tenths[n/10] + " " + ordinals[n%10]
}

func clockFigures(hour, minute int) []string {
	return []string{preposition(hour) + " " + strconv.Itoa(hour) + ":" + grammar.TwoFigures(minute)}
}

// short are the weekdays of texts, where seventy letters must do.
var short = grammar.Words("ne po út st čt pá so")

// dayFigures writes a date with its weekday: a text is read on another day too.
func dayFigures(d grammar.Day) []string {
	if d.Ahead == 0 || d.Ahead == 1 {
		return Day(d)
	}
	return []string{short[d.Weekday] + " " + strconv.Itoa(d.Date) + "." + strconv.Itoa(int(d.Month)) + "."}
}
