// Package fi speaks Finnish.
package fi

import (
	"embed"
	"strconv"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Finnish. Carrier words take the case, so that numbers keep
// their base form: "kello yhdeksän", "numeroa yksi". Half hours are never
// "puoli": "puoli kymmenen" is 9:30, and half of the callers would be late.
var Language = grammar.Language{
	Name:    "Suomi",
	Voice:   []string{"-v", "fi", "-s", "180"},
	Files:   files,
	Plural:  plural,
	Spoken:  grammar.Rules{Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Day: dayFigures, Date: grammar.DayMonth(".", ".")},
	Replies: replies,
	Matters: map[string]string{"billing": "laskut", "delivery": "toimitukset"},
	Locale:  "fi-FI",
	Carrier: "Polly.Suvi-Neural",
}

var (
	units    = grammar.Words("nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen")
	digits   = append(units[:10:10], "plus")
	weekdays = grammar.Words("sunnuntaina maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina")
	months   = grammar.Words("- tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta" +
		" elokuuta syyskuuta lokakuuta marraskuuta joulukuuta")

	// The essive of ordinal numbers: "on the first". In compounds the first
	// two have a form of their own.
	ordinals = grammar.Words("- ensimmäisenä toisena kolmantena neljäntenä viidentenä kuudentena" +
		" seitsemäntenä kahdeksantena yhdeksäntenä kymmenentenä")
	compounds = append([]string{"-", "yhdentenä", "kahdentena"}, ordinals[3:]...)
)

func plural(n int) grammar.Class {
	if n == 1 {
		return grammar.One
	}
	return grammar.Other
}

// key is partitive: "painakaa numeroa yksi".
func key(k string) string {
	switch k {
	case "*":
		return "tähteä"
	case "#":
		return "ruutua"
	}
	return "numeroa " + small(grammar.Atoi(k))
}

// small says 0 to 99.
func small(n int) string {
	switch {
	case n <= 10:
		return units[n]
	case n < 20:
		return units[n-10] + "toista"
	case n%10 == 0:
		return units[n/10] + "kymmentä"
	}
	return units[n/10] + "kymmentä" + units[n%10]
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	switch {
	case n < 100:
		return []string{small(n)}
	case n < 200:
		return grammar.Rest([]string{"sata"}, n%100, Number)
	case n < 1000:
		return grammar.Rest([]string{units[n/100] + "sataa"}, n%100, Number)
	case n < 2000:
		return grammar.Rest([]string{"tuhat"}, n%1000, Number)
	}
	return grammar.Rest(append(Number(n/1000), "tuhatta"), n%1000, Number)
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause, by the 24 hours.
func Clock(hour, minute int) []string {
	at := "kello " + small(hour)
	switch {
	case minute == 0:
		return []string{at}
	case minute%15 == 0 && hour >= 7 && hour < 21: // most callbacks, so one sound
		return []string{at + " " + small(minute)}
	case minute < 10:
		return []string{at, "nolla " + small(minute)}
	}
	return []string{at, small(minute)}
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"tänään"}
	case d.Ahead == 1:
		return []string{"huomenna"}
	case d.Ahead == 2:
		return []string{"ylihuomenna"}
	case d.Soon():
		return []string{weekdays[d.Weekday]}
	}
	return []string{weekdays[d.Weekday], Ordinal(d.Date), months[d.Month]}
}

// Ordinal says on which day of the month.
func Ordinal(n int) string {
	switch {
	case n <= 10:
		return ordinals[n]
	case n < 20:
		return compounds[n-10] + "toista"
	case n%10 == 0:
		return compounds[n/10] + "kymmenentenä"
	}
	return compounds[n/10] + "kymmenentenä" + ordinals[n%10]
}

func clockFigures(hour, minute int) []string {
	return []string{"klo " + strconv.Itoa(hour) + "." + grammar.TwoFigures(minute)}
}

func dayFigures(d grammar.Day) []string {
	if d.Ahead >= 0 && d.Ahead < 7 {
		return Day(d)
	}
	return []string{weekdays[d.Weekday] + " " + strconv.Itoa(d.Date) + "." + strconv.Itoa(int(d.Month)) + "."}
}
