package articles

import (
	"fmt"
	"strings"
	"testing"
)

func book() Book {
	return Book{
		Checklists: map[string][]string{"billing": {"Ask for the number of the invoice."}},
		Articles: map[string]Article{
			"late":    {Title: "The invoice is overdue", Topics: []string{"billing"}, Tags: []string{"reminder", "Mahnung"}, Text: "We send two reminders."},
			"address": {Title: "A new address", Topics: []string{"delivery"}, Tags: []string{"move", "přestěhování"}, Text: "Ask for the invoice."},
			"cold":    {Title: "Winter", Tags: []string{"snow"}, Text: "Roads may be closed."},
		},
	}
}

func names(hits []Hit) string {
	var all []string
	for _, h := range hits {
		all = append(all, h.Name)
	}
	return strings.Join(all, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, words, want string }{
		{"a tag", "reminder", "late"},
		{"the beginning of a tag, without marks", "prestehov", "address"},
		{"the title before the text", "invoice", "late address"},
		{"a matter", "deliv", "address"},
		{"all words", "invoice two", "late"},
		{"a word that is nowhere", "invoice moon", ""},
		{"not the inside of a word", "voice", ""},
		{"no words", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(book().Find(tt.words)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFindWithoutMarks has people type words as they do on keyboards of others,
// in each language: articles and words fold alike.
func TestFindWithoutMarks(t *testing.T) {
	t.Parallel()
	tests := []struct{ lang, text, typed string }{
		{"en", "Café opening naïve", "cafe naive"},
		{"fi", "Päivitä yhteystiedot, Åbo ja Öljy", "paivita abo oljy"},
		{"cs", "Přestěhování žlutého koně do řeky", "prestehovani zluteho rek"},
		{"el", "Ο λογαριασμός σας και η ΔΙΕΎΘΥΝΣΗ, προϊόν", "λογαριασμοσ διευθυνση προιον"},
		{"cy", "Tŷ newydd ar ŵyl yr Ŷd", "ty wyl yd"},
		{"ro", "Plată și ştergere în țară, ţeapă", "plata si stergere tara teapa"},
		{"sv", "Återbetalning på räkning över året", "aterbetalning rakning over aret"},
	}
	for _, tt := range tests {
		t.Run(tt.lang, func(t *testing.T) {
			t.Parallel()
			b := Book{Articles: map[string]Article{"one": {Title: "x", Text: tt.text}, "other": {Title: "y", Text: "z"}}}
			for _, words := range []string{tt.typed, strings.ToUpper(tt.typed), tt.text} {
				if got := names(b.Find(words)); got != "one" {
					t.Errorf("%q finds %q", words, got)
				}
			}
		})
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	if got := names(book().About("billing", "")); got != "late" {
		t.Errorf("of a topic: %q", got)
	}
	if got := names(book().About("", "the winter roads may be closed")); got != "" {
		t.Errorf("words of the text, and no keyword: %q", got)
	}
	if got := names(book().About("billing", "he speaks of snow")); got != "cold late" {
		t.Errorf("with a keyword: %q", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := book().Check(); err != nil {
		t.Fatal(err)
	}
	b := book()
	b.Checklists["billing"] = []string{"", strings.Repeat("x", 121)}
	b.Checklists["none"] = nil
	b.Articles["bare"] = Article{Title: "Bare", Text: "x"}
	b.Articles["late"] = Article{Title: strings.Repeat("x", 81), Tags: []string{"a", "", "Á"}}
	err := fmt.Sprint(b.Check())
	for _, want := range []string{
		"checklists.billing[0]: a step has", "checklists.billing[1]: a step has", "checklists.none: it has 0 steps",
		"articles.bare: without tags and topics nobody finds it",
		"articles.late.title: it has 1 to 80 characters, not 81", "articles.late.text: ", "articles.late.tags[1]: it is empty",
		`articles.late.tags[2]: "Á" is here twice`,
	} {
		if !strings.Contains(err, want) {
			t.Errorf("got\n%s\nwant %s", err, want)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	got := book().Topics()
	if got["billing"] != "checklists.billing" || got["delivery"] != "articles.address.topics[0]" || len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
