package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback/texts"

	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/sounds"
)

// Every text that ships fits one message in every language, at its longest,
// without losing a letter.
func TestTextsFitOneMessage(t *testing.T) {
	t.Parallel()
	for _, b := range bills(sounds.Languages(), nil, "") {
		if b.segments != 1 {
			n, most := b.letters()
			t.Errorf("%s in %s takes %d messages: %d letters of %d, with %q: %s", b.Name, b.lang, b.segments, n, most, sms.Dear(b.Body), b.Body)
		}
		if strings.ContainsAny(b.Body, "{}") || strings.HasPrefix(b.Body, "text_") {
			t.Errorf("%s in %s: %q", b.Name, b.lang, b.Body)
		}
	}
}

// None of our texts asks for a word on which carriers act.
func TestTextsAskForNoWordOfCarriers(t *testing.T) {
	t.Parallel()
	for _, b := range bills(sounds.Languages(), nil, "") {
		for _, word := range strings.FieldsFunc(strings.ToUpper(b.Body), func(r rune) bool { return strings.ContainsRune(" .,:;?!()", r) }) {
			switch word {
			case "STOP", "STOPALL", "CANCEL", "END", "QUIT", "YES", "UNSUBSCRIBE", "REVOKE", "OPTOUT", "START", "UNSTOP":
				t.Errorf("%s in %s says %s: %s", b.Name, b.lang, word, b.Body)
			}
		}
	}
}

// The tables of the manual are what the texts really cost.
func TestTextsInTheManual(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/texts.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		textTable(bills(sounds.Languages(), nil, "")),
		textTable(linkedTexts(false)), textTable(linkedTexts(true)),
	} {
		if !strings.Contains(string(src), want) {
			t.Errorf("docs/texts.md has another table; put this there:\n%s", want)
		}
	}
}

// textTable lists the texts by language, with their letters at the longest and
// how many fit the messages that they take.
func textTable(all []bill) string {
	langs := []string{"en", "fi", "cy", "cs", "el", "ro", "sv"}
	var names []string
	cells := map[string]string{}
	for _, b := range all {
		n, most := b.letters()
		if b.segments == 2 { // UCS-2 has 67 letters in each of several
			most = 134
		}
		if b.lang == langs[0] {
			names = append(names, b.Name)
		}
		cells[b.Name+b.lang] = fmt.Sprintf("%d/%d", n, most)
	}
	table := "| text | " + strings.Join(langs, " | ") + " |\n|---" + strings.Repeat("|---", len(langs)) + "|\n"
	for _, name := range names {
		table += "| `" + name + "` |"
		for _, lang := range langs {
			table += " " + cells[name+lang] + " |"
		}
		table += "\n"
	}
	return table
}

func TestCheckCountsTexts(t *testing.T) {
	t.Parallel()
	file := written(t, "languages: [en, cs]\n")
	_, out, _ := holdless(t, "check", "-c", file)
	for _, want := range []string{"texts in en: all of", "texts in cs: all of", "letters of 70"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	_, out, _ = holdless(t, "check", "--texts", "-c", file)
	for _, want := range []string{"FORCES UCS-2", "zavoláme vám so", "íá", "Budeme volat 10.10. 20:45. 2: posun, 9: nevolat. https://cb.example.org/c/"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}

// longHost is an address as long as most.
const longHost = "https://calls.example.com"

// linkedTexts writes every text about a promise at its longest, with what each
// costs.
func linkedTexts(fold bool) []bill {
	var folded []string
	if fold {
		folded = sms.Foldable()
	}
	return slices.DeleteFunc(bills(sounds.Languages(), folded, longHost), func(b bill) bool {
		return !slices.Contains(texts.Confirmations(), b.Name)
	})
}

// Whatever is told of a promise has a link to its page and the digits that
// answer it, in one message; Greek, which has no letters in common with the
// cheap alphabet, takes two unless it is folded.
func TestEveryConfirmationHasLinkAndDigits(t *testing.T) {
	t.Parallel()
	for _, fold := range []bool{true, false} {
		for _, b := range linkedTexts(fold) {
			want := 1
			if b.lang == "el" && !fold {
				want = 2
			}
			n, most := b.letters()
			t.Logf("%s %s folded %t: %d messages, %d letters of %d: %s", b.lang, b.Name, fold, b.segments, n, most, b.Body)
			if b.segments != want {
				t.Errorf("%s in %s, folded %t, takes %d messages, want %d", b.Name, b.lang, fold, b.segments, want)
			}
			digits := []string{"2", "9"}
			if b.Name == "text_cancelled" || b.Name == "text_unreached" {
				digits = []string{"1"}
			}
			words, link, _ := strings.Cut(b.Body, longHost+"/c/")
			words = regexp.MustCompile(`\d+[./]\d+|\d+[.:]\d+|\d+ [A-Z][a-z]`).ReplaceAllString(words, "") // times and dates
			for _, digit := range digits {
				if !strings.Contains(words, digit) || len(link) != 12 {
					t.Errorf("%s in %s, folded %t, has no %s, or the link %q: %s", b.Name, b.lang, fold, digit, link, b.Body)
				}
			}
		}
	}
}
