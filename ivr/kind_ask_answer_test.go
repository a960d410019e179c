package ivr

import (
	"strconv"
	"testing"
)

var (
	oneToFive = []int{1, 2, 3, 4, 5}
	zeroToTen = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
)

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, lang string
		want     string // a number, "stop", or "" for unclear
	}{
		{"5", "en", "5"},
		{" 5 ", "en", "5"},
		{"5!!", "en", "5"},
		{"five", "en", "5"},
		{"Five.", "en", "5"},
		{"4 great thanks", "en", "4"},
		{"4, great thanks", "en", "4"},
		{"4-great", "en", "4"},
		{"5/5", "en", "5"},
		{"4 / 5", "en", "4"},
		{"4 out of 5", "en", "4"},
		{"5 of 5", "en", "5"},
		{"10/10", "en", ""},
		{"4/10", "en", ""},
		{"4.5", "en", ""},
		{"4,5", "fi", ""},
		{"1-5", "en", ""},
		{"1 or 2", "en", ""},
		{"3 4", "en", ""},
		{"7", "en", ""},
		{"55", "en", ""},
		{"5 5 5", "en", "5"},
		{"５", "en", "5"},
		{"5️⃣", "en", "5"},
		{"⑤", "en", "5"},
		{"٥", "en", "5"},
		{"⭐⭐⭐⭐", "en", "4"},
		{"⭐️⭐️⭐️⭐️⭐️", "en", "5"},
		{"⭐⭐⭐⭐⭐⭐", "en", ""},
		{"👍", "en", ""},
		{"", "en", ""},
		{"???", "en", ""},
		{"1 star", "en", "1"},
		{"no", "en", ""},
		{"call me back", "en", ""},
		{"The agent did not stop interrupting", "en", ""},
		{"Anna was great", "en", ""},
		{"I waited 5 minutes", "en", ""},
		{"I give 4", "en", "4"},
		{"not 5", "en", ""},
		{"5 but I had to wait 20 minutes", "en", "5"},
		{"3 because of 2 transfers", "en", "3"},
		{"viisi", "fi", "5"},
		{"neljä kiitos", "fi", "4"},
		{"NELJÄ", "fi", "4"},
		{"nelja\u0308", "fi", "4"},
		{"annan 4", "fi", "4"},
		{"four", "fi", "4"},
		{"neljä", "en", ""},
		{"Odotin 2 päivää ja silti ei apua", "fi", ""},
		{"99999999999999999999", "en", ""},
		{"0", "en", "stop"},
		{"STOP", "en", "stop"},
		{"Stop.", "en", "stop"},
		{"sToP!", "en", "stop"},
		{"\"stop\"", "en", "stop"},
		{"opt out", "en", "stop"},
		{"Opt-Out", "en", "stop"},
		{"Unsubscribe", "en", "stop"},
		{"revoke", "en", "stop"},
		{"stop texting me", "en", "stop"},
		{"Please stop sending messages", "en", "stop"},
		{"stop 5", "en", "stop"},
		{"no more surveys", "en", "stop"},
		{"Don’t text me", "en", "stop"},
		{"LOPETA", "fi", "stop"},
		{"Lopettakaa nämä viestit", "fi", "stop"},
		{"ei enää viestejä", "fi", "stop"},
		{"Ei viestejä!", "fi", "stop"},
		{"stop", "fi", "stop"},
	} {
		a := readAnswer(tt.in, tt.lang, oneToFive)
		got := a.value
		if a.stop {
			got = "stop"
		}
		if got != tt.want || a.given != (tt.want != "" && tt.want != "stop") {
			t.Errorf("%q (%s): got %+v, want %q", tt.in, tt.lang, a, tt.want)
		}
	}
}

func TestReadAnswerToTen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{{"10", "10"}, {"0", "0"}, {"11", ""}, {"ten", "10"}, {"9/10", "9"}, {"kymmenen", "10"}} {
		if a := readAnswer(tt.in, "fi", zeroToTen); a.value != tt.want || a.given != (tt.want != "") {
			t.Errorf("%q: got %+v, want %q", tt.in, a, tt.want)
		}
	}
}

// TestReadAnswerKeepsWords: what is said beside the number is for a person.
func TestReadAnswerKeepsWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, words string }{
		{"4", ""}, {"4/5", ""}, {"4 thanks", "4 thanks"}, {"4/5 thanks", "4/5 thanks"}, {" Anna was great ", "Anna was great"},
	} {
		if a := readAnswer(tt.in, "en", oneToFive); a.words != tt.words {
			t.Errorf("%q: got %q, want %q", tt.in, a.words, tt.words)
		}
	}
	if a := readAnswer(" fine ", "en", nil); !a.given || a.value != "fine" {
		t.Errorf("any words: got %+v", a)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add("5 ok", "en")
	f.Add("4 out of 5, kiitos", "fi")
	f.Fuzz(func(t *testing.T, body, lang string) {
		a := readAnswer(body, lang, oneToFive)
		n, err := strconv.Atoi(a.value)
		if a.given && (err != nil || n < 1 || n > 5) {
			t.Fatalf("%q: got %+v", body, a)
		}
	})
}
