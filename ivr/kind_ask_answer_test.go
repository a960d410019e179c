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
		lang string
		want string // a number, "stop", or "" for unclear
		in   []string
	}{
		{"en", "1", []string{"1 star", "-1", "1/5"}},
		{"en", "3", []string{"3 because of 2 transfers"}},
		{"en", "4", []string{"4 great thanks", "4, great thanks", "4-great", "4 / 5", "4 out of 5", "⭐⭐⭐⭐", "I give 4"}},
		{"en", "5", []string{"5", " 5 ", "5!!", "five", "Five.", "5/5", "5 of 5", "5 5 5", "５", "5️⃣", "⑤", "٥", "⭐️⭐️⭐️⭐️⭐️"}},
		{"en", "5", []string{"5 but I had to wait 20 minutes", "+5", "5.", "5/", "/5"}},
		{"en", "", []string{"10/10", "4/10", "4.5", "1-5", "1 or 2", "3 4", "7", "55", "⭐⭐⭐⭐⭐⭐", "👍", "", "???", "no", "call me back"}},
		{"en", "", []string{"The agent did not stop interrupting", "Anna was great", "I waited 5 minutes", "not 5", "neljä", "99999999999999999999"}},
		{"en", "", []string{"pump", "cancel my call please", "end of story: bad", "5.0"}},
		{"en", "stop", []string{"0", "STOP", "Stop.", "sToP!", "\"stop\"", "opt out", "Opt-Out", "Unsubscribe", "revoke", "stop texting me"}},
		{"en", "stop", []string{"Please stop sending messages", "stop 5", "no more surveys", "Don’t text me"}},
		{"fi", "4", []string{"neljä kiitos", "NELJÄ", "nelja\u0308", "annan 4", "four", "nelonen"}},
		{"fi", "5", []string{"viisi", "vitonen"}},
		{"fi", "", []string{"4,5", "Odotin 2 päivää ja silti ei apua"}},
		{"fi", "stop", []string{"LOPETA", "Lopettakaa nämä viestit", "ei enää viestejä", "Ei viestejä!", "stop", "cancel"}},
		{"cs", "1", []string{"jednička"}},
		{"cs", "2", []string{"dvě, čekal jsem dlouho"}},
		{"cs", "4", []string{"ČTYŘI", "ctyri", "c\u030ctyr\u030ci", "4 z 5", "dávám 4"}},
		{"cs", "5", []string{"Pět"}},
		{"cs", "", []string{"5 z 10", "ne 5", "Čekal jsem 5 minut a nic", "konec hovoru byl rychlý"}},
		{"cs", "stop", []string{"Zrušit", "Odhlásit", "už neposílat", "Přestaňte mi psát", "Prosím nepište mi zprávy"}},
		{"el", "3", []string{"τρεις"}},
		{"el", "4", []string{"4 στα 5"}},
		{"el", "5", []string{"πέντε", "ΠΕΝΤΕ", "πεντε ευχαριστώ", "five"}},
		{"el", "", []string{"δεν 5", "Περίμενα 5 λεπτά", "p\u00ebnte"}},
		{"el", "stop", []string{"Διακοπή", "ΣΤΟΠ", "τέλος", "Σταματήστε τα μηνύματα", "μη μου στέλνετε"}},
		{"cy", "4", []string{"Pedwar, diolch", "pedair", "4 allan o 5"}},
		{"cy", "5", []string{"pump"}},
		{"cy", "", []string{"ddim 5"}},
		{"cy", "stop", []string{"Stopio", "Diwedd", "Peidiwch â thecstio", "dim mwy"}},
		{"ro", "2", []string{"două"}},
		{"ro", "4", []string{"Patru, mulțumesc", "4 din 5"}},
		{"ro", "5", []string{"cinci"}},
		{"ro", "", []string{"4 din 10", "nu 5"}},
		{"ro", "stop", []string{"Oprește", "OPREŞTE", "dezabonare", "nu mai trimiteți mesaje", "Opriți mesajele", "unsubscribe me now"}},
	} {
		for _, in := range tt.in {
			a := readAnswer(in, tt.lang, oneToFive)
			got := a.value
			if a.stop {
				got = "stop"
			}
			if got != tt.want || a.given != (tt.want != "" && tt.want != "stop") {
				t.Errorf("%q (%s): got %+v, want %q", in, tt.lang, a, tt.want)
			}
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
