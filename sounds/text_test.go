package sounds

import (
	"testing"

	"github.com/holdless/holdless/ivr"
)

// promptTexts are prompts, as they are written and as they are spoken.
var promptTexts = []struct {
	name   string
	lang   string
	prompt ivr.Prompt
	text   string
	words  string
}{
	{
		"offer", "en",
		ivr.Prompt{Name: "offer", Key: "2", At: at(1, 15, 30), Now: now},
		"For a call today at 15:30, press 2.",
		"For a call today at three thirty in the afternoon, press two.",
	},
	{
		"offer", "fi",
		ivr.Prompt{Name: "offer", Key: "2", At: at(3, 9, 5), Now: now},
		"Puhelu ylihuomenna klo 9.05: painakaa 2.",
		"Puhelu ylihuomenna kello yhdeksän nolla viisi: painakaa numeroa kaksi.",
	},
	{
		"star", "fi",
		ivr.Prompt{Name: "press_later", Key: "*"},
		"Myöhemmät ajat: painakaa *.",
		"Myöhemmät ajat: painakaa tähteä.",
	},
	{
		"one minute", "en",
		ivr.Prompt{Name: "press_wait", N: 1, Key: "3"},
		"To wait for a person, at most 1 minute, press 3.",
		"To wait for a person, at most one minute, press three.",
	},
	{
		"more than an hour", "en",
		ivr.Prompt{Name: "press_wait", N: 65, Key: "3"},
		"To wait for a person, at most 65 minutes, press 3.",
		"To wait for a person, at most sixty-five minutes, press three.",
	},
	{
		"many minutes", "fi",
		ivr.Prompt{Name: "press_wait", N: 25, Key: "3"},
		"Odotus, enintään 25 minuuttia: painakaa 3.",
		"Odotus, enintään kaksikymmentäviisi minuuttia: painakaa numeroa kolme.",
	},
	{
		"number", "en",
		ivr.Prompt{Name: "number_is", Digits: "0401234217"},
		"We will call this number: 040 123 4217.",
		"We will call this number: zero four zero, one two three, four two one seven.",
	},
	{
		"foreign number", "fi",
		ivr.Prompt{Name: "number_is", Digits: "+420601234567"},
		"Soitamme tähän numeroon: +420 601 234 567.",
		"Soitamme tähän numeroon: plus neljä kaksi nolla, kuusi nolla yksi, kaksi kolme neljä, viisi kuusi seitsemän.",
	},
	{
		"next week", "en",
		ivr.Prompt{Name: "booked", At: at(8, 12, 0), Now: now},
		"Thank you. We will call you on Tuesday 8 December at 12:00.",
		"Thank you. We will call you on Tuesday the eighth of December at twelve noon.",
	},
	{
		"next week", "fi",
		ivr.Prompt{Name: "booked", At: at(22, 9, 30), Now: now},
		"Kiitos. Soitamme teille tiistaina 22.12. klo 9.30.",
		"Kiitos. Soitamme teille tiistaina kahdentenakymmenentenätoisena joulukuuta kello yhdeksän kolmekymmentä.",
	},
	{
		"offer", "cs",
		ivr.Prompt{Name: "offer", Key: "2", At: at(2, 14, 15), Now: now},
		"Chcete-li hovor zítra ve 14:15, stiskněte 2.",
		"Chcete-li hovor zítra ve čtrnáct hodin patnáct minut, stiskněte dvojku.",
	},
	{
		"few minutes", "cs",
		ivr.Prompt{Name: "press_wait", N: 2, Key: "#"},
		"Chcete-li čekat, nejvýše 2 minuty, stiskněte #.",
		"Chcete-li čekat, nejvýše dvě minuty, stiskněte křížek.",
	},
	{
		"offer", "el",
		ivr.Prompt{Name: "offer", Key: "3", At: at(7, 13, 30), Now: now},
		"Για κλήση Δευ 7/12 στις 13:30, πατήστε 3.",
		"Για κλήση τη Δευτέρα στη μία και μισή το μεσημέρι, πατήστε το τρία.",
	},
	{
		"offer", "ro",
		ivr.Prompt{Name: "offer", Key: "1", At: at(1, 22, 2), Now: now},
		"Pentru un apel astăzi la 22:02, apăsați 1.",
		"Pentru un apel astăzi la ora douăzeci și două și două, apăsați tasta unu.",
	},
	{
		"many minutes", "ro",
		ivr.Prompt{Name: "press_wait", N: 22, Key: "1"},
		"Pentru a aștepta, cel mult 22 de minute, apăsați 1.",
		"Pentru a aștepta, cel mult douăzeci și două de minute, apăsați tasta unu.",
	},
	{
		"one minute", "ro",
		ivr.Prompt{Name: "press_wait", N: 1, Key: "1"},
		"Pentru a aștepta, cel mult un minut, apăsați 1.",
		"Pentru a aștepta, cel mult un minut, apăsați tasta unu.",
	},
	{
		"offer", "cy",
		ivr.Prompt{Name: "offer", Key: "2", At: at(3, 15, 30), Now: now},
		"I gael galwad drennydd am 15:30, pwyswch 2.",
		"I gael galwad drennydd am hanner awr wedi tri y prynhawn, pwyswch y rhif dau.",
	},
	{
		"many minutes", "cy",
		ivr.Prompt{Name: "press_wait", N: 25, Key: "*"},
		"I aros, 25 munud ar y mwyaf, pwyswch *.",
		"I aros, dau ddeg pum munud ar y mwyaf, pwyswch y seren.",
	},
	{
		"no key", "en",
		ivr.Prompt{Name: "option", Text: "billing"},
		"For billing.", "For billing.",
	},
	{
		"reminder", "en",
		ivr.Prompt{Name: "text_reminder", At: at(1, 9, 0), Now: now},
		"A reminder: we will call you today at 9:00.",
		"A reminder: we will call you today at nine o'clock in the morning.",
	},
	{
		"supervisor's own", "en",
		ivr.Prompt{Text: "We are at 12 Main Street."},
		"We are at 12 Main Street.", "We are at twelve Main Street.",
	},
	{
		"unknown language", "tlh", ivr.Prompt{Name: "thanks"}, "Thank you.", "Thank you.",
	},
	{
		"unknown name", "fi", ivr.Prompt{Name: "no_such_prompt"}, "no_such_prompt", "no_such_prompt",
	},
}

func TestText(t *testing.T) {
	for _, tt := range promptTexts {
		t.Run(tt.lang+" "+tt.name, func(t *testing.T) {
			if got := Text(tt.lang, tt.prompt); got != tt.text {
				t.Errorf("Text\n got %q\nwant %q", got, tt.text)
			}
			if got := Words(tt.lang, tt.prompt); got != tt.words {
				t.Errorf("Words\n got %q\nwant %q", got, tt.words)
			}
		})
	}
}
