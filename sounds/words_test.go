package sounds

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

var helsinki = time.FixedZone("EET", 2*3600)

// now is a Tuesday.
var now = time.Date(2026, 12, 1, 8, 0, 0, 0, helsinki)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 12, day, hour, minute, 0, 0, helsinki)
}

// full fills every hole.
func full(name string) ivr.Prompt {
	return ivr.Prompt{
		Name: name, Text: "Konstantina Papadopoulou", Key: "1", Digits: "+358401234567",
		N: 5, At: at(10, 15, 30), Now: now,
	}
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	want := ivr.PromptNames()
	maps.Copy(want, MessageNames())
	for _, lang := range Languages() {
		phrases := maps.Clone(speaker(lang).phrases)
		if len(phrases[unsaid]) == 0 {
			t.Errorf("%s: no words for %q", lang, unsaid)
		}
		delete(phrases, unsaid)
		for name, holes := range want {
			slices.Sort(holes)
			switch p, ok := phrases[name]; {
			case !ok:
				t.Errorf("%s: no words for %q", lang, name)
			case !slices.Equal(p.holes(), holes):
				t.Errorf("%s: %q has the holes %q, want %q", lang, name, p.holes(), holes)
			}
			delete(phrases, name)
		}
		for name := range phrases {
			t.Errorf("%s: nothing says %q", lang, name)
		}
	}
}

// TestShippedMenusSpeakEverything: a menu that ships has words in every
// language, and the same number of them.
func TestShippedMenusSpeakEverything(t *testing.T) {
	for _, name := range []string{"main", "agent", "whisper", "customer", "desk", "survey", "survey_solved", "nps", "ces"} {
		m, err := ivr.Default(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Languages(); !slices.Equal(got, Languages()) {
			t.Errorf("%s speaks %q, want %q", name, got, Languages())
		}
		for _, lang := range Languages() {
			if got, want := len(m.Texts(lang)), len(m.Texts("en")); got != want {
				t.Errorf("%s: %d texts in %s, %d in English", name, got, lang, want)
			}
		}
	}
}

func TestEveryPluralForm(t *testing.T) {
	for _, lang := range Languages() {
		l := speaker(lang)
		need := map[grammar.Class]bool{}
		for n := range 200 {
			need[l.Plural(n)] = true
		}
		for name, p := range l.phrases {
			if len(p) == 1 {
				continue
			}
			for class := range need {
				if p[class] == nil {
					t.Errorf("%s: %q lacks the plural form %q", lang, name, class)
				}
			}
		}
	}
}

func TestSpeechHasNoFigures(t *testing.T) {
	figure := regexp.MustCompile(`[0-9{}|*#+]`)
	for _, lang := range Languages() {
		for name := range speaker(lang).phrases {
			p := full(name)
			p.Text = "room 12, from 9:05 to 17.00, +358 40 123"
			if got := Words(lang, p); figure.MatchString(got) || got == "" {
				t.Errorf("%s: %q is said as %q", lang, name, got)
			}
		}
	}
}

func TestMessagesFitOneText(t *testing.T) {
	for _, lang := range Languages() {
		for name := range speaker(lang).phrases {
			if !written(name) {
				continue
			}
			text := Text(lang, full(name))
			most := 160
			if strings.ContainsFunc(text, outsideGSM7) {
				most = 70 // of UCS-2; English and Finnish need none
			}
			if n := len([]rune(text)); n > most {
				t.Errorf("%s: %q has %d of %d characters: %q", lang, name, n, most, text)
			}
		}
	}
}

func outsideGSM7(r rune) bool { return !strings.ContainsRune(gsm7, r) }

// gsm7 is the basic character set of 3GPP TS 23.038, 6.2.1, as far as our
// languages need it.
const gsm7 = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
	"ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

func TestText(t *testing.T) {
	tests := []struct {
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
	for _, tt := range tests {
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

// written reports whether a name is sent by text, where length costs.
func written(name string) bool {
	return strings.HasPrefix(name, onlyWritten) || slices.Contains([]string{"csat", "nps", "ces", "solved", "went_wrong", "texts_stop", "survey_close"}, name)
}
