package texts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback/texts"
	"github.com/holdless/holdless/ivr"
)

// names writes a prompt as its name.
func names(_ string, p ivr.Prompt) string { return p.Name }

// dear bills one message, and one more for each of some words.
func dear(words ...string) func(string) int {
	return func(body string) int {
		n := 1
		for _, w := range words {
			if strings.Contains(body, w) {
				n++
			}
		}
		return n
	}
}

// A text about a promise is said in the way that is billed as the fewest
// messages, the wordiest of those; digits and link are always there.
func TestFewestMessages(t *testing.T) {
	t.Parallel()
	const link = "https://x.example/c/abc"
	tests := []struct {
		name     string
		text     string
		link     string
		messages func(string) int
		want     string
	}{
		{"room for all", "text_booked", link, nil, "text_booked text_answers " + link},
		{"room for few words how to answer", "text_booked", link, dear("text_answers"), "text_booked text_brief_answers " + link},
		{"room for few words", "text_booked", link, dear("text_answers", "text_booked"), "text_brief_booked text_brief_answers " + link},
		{"room for nothing", "text_booked", link, dear(link), "text_booked text_answers " + link},
		{"no pages", "text_booked", "", dear("text_answers"), "text_booked text_answers"},
		{"nothing is asked", "text_kept", "", nil, "text_kept"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := texts.Writer{Text: names, Messages: tt.messages}
			if got := w.Wording("en", ivr.Prompt{Name: tt.text}, tt.link); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What asks for digits takes the digits that its words name.
func TestDigits(t *testing.T) {
	t.Parallel()
	for question, want := range map[string][]int{
		texts.AskPromise: {1, 2, 9}, texts.AskAgain: {1, 2}, texts.AskCutOff: {1}, texts.AskTimes: {1, 2, 3},
	} {
		if got := texts.Digits(question, 3); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", question, got, want)
		}
	}
}
