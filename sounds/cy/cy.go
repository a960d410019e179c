// Package cy speaks Welsh.
package cy

import (
	"embed"
	"strconv"
	"strings"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Welsh: numbers count in tens, hours in twelves, days of the
// month in twenties. What follows "am", "i" and "o" is softened.
var Language = grammar.Language{
	Name:   "Cymraeg",
	Voice:  []string{"-v", "cy", "-s", "175"},
	Files:  files,
	Plural: plural,
	Spoken: grammar.Rules{
		Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day,
		Forms: map[string]func(int) []string{"m": before},
	},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Day: dayFigures, Date: grammar.DayMonth("/", "")},
	Plain:   grammar.Pairs("áa âa ëe êe íi îi ïi óo ôo úu ûu ẁw ẃw ŵw ẅw ýy ŷy ÿy"),
	Replies: replies,
	Matters: map[string]string{"billing": "biliau", "delivery": "danfoniadau"},
	Locale:  "cy-GB",
	Carrier: "Polly.Gwyneth",
}

var (
	units    = grammar.Words("dim un dau tri pedwar pump chwech saith wyth naw deg")
	tens     = [...]string{"", "un deg", "dau ddeg", "tri deg", "pedwar deg", "pum deg", "chwe deg", "saith deg", "wyth deg", "naw deg"}
	hundreds = [...]string{
		"", "cant", "dau gant", "tri chant", "pedwar cant", "pum cant",
		"chwe chant", "saith cant", "wyth cant", "naw cant",
	}
	thousands = [...]string{
		"", "mil", "dwy fil", "tair mil", "pedair mil", "pum mil", "chwe mil", "saith mil",
		"wyth mil", "naw mil", "deng mil",
	}
	digits = append(units[:10:10], "plws")

	shorter = map[string]string{"pump": "pum", "chwech": "chwe"}

	// Hours as they are, and softened.
	hours  = append(units[:11:11], "un ar ddeg", "deuddeg")
	softly = [...]string{
		"", "un", "ddau", "dri", "bedwar", "bump", "chwech", "saith", "wyth", "naw",
		"ddeg", "un ar ddeg", "ddeuddeg",
	}

	weekdays = grammar.Words("Sul Llun Mawrth Mercher Iau Gwener Sadwrn")
	months   = grammar.Words("- Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr")
	softened = grammar.Words("- Ionawr Chwefror Fawrth Ebrill Fai Fehefin Orffennaf Awst Fedi Hydref Dachwedd Ragfyr")
	ordinals = [...]string{
		"", "y cyntaf", "yr ail", "y trydydd", "y pedwerydd", "y pumed", "y chweched", "y seithfed",
		"yr wythfed", "y nawfed", "y degfed", "yr unfed ar ddeg", "y deuddegfed", "y trydydd ar ddeg",
		"y pedwerydd ar ddeg", "y pymthegfed", "yr unfed ar bymtheg", "yr ail ar bymtheg", "y deunawfed",
		"y pedwerydd ar bymtheg", "yr ugeinfed", "yr unfed ar hugain", "yr ail ar hugain",
		"y trydydd ar hugain", "y pedwerydd ar hugain", "y pumed ar hugain", "y chweched ar hugain",
		"y seithfed ar hugain", "yr wythfed ar hugain", "y nawfed ar hugain", "y degfed ar hugain",
		"yr unfed ar ddeg ar hugain",
	}
)

// plural tells after which numbers a noun is softened.
func plural(n int) grammar.Class {
	if n%10 == 2 {
		return grammar.Two
	}
	return grammar.Other
}

// key has an article, which spares the number a mutation.
func key(k string) string {
	switch k {
	case "*":
		return "y seren"
	case "#":
		return "yr hash"
	}
	return "y rhif " + small(grammar.Atoi(k))
}

// small says 0 to 99.
func small(n int) string {
	if n <= 10 {
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
		return grammar.Rest([]string{hundreds[n/100]}, n%100, Number)
	case n < 11_000:
		return grammar.Rest([]string{thousands[n/1000]}, n%1000, Number)
	}
	return grammar.Rest(append(Number(n/1000), "mil"), n%1000, Number)
}

// before says a number in front of a masculine noun, where three of them are
// shorter.
func before(n int) []string {
	if n == 10 {
		return []string{"deng"}
	}
	all := Number(n)
	last := &all[len(all)-1]
	for long, short := range shorter {
		if head, ok := strings.CutSuffix(*last, long); ok {
			*last = head + short
			break
		}
	}
	return all
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause.
func Clock(hour, minute int) []string {
	switch {
	case hour == 0 && minute == 0:
		return []string{"am hanner nos"}
	case hour == 12 && minute == 0:
		return []string{"am hanner dydd"}
	}
	h, part := (hour+11)%12+1, partOfDay(hour)
	switch {
	case minute == 0:
		return []string{"am " + softly[h] + " o'r gloch", part}
	case minute == 15:
		return []string{"am chwarter wedi " + hours[h], part}
	case minute == 30:
		return []string{"am hanner awr wedi " + hours[h], part}
	case minute == 45:
		return []string{"am chwarter i " + softly[h%12+1], part}
	case minute < 10:
		return []string{"am " + softly[h], "dim " + small(minute), part}
	}
	return []string{"am " + softly[h], small(minute), part}
}

func partOfDay(hour int) string {
	switch {
	case hour < 12:
		return "y bore"
	case hour < 18:
		return "y prynhawn"
	}
	return "yr hwyr"
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	on := "ddydd " + weekdays[d.Weekday]
	switch {
	case d.Ahead == 0:
		return []string{"heddiw"}
	case d.Ahead == 1:
		return []string{"yfory"}
	case d.Ahead == 2:
		return []string{"drennydd"}
	case d.Soon():
		return []string{on}
	}
	return []string{on, ordinals[d.Date], "o " + softened[d.Month]}
}

func clockFigures(hour, minute int) []string {
	return []string{"am " + strconv.Itoa(hour) + ":" + grammar.TwoFigures(minute)}
}

func dayFigures(d grammar.Day) []string {
	if d.Ahead >= 0 && d.Ahead < 7 {
		return Day(d)
	}
	return []string{"ddydd " + weekdays[d.Weekday] + " " + strconv.Itoa(d.Date) + " " + months[d.Month]}
}
