package twiliosim

import (
	"strings"
	"testing"
)

func TestVocabulary(t *testing.T) {
	t.Parallel()
	words, err := loadVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, doc string
		wrong     int
	}{
		{"good", `<Response><Say language="fi-FI">Hei</Say></Response>`, 0},
		{"empty attributes", `<Response><Gather finishOnKey=""/><Dial><Conference waitUrl="">x</Conference></Dial></Response>`, 0},
		{"list", `<Response><Dial><Conference beep="onEnter" statusCallbackEvent="start end join leave">x</Conference></Dial></Response>`, 0},
		{"SSML", `<Response><Say>A<break time="1s"/><lang xml:lang="cy-GB">Bore da</lang></Say></Response>`, 0},
		{"language of two letters", `<Response><Say language="fi">Hei</Say></Response>`, 1},
		{"number in words", `<Response><Gather numDigits="one"/></Response>`, 1},
		{"negative number", `<Response><Gather timeout="-1"/></Response>`, 1},
		{"attribute in small letters", `<Response><Gather numdigits="1"/></Response>`, 1},
		{"dial within gather", `<Response><Gather><Dial>+1</Dial></Gather></Response>`, 1},
		{"record within gather", `<Response><Gather><Record/></Gather></Response>`, 1},
		{"yes for true", `<Response><Dial answerOnBridge="yes">+1</Dial></Response>`, 1},
		{"list with commas", `<Response><Dial><Conference statusCallbackEvent="start,end">x</Conference></Dial></Response>`, 1},
		{"verb in small letters", `<Response><say>x</say></Response>`, 2},
		{"break in capitals", `<Response><Say><Break time="1s"/></Say></Response>`, 2},
		{"lang without xml", `<Response><Say><lang lang="cy-GB">Bore da</lang></Say></Response>`, 1},
		{"text where none may be", `<Response>Hello<Hangup/></Response>`, 1},
		{"not well formed", `<Response><Say>a & b</Say></Response>`, 1},
		{"two roots", `<Response/><Response/>`, 1},
		{"root in small letters", `<response/>`, 2},
		{"nothing", ``, 1},
		{"text of a message in a call", `<Response><Message>x</Message></Response>`, 2},
		{"broken characters", "<Response><Say>a\uFFFDb</Say></Response>", 1},
		{"too long", `<Response><Say>` + strings.Repeat("a", 64<<10) + `</Say></Response>`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := words.check("voice", tt.doc); len(got) != tt.wrong {
				t.Errorf("found %q, want %d", got, tt.wrong)
			}
		})
	}
}

// TestData: what the generators have taken is all there.
func TestData(t *testing.T) {
	t.Parallel()
	words, err := loadVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	attrs := 0
	for _, e := range words.Roots["voice"] {
		attrs += len(e.Attrs)
	}
	got := []int{len(words.Roots["voice"]), attrs, len(words.Roots["messaging"]), len(words.Types["SayLanguage"])}
	for i, want := range []int{58, 283, 5, 69} {
		if got[i] != want {
			t.Errorf("the vocabulary has %v, want 58 elements, 283 attributes, 5 elements of texts, 69 languages", got)
			break
		}
	}
}

func BenchmarkVocabulary(b *testing.B) {
	words, err := loadVocabulary()
	if err != nil {
		b.Fatal(err)
	}
	doc := `<Response><Gather numDigits="1" action="/x" finishOnKey=""><Say language="fi-FI">Hei</Say></Gather><Redirect>/x</Redirect></Response>`
	for b.Loop() {
		if len(words.check("voice", doc)) != 0 {
			b.Fatal("the document is not good")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := readContract(); err != nil {
			b.Fatal(err)
		}
		if _, err := readVocabulary(); err != nil {
			b.Fatal(err)
		}
	}
}
