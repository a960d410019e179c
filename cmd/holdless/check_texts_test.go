package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/sounds"
)

// Every text that ships fits one message in every language, at its longest,
// without losing a letter.
func TestTextsFitOneMessage(t *testing.T) {
	t.Parallel()
	for _, b := range bills(sounds.Languages(), nil) {
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
	for _, b := range bills(sounds.Languages(), nil) {
		for _, word := range strings.FieldsFunc(strings.ToUpper(b.Body), func(r rune) bool { return strings.ContainsRune(" .,:;?!()", r) }) {
			switch word {
			case "STOP", "STOPALL", "CANCEL", "END", "QUIT", "YES", "UNSUBSCRIBE", "REVOKE", "OPTOUT", "START", "UNSTOP":
				t.Errorf("%s in %s says %s: %s", b.Name, b.lang, word, b.Body)
			}
		}
	}
}

// The table of the manual is what the texts really cost.
func TestTextsInTheManual(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/texts.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := textTable(); !strings.Contains(string(src), want) {
		t.Errorf("docs/texts.md has another table; put this there:\n%s", want)
	}
}

// textTable lists the texts by language, with their letters at the longest.
func textTable() string {
	langs := []string{"en", "fi", "cy", "cs", "el", "ro"}
	rows := map[string][]string{}
	var names []string
	for _, lang := range langs {
		for _, b := range bills([]string{lang}, nil) {
			if lang == langs[0] {
				names = append(names, b.Name)
			}
			n, most := b.letters()
			rows[b.Name] = append(rows[b.Name], fmt.Sprintf("%d/%d", n, most))
		}
	}
	table := "| text | " + strings.Join(langs, " | ") + " |\n|---" + strings.Repeat("|---", len(langs)) + "|\n"
	for _, name := range names {
		table += "| `" + name + "` | " + strings.Join(rows[name], " | ") + " |\n"
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
	for _, want := range []string{"FORCES UCS-2", "Zavoláme", "áý"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}
