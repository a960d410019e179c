// Package sv speaks Swedish.
package sv

import (
	"embed"
	"strconv"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Swedish. The day has 24 hours, and half hours are never "halv":
// "halv tio" is 9:30. What is counted in a sentence is of common gender, so
// that one minute is "en minut", while numbers by themselves are neuter.
var Language = grammar.Language{
	Name:   "Svenska",
	Voice:  []string{"-v", "sv", "-s", "165"},
	Files:  files,
	Plural: plural,
	Spoken: grammar.Rules{
		Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day,
		Forms: map[string]func(int) []string{"c": Common},
	},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Day: dayFigures, Date: grammar.DayMonth("/", "")},
	Replies: replies,
	Matters: map[string]string{"billing": "fakturor", "delivery": "leveranser"},
	Locale:  "sv-SE",
	Carrier: "Polly.Astrid",
}

var (
	units = grammar.Words("noll ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton" +
		" femton sexton sjutton arton nitton")
	tens     = grammar.Words("- - tjugo trettio fyrtio femtio sextio sjuttio åttio nittio")
	digits   = append(units[:10:10], "plus")
	ordinals = grammar.Words("- första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte" +
		" tolfte trettonde fjortonde femtonde sextonde sjuttonde artonde nittonde tjugonde")
	weekdays = grammar.Words("söndag måndag tisdag onsdag torsdag fredag lördag")
	months   = grammar.Words("- januari februari mars april maj juni juli augusti september oktober november december")
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
		return "stjärna"
	case "#":
		return "fyrkant"
	}
	return small(grammar.Atoi(k))
}

// small says 0 to 99.
func small(n int) string {
	switch {
	case n < 20:
		return units[n]
	case n%10 == 0:
		return tens[n/10]
	}
	return tens[n/10] + units[n%10]
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	switch {
	case n < 100:
		return []string{small(n)}
	case n < 1000:
		return grammar.Rest([]string{units[n/100] + "hundra"}, n%100, Number)
	case n < 2000:
		return grammar.Rest([]string{"ettusen"}, n%1000, Number)
	}
	return grammar.Rest(append(Number(n/1000), "tusen"), n%1000, Number)
}

// Common says a count of what is of common gender: "en", "tjugoen".
func Common(n int) []string {
	all := Number(n)
	if n%10 == 1 && n%100 != 11 {
		last := all[len(all)-1]
		all[len(all)-1] = last[:len(last)-len("ett")] + "en"
	}
	return all
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause, by the 24 hours.
func Clock(hour, minute int) []string {
	at := "klockan " + small(hour)
	switch {
	case minute == 0:
		return []string{at}
	case minute%15 == 0 && hour >= 7 && hour < 21: // most callbacks, so one sound
		return []string{at + " och " + small(minute)}
	case minute < 10:
		return []string{at, "noll " + small(minute)}
	}
	return []string{at, "och " + small(minute)}
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"i dag"}
	case d.Ahead == 1:
		return []string{"i morgon"}
	case d.Ahead == 2:
		return []string{"i övermorgon"}
	case d.Soon():
		return []string{"på " + weekdays[d.Weekday]}
	}
	return []string{weekdays[d.Weekday] + "en", "den " + ordinal(d.Date), months[d.Month]}
}

// ordinal says on which day of the month.
func ordinal(n int) string {
	switch {
	case n <= 20:
		return ordinals[n]
	case n == 30:
		return "trettionde"
	}
	return tens[n/10] + ordinals[n%10]
}

func clockFigures(hour, minute int) []string {
	return []string{"kl. " + strconv.Itoa(hour) + "." + grammar.TwoFigures(minute)}
}

func dayFigures(d grammar.Day) []string {
	if d.Ahead >= 0 && d.Ahead < 7 {
		return Day(d)
	}
	return []string{weekdays[d.Weekday] + "en den " + strconv.Itoa(d.Date) + " " + months[d.Month]}
}
