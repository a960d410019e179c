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
		{"Pět", "cs", "5"},
		{"ČTYŘI", "cs", "4"},
		{"ctyri", "cs", "4"},
		{"c\u030ctyr\u030ci", "cs", "4"},
		{"dvě, čekal jsem dlouho", "cs", "2"},
		{"4 z 5", "cs", "4"},
		{"5 z 10", "cs", ""},
		{"ne 5", "cs", ""},
		{"dávám 4", "cs", "4"},
		{"jednička", "cs", "1"},
		{"Čekal jsem 5 minut a nic", "cs", ""},
		{"Zrušit", "cs", "stop"},
		{"Odhlásit", "cs", "stop"},
		{"už neposílat", "cs", "stop"},
		{"Přestaňte mi psát", "cs", "stop"},
		{"Prosím nepište mi zprávy", "cs", "stop"},
		{"konec hovoru byl rychlý", "cs", ""},
		{"πέντε", "el", "5"},
		{"ΠΕΝΤΕ", "el", "5"},
		{"πεντε ευχαριστώ", "el", "5"},
		{"τρεις", "el", "3"},
		{"4 στα 5", "el", "4"},
		{"δεν 5", "el", ""},
		{"Περίμενα 5 λεπτά", "el", ""},
		{"Διακοπή", "el", "stop"},
		{"ΣΤΟΠ", "el", "stop"},
		{"τέλος", "el", "stop"},
		{"Σταματήστε τα μηνύματα", "el", "stop"},
		{"μη μου στέλνετε", "el", "stop"},
		{"pump", "cy", "5"},
		{"pump", "en", ""},
		{"Pedwar, diolch", "cy", "4"},
		{"pedair", "cy", "4"},
		{"4 allan o 5", "cy", "4"},
		{"ddim 5", "cy", ""},
		{"Stopio", "cy", "stop"},
		{"Diwedd", "cy", "stop"},
		{"Peidiwch â thecstio", "cy", "stop"},
		{"dim mwy", "cy", "stop"},
		{"cinci", "ro", "5"},
		{"două", "ro", "2"},
		{"Patru, mulțumesc", "ro", "4"},
		{"4 din 5", "ro", "4"},
		{"4 din 10", "ro", ""},
		{"nu 5", "ro", ""},
		{"Oprește", "ro", "stop"},
		{"OPREŞTE", "ro", "stop"},
		{"dezabonare", "ro", "stop"},
		{"nu mai trimiteți mesaje", "ro", "stop"},
		{"Opriți mesajele", "ro", "stop"},
		{"vitonen", "fi", "5"},
		{"nelonen", "fi", "4"},
		{"cancel", "fi", "stop"},
		{"cancel my call please", "en", ""},
		{"end of story: bad", "en", ""},
		{"unsubscribe me now", "ro", "stop"},
		{"five", "el", "5"},
		{"p\u00ebnte", "el", ""},
		{"+5", "en", "5"},
		{"5.", "en", "5"},
		{"5.0", "en", ""},
		{"-1", "en", "1"},
		{"1/5", "en", "1"},
		{"5/", "en", "5"},
		{"/5", "en", "5"},
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

func TestWishes(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"HELP", "info", "Apua!", "pomoc", "Βοήθεια", "cymorth", "ajutor"} {
		if !WantsHelp(body) || WantsStop(body) || WantsStart(body) {
			t.Errorf("%q is no call for help", body)
		}
	}
	for _, body := range []string{"START", "unstop."} {
		if !WantsStart(body) || WantsStop(body) || WantsHelp(body) {
			t.Errorf("%q is no start", body)
		}
	}
	for _, body := range []string{"", "help me please", "yes", "5", "start again"} {
		if WantsHelp(body) || WantsStart(body) || WantsStop(body) {
			t.Errorf("%q was taken for more than it is", body)
		}
	}
}

func TestReadNumber(t *testing.T) {
	t.Parallel()
	keys := []int{1, 2, 9}
	for body, want := range map[string]int{"2": 2, "Kaksi kiitos": 2, " 9.": 9, "nine": 9, "3": 0, "1 tai 2": 0, "hei": 0, "": 0, "0": 0} {
		n, ok := ReadNumber(body, "fi", keys)
		if ok != (want != 0) || ok && n != want {
			t.Errorf("%q: got %d, %t, want %d", body, n, ok, want)
		}
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
