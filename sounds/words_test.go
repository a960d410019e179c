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

// written reports whether a name is sent by text, where length costs.
func written(name string) bool {
	return strings.HasPrefix(name, onlyWritten) || slices.Contains([]string{"csat", "nps", "ces", "solved", "went_wrong", "texts_stop", "survey_close"}, name)
}
