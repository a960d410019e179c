// Package el speaks Greek.
package el

import (
	"embed"
	"strconv"

	"github.com/holdless/holdless/sounds/grammar"
)

//go:embed words.yaml clips
var files embed.FS

// Language is Greek: the day has twelve hours, which are feminine, and parts;
// minutes are neuter.
var Language = grammar.Language{
	Name:    "Ελληνικά",
	Voice:   []string{"-v", "el", "-s", "170"},
	Files:   files,
	Plural:  plural,
	Spoken:  grammar.Rules{Key: key, Number: Number, Phone: phone, Clock: Clock, Day: Day},
	Script:  grammar.Rules{Key: grammar.Self, Number: grammar.Figures, Phone: grammar.Spaced, Clock: clockFigures, Time: grammar.TimeFigures, Day: dayFigures, Date: grammar.DayMonth("/", "")},
	Plain:   capitals,
	Replies: replies,
	Matters: map[string]string{"billing": "λογαριασμοί", "delivery": "παραδόσεις"},
	Locale:  "el-GR",
	Carrier: "Google.el-GR-Standard-A",
}

var (
	units = grammar.Words("μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα έντεκα δώδεκα δεκατρία" +
		" δεκατέσσερα δεκαπέντε δεκαέξι δεκαεπτά δεκαοκτώ δεκαεννέα")
	tens     = grammar.Words("- - είκοσι τριάντα σαράντα πενήντα εξήντα εβδομήντα ογδόντα ενενήντα")
	hundreds = grammar.Words("- εκατό διακόσια τριακόσια τετρακόσια πεντακόσια εξακόσια επτακόσια οκτακόσια εννιακόσια")
	digits   = append(units[:10:10], "συν")
	weekdays = [...]string{
		"την Κυριακή", "τη Δευτέρα", "την Τρίτη", "την Τετάρτη",
		"την Πέμπτη", "την Παρασκευή", "το Σάββατο",
	}
	months = grammar.Words("- Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου" +
		" Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου")

	// The numbers of which the feminine is another word.
	feminines = map[int]string{1: "μία", 3: "τρεις", 4: "τέσσερις", 13: "δεκατρείς", 14: "δεκατέσσερις"}
)

func plural(n int) grammar.Class {
	if n == 1 {
		return grammar.One
	}
	return grammar.Other
}

// key has its article: "πατήστε το ένα".
func key(k string) string {
	switch k {
	case "*":
		return "το αστεράκι"
	case "#":
		return "τη δίεση"
	}
	return "το " + small(grammar.Atoi(k))
}

// small says 0 to 99, neuter.
func small(n int) string {
	if n < 20 {
		return units[n]
	}
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + " " + units[n%10]
}

// feminine says 1 to 31, of hours and days.
func feminine(n int) string {
	if word, ok := feminines[n]; ok {
		return word
	}
	if n < 20 || n%10 == 0 {
		return small(n)
	}
	return tens[n/10] + " " + feminine(n%10)
}

// Number says a count, up to 999,999.
func Number(n int) []string {
	switch {
	case n < 100:
		return []string{small(n)}
	case n > 100 && n < 200:
		return grammar.Rest([]string{"εκατόν"}, n%100, Number)
	case n < 1000:
		return grammar.Rest([]string{hundreds[n/100]}, n%100, Number)
	}
	return grammar.Rest(thousands(n/1000), n%1000, Number)
}

// thousands are feminine, and those of hundreds too: "διακόσιες χιλιάδες".
func thousands(n int) []string {
	switch {
	case n == 1:
		return []string{"χίλια"}
	case n < 100:
		return []string{feminine(n), "χιλιάδες"}
	case n == 100:
		return []string{"εκατό", "χιλιάδες"}
	case n < 200:
		return []string{"εκατόν", feminine(n % 100), "χιλιάδες"}
	}
	head := []string{hundreds[n/100][:len(hundreds[n/100])-len("α")] + "ες"}
	if n%100 > 0 {
		head = append(head, feminine(n%100))
	}
	return append(head, "χιλιάδες")
}

func phone(number string) []string { return grammar.Dictate(number, digits) }

// Clock says a time of day as a clause.
func Clock(hour, minute int) []string {
	if hour == 0 && minute == 0 {
		return []string{"τα μεσάνυχτα"}
	}
	hour12 := (hour+11)%12 + 1
	at := "στις " + feminine(hour12)
	if hour12 == 1 {
		at = "στη μία"
	}
	part := partOfDay(hour)
	switch minute {
	case 0:
		return []string{at, part}
	case 15:
		return []string{at + " και τέταρτο", part}
	case 30:
		return []string{at + " και μισή", part}
	}
	return []string{at, "και " + small(minute), part}
}

func partOfDay(hour int) string {
	switch {
	case hour < 4 || hour >= 20:
		return "το βράδυ"
	case hour < 12:
		return "το πρωί"
	case hour < 15:
		return "το μεσημέρι"
	}
	return "το απόγευμα"
}

// Day says a date as a clause: as near as it is.
func Day(d grammar.Day) []string {
	switch {
	case d.Ahead == 0:
		return []string{"σήμερα"}
	case d.Ahead == 1:
		return []string{"αύριο"}
	case d.Ahead == 2:
		return []string{"μεθαύριο"}
	case d.Soon():
		return []string{weekdays[d.Weekday]}
	case d.Date == 1:
		return []string{weekdays[d.Weekday], "την πρώτη", months[d.Month]}
	}
	return []string{weekdays[d.Weekday], "στις " + feminine(d.Date), months[d.Month]}
}

func clockFigures(hour, minute int) []string {
	at := "στις "
	if hour == 1 {
		at = "στη "
	}
	return []string{at + strconv.Itoa(hour) + ":" + grammar.TwoFigures(minute)}
}

// short are the weekdays of texts, where seventy letters must do.
var short = grammar.Words("Κυρ Δευ Τρί Τετ Πέμ Παρ Σάβ")

// dayFigures writes a date with its weekday: a text is read on another day too.
func dayFigures(d grammar.Day) []string {
	if d.Ahead == 0 || d.Ahead == 1 {
		return Day(d)
	}
	return []string{short[d.Weekday] + " " + strconv.Itoa(d.Date) + "/" + strconv.Itoa(int(d.Month))}
}
